"""A time or a rhythm, as people type it: `9am`, `mon, fri 9:00`, `2h`, `工作日 9点`."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import BotError
from bot.features.newtask import chosen
from bot.features.newtask.spoken import CLOCK, DAY, WEEKDAY, clock_of, day_of, weekday_of
from core.task import Schedule

_NOW = frozenset({"now", "at once", "immediately", "right now", "现在", "立即", "马上", "立刻"})
_NUMBER = r"(?:\d{1,5}(?:\.\d)?|\ban?(?=\s)|\bhalf(?:\s+an?)?|半)"
_UNIT = (
    r"(?:m|mins?|minutes?|分钟?|h|hrs?|hours?|个?半?小时|个?半?钟头?|d|days?|天|日"
    r"|w|wks?|weeks?|周|个?星期|个?礼拜)"
)
_SPAN = rf"({_NUMBER})\s*({_UNIT})(?![a-z一二三四五六日])"
_LATER = re.compile(rf"\bin\s+{_SPAN}|{_SPAN}\s*(?:之后|以后|后|later|from now)", re.ASCII)
_EVERY = re.compile(
    rf"(?:\b(?:every|each)\b|每隔?|隔)?\s*{_SPAN}(?:\s*(\d{{1,2}})\s*(?:m|mins?|minutes?|分钟?)\b)?",
    re.ASCII,
)
_OFTEN = re.compile(
    r"(?:\b(?:every|each)\s+|每一?个?)(other\s+)?(minute|hour|day|week|分钟|小时|钟头|天|日|周|星期|礼拜)"
    r"(?![a-z一二三四五六日天1-7])|\b(hourly|daily|weekly)\b",
    re.ASCII,
)
CRON = re.compile(
    r"(?:cron\s+)?(@[a-z]+|[\d*][\d*,/\-]*(?:\s+[\d*,/\-a-z]+){4})", re.ASCII | re.IGNORECASE
)
_MONTHLY = re.compile(
    r"(?:每个?月|\b(?:monthly|every month|each month)\b)(?:\s+on)?(?:\s+the)?\s*"
    r"(\d{1,2})(?:st|nd|rd|th|号|日)?(?![:\d点])",
    re.ASCII,
)
_RANGE = re.compile(
    rf"({WEEKDAY})\s*(?:-|~|to|thru|through|至|到)\s*({WEEKDAY}|[一二三四五六日天])", re.ASCII
)
_MORE_DAYS = re.compile(
    r"(?:周|星期|礼拜)\s*([一二三四五六日天](?:\s*[、,/和与]?\s*[一二三四五六日天](?!月))+)",
    re.ASCII,
)
_GROUPS = (
    (
        re.compile(r"\bweek\s?days?\b|\bwork(?:ing)?\s?days?\b|工作日|平日", re.ASCII),
        (0, 1, 2, 3, 4),
    ),
    (re.compile(r"\bweek\s?ends?\b|周末|双休日", re.ASCII), (5, 6)),
)
_COMING = re.compile(rf"(?:\b(?:next|coming|this)\s+|下个?|这个?|本)\s*({WEEKDAY})", re.ASCII)
_FILLER = re.compile(
    r"\b(?:at|on|every|each|and|the|run|runs|start|starting|once|o'?clock|from|of|in|please|a)\b"
    r"|[,;，；、&/.]|每逢|每个?|逢|的|在|和|与|于|一次|运行|开始",
    re.ASCII,
)
_EVERY_DAY = frozenset(range(7))


@dataclass(slots=True)
class _Said:
    """What a text names; `rest` is what is not understood of it yet."""

    rest: str
    clocks: list[time] = field(default_factory=list)
    weekdays: set[int] = field(default_factory=set)
    day: date | None = None
    month_day: int | None = None
    every: timedelta | None = None
    later: timedelta | None = None

    def take(
        self, pattern: re.Pattern[str], use: Callable[[re.Match[str]], None], *, day: bool = False
    ) -> None:
        """Use each match, and take it out of the rest. Raises BotError for what cannot be."""
        for match in pattern.finditer(self.rest):
            try:
                use(match)
            except (ValueError, OverflowError):
                raise chosen.impossible(match[0], is_day=day) from None
        self.rest = pattern.sub(" ; ", self.rest)


def read_time(said: str, zone: ZoneInfo, now: datetime) -> Schedule:
    """The schedule of a plain text. Raises BotError that names what is not understood."""
    if said in _NOW:
        return Schedule()
    if match := CRON.fullmatch(said):
        return chosen.by_cron(match[1], zone)
    named = _read(said, now.astimezone(zone).date())
    rest = " ".join(_FILLER.sub(" ", named.rest).split())
    if rest or not said:
        raise BotError("wizard-when-not-understood", part=rest)
    return _schedule(named, said, zone, now)


def _read(said: str, today: date) -> _Said:
    named = _Said(rest=said)

    def on(days: str) -> None:
        named.weekdays.update(weekday_of(sign) for sign in re.sub(r"[^一二三四五六日天]", "", days))

    def between(match: re.Match[str]) -> None:
        first, last = weekday_of(match[1]), weekday_of(match[2])
        named.weekdays.update((first + step) % 7 for step in range((last - first) % 7 + 1))

    def coming(match: re.Match[str]) -> None:
        ahead = (weekday_of(match[1]) - today.weekday() - 1) % 7 + 1
        named.day = today + timedelta(days=ahead)

    def once(match: re.Match[str]) -> None:
        named.day = day_of(match[0], today)

    def later(match: re.Match[str]) -> None:
        number, unit = (match[1], match[2]) if match[1] else (match[3], match[4])
        named.later = _span(number, unit)

    def monthly(match: re.Match[str]) -> None:
        named.month_day = int(match[1])

    named.rest = re.sub(r"今晚", "今天晚上", re.sub(r"明晚", "明天晚上", named.rest))
    named.rest = re.sub(r"明早", "明天早上", named.rest)
    named.take(_MONTHLY, monthly)
    named.take(re.compile(DAY, re.ASCII), once, day=True)
    named.take(_LATER, later)
    named.take(_COMING, coming)
    named.take(_RANGE, between)
    named.take(_MORE_DAYS, lambda match: on(match[1]))
    for pattern, days in _GROUPS:
        named.take(pattern, lambda _, days=days: named.weekdays.update(days))  # type: ignore[misc]
    named.take(
        re.compile(WEEKDAY, re.ASCII), lambda match: named.weekdays.add(weekday_of(match[0]))
    )
    named.take(re.compile(CLOCK, re.ASCII), lambda match: named.clocks.append(clock_of(match[0])))
    _take_rhythm(named)
    return named


def _take_rhythm(named: _Said) -> None:
    """`every 2 hours`, `daily`, `每周`: every so often, or with a time every day or week."""

    def often(match: re.Match[str]) -> None:
        words = {"hourly": "hour", "daily": "day", "weekly": "week"}
        unit = words.get(match[3] or "", match[2] or "")
        if named.clocks and unit in {"day", "天", "日"} and not match[1]:
            named.weekdays.update(_EVERY_DAY)
        elif not (named.weekdays and unit in {"week", "周", "星期", "礼拜"} and not match[1]):
            named.every = _span("2" if match[1] else "1", unit)

    def every(match: re.Match[str]) -> None:
        named.every = _span(match[1], match[2]) + timedelta(minutes=int(match[3] or 0))

    named.take(_OFTEN, often)
    named.take(_EVERY, every)


def _schedule(named: _Said, said: str, zone: ZoneInfo, now: datetime) -> Schedule:
    once = [part for part in (named.day, named.later) if part is not None]
    rhythms = [part for part in (named.every, named.month_day) if part is not None]
    if len(once) + len(rhythms) + bool(named.weekdays) > 1 or (named.later and named.clocks):
        raise BotError("wizard-when-two-times", part=said)
    if named.every is not None:
        if named.clocks:
            weekly = named.every == timedelta(days=7)
            raise BotError("wizard-when-no-day" if weekly else "wizard-when-two-times", part=said)
        return chosen.every(named.every)
    if named.later is not None:
        return chosen.once(now + named.later, now)
    if not named.clocks:
        named_day = once or rhythms or named.weekdays
        key = "wizard-when-no-time" if named_day else "wizard-when-not-understood"
        raise BotError(key, part=said)
    if named.day is not None:
        if len(named.clocks) > 1:
            raise BotError("wizard-when-two-times", part=said)
        return chosen.once(_moment(named.day, named.clocks[0], zone), now)
    return _repeating(named, said, zone)


def _repeating(named: _Said, said: str, zone: ZoneInfo) -> Schedule:
    clocks = sorted(set(named.clocks))
    if len({at.minute for at in clocks}) > 1:
        raise BotError("wizard-when-two-times", part=said)
    days = named.weekdays or _EVERY_DAY
    if named.month_day is None and len(clocks) == 1 and days == _EVERY_DAY:
        return chosen.daily(clocks[0], zone)
    hours = ",".join(str(at.hour) for at in clocks)
    in_month = "*" if named.month_day is None else str(named.month_day)
    in_week = "*" if days == _EVERY_DAY else chosen.cron_days(days)
    return chosen.by_cron(f"{clocks[0].minute} {hours} {in_month} * {in_week}", zone)


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    try:
        return datetime.combine(day, at, zone)
    except OverflowError:
        raise BotError("wizard-no-such-day", day=day.isoformat()) from None


def _span(number: str, unit: str) -> timedelta:
    half = unit.replace("个", "")
    amount = (
        0.5
        if number.startswith("half") or number == "半"
        else 1.0
        if number[0] == "a"
        else float(number)
    )
    if half.startswith("半"):
        amount, half = amount + 0.5, half[1:]
    minutes = 1
    if half[0] == "h" or half in {"小时", "钟头", "钟"}:
        minutes = 60
    elif half[0] in "d天日":
        minutes = 24 * 60
    elif half[0] in "w周星礼":
        minutes = 7 * 24 * 60
    return timedelta(minutes=round(amount * minutes))
