"""What may be typed into the wizard. Each reader raises BotError with what is expected instead."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import BotError
from core.clock import to_milliseconds
from core.cron import BadCron, parse_cron
from core.options import HistoryOptions
from core.pasted import pieces
from core.schedule import LONGEST_INTERVAL, SHORTEST_INTERVAL
from core.task import Quiet, Schedule, ScheduleKind

MAX_LIMIT = 100_000_000
MAX_DAYS = 36_500
_DATE = r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?"
_TIME = r"([01]?\d|2[0-3])[:：]([0-5]\d)"
_COUNT = re.compile(r"(\d[\d,，_ ]*)(k|w|万|千)?(?:\s*(?:messages|条|条消息))?", re.IGNORECASE)
_DAYS = re.compile(r"(?:last|最近|近)?\s*(\d{1,6})\s*(?:d|days?|天|日)", re.IGNORECASE)
_SINCE = re.compile(rf"(?:since|from|从|自)?\s*({_DATE})\s*(?:起|以来|开始)?", re.IGNORECASE)
_UNTIL = re.compile(rf"(?:until|to|till|\.\.|至|到|截至)\s*({_DATE})", re.IGNORECASE)
_RANGE = re.compile(rf"({_DATE})\s*(?:\.\.\.?|-|–|—|~|to|至|到)\s*({_DATE})", re.IGNORECASE)
_EVERY = re.compile(
    r"(?:every|每隔?)?\s*(\d{1,5})\s*(m|min|mins|minutes?|分钟?|h|hours?|个?小时|d|days?|天)",
    re.IGNORECASE,
)
_DAILY = re.compile(rf"(?:daily|every day|每天|每日)?\s*(?:at)?\s*{_TIME}", re.IGNORECASE)
_ONCE = re.compile(rf"(today|tomorrow|今天|明天|{_DATE})[\sT]*(?:at\s*)?{_TIME}", re.IGNORECASE)
_QUIET = re.compile(
    r"(?:quiet(?:\s*hours)?|静默|免打扰)\s*(\d{1,2}[:：]\d{2})\s*(?:-|–|~|to|至|到)\s*(\d{1,2}[:：]\d{2})",
    re.IGNORECASE,
)
_NO_QUIET = frozenset({"no quiet hours", "quiet off", "取消静默", "不静默"})
_NO_END = frozenset({"no end", "until cancelled", "不限期", "取消结束"})
_CRON = re.compile(r"(?:cron\s+)?(@[a-z]+|[\d*,/\-a-z]+(?:\s+[\d*,/\-a-z]+){4})", re.IGNORECASE)
_TIMES = {"k": 1_000, "千": 1_000, "w": 10_000, "万": 10_000}


def names_sources(text: str) -> bool:
    """Whether nobody could mean anything but sources: each word is a link or has an @."""
    words = pieces(text)
    return bool(words) and all(
        word.startswith("@") or "/" in word or ".me" in word for word in words
    )


def read_what(text: str, zone: ZoneInfo, now: datetime) -> HistoryOptions:
    """A number of messages, a number of days, a date, or a range of dates."""
    words = text.strip()
    if words.lower() in {"all", "全部", "所有"}:
        return HistoryOptions()
    if match := _DAYS.fullmatch(words):
        return last_days(int(match[1]), now)
    if match := _COUNT.fullmatch(words):
        return HistoryOptions(limit=_limit(match))
    if match := _RANGE.fullmatch(words):
        return _between(_day(match[1]), _day(match[2]), zone, now)
    if match := _UNTIL.fullmatch(words):
        return _between(None, _day(match[1]), zone, now)
    if match := _SINCE.fullmatch(words):
        return _between(_day(match[1]), None, zone, now)
    raise BotError("wizard-what-not-understood")


def last_days(days: int, now: datetime) -> HistoryOptions:
    """Everything of the last so many days."""
    if not 1 <= days <= MAX_DAYS:
        raise BotError("wizard-what-bad-days", most=MAX_DAYS)
    try:
        return HistoryOptions(since=now - timedelta(days=days))
    except OverflowError:
        raise BotError("wizard-what-bad-days", most=MAX_DAYS) from None


def read_when(text: str, zone: ZoneInfo, now: datetime, before: Schedule | None = None) -> Schedule:
    """An interval, a time of the day, a day with a time, or a cron expression; quiet hours and an
    end change the schedule `before`, and stay when another time is chosen.
    """
    before, words = before or Schedule(), text.strip()
    if words.lower() in _NO_QUIET | _NO_END:
        return without_bound(before, "quiet" if words.lower() in _NO_QUIET else "ends")
    if match := _QUIET.fullmatch(words):
        return quiet(before, _clock(match[1]), _clock(match[2]), zone)
    if match := _UNTIL.fullmatch(words):
        return ending(before, _day(match[1]), zone, now)
    return bounded(_read_time(words, zone, now), before)


def _read_time(words: str, zone: ZoneInfo, now: datetime) -> Schedule:
    if words.lower() in {"now", "现在", "立即", "马上"}:
        return Schedule()
    if match := _EVERY.fullmatch(words):
        return every(_interval(int(match[1]), match[2].lower()))
    if match := _ONCE.fullmatch(words):
        return _once(match[1].lower(), time(int(match[2]), int(match[3])), zone, now)
    if match := _DAILY.fullmatch(words):
        return daily(time(int(match[1]), int(match[2])), zone)
    if match := _CRON.fullmatch(words):
        return by_cron(match[1], zone)
    raise BotError("wizard-when-not-understood")


def bounded(chosen: Schedule, before: Schedule) -> Schedule:
    """The chosen time with the quiet hours and the end of the schedule before."""
    if chosen.kind is ScheduleKind.NOW:
        return chosen
    zone = before.time_zone if before.quiet is not None else chosen.time_zone
    return replace(chosen, quiet=before.quiet, ends_at=before.ends_at, time_zone=zone)


def without_bound(before: Schedule, which: str) -> Schedule:
    """The schedule without its quiet hours (`quiet`) or its end (`ends`)."""
    return replace(before, quiet=None) if which == "quiet" else replace(before, ends_at=None)


def quiet(before: Schedule, start: time, end: time, zone: ZoneInfo) -> Schedule:
    """The schedule with quiet hours."""
    if before.kind is ScheduleKind.NOW:
        raise BotError("wizard-when-first")
    if start == end:
        raise BotError("wizard-quiet-empty")
    return replace(before, quiet=Quiet(start=start, end=end), time_zone=zone.key)


def ending(before: Schedule, last: date, zone: ZoneInfo, now: datetime) -> Schedule:
    """The schedule that ends with a day."""
    if before.kind is ScheduleKind.NOW:
        raise BotError("wizard-when-first")
    end = _end_of(last, zone)
    if end <= now:
        raise BotError("wizard-when-past")
    return replace(before, ends_at=end)


def by_cron(text: str, zone: ZoneInfo) -> Schedule:
    """A schedule of five fields."""
    try:
        parse_cron(text)
    except BadCron as error:
        raise BotError(f"wizard-cron-{error.field}") from None
    cron = " ".join(text.split())
    return Schedule(kind=ScheduleKind.CRON, cron=cron, time_zone=zone.key)


def every(interval: timedelta) -> Schedule:
    """A schedule of equal intervals; its anchor is set by Start."""
    if not SHORTEST_INTERVAL <= interval <= LONGEST_INTERVAL:
        raise BotError("wizard-when-bad-interval", most=LONGEST_INTERVAL.days)
    return Schedule(kind=ScheduleKind.EVERY, every=interval)


def daily(at: time, zone: ZoneInfo) -> Schedule:
    """Every day at a wall time."""
    return Schedule(kind=ScheduleKind.DAILY, daily_at=at, time_zone=zone.key)


def once(at: datetime, now: datetime) -> Schedule:
    """One time to come."""
    if at <= now:
        raise BotError("wizard-when-past")
    return Schedule(kind=ScheduleKind.AT, at=to_milliseconds(at.astimezone(UTC)))


def _limit(match: re.Match[str]) -> int:
    number = int(re.sub(r"\D", "", match[1])) * _TIMES.get((match[2] or "").lower(), 1)
    if not 1 <= number <= MAX_LIMIT:
        raise BotError("wizard-what-bad-count", most=MAX_LIMIT)
    return number


def _day(text: str) -> date:
    year, month, day = (int(part) for part in re.findall(r"\d+", text))
    try:
        return date(year, month, day)
    except ValueError:
        raise BotError("wizard-no-such-day", day=text) from None


def _between(
    first: date | None, last: date | None, zone: ZoneInfo, now: datetime
) -> HistoryOptions:
    today = now.astimezone(zone).date()
    if first is not None and first > today:
        raise BotError("wizard-what-future")
    if first is not None and last is not None and first > last:
        raise BotError("wizard-what-backwards")
    return HistoryOptions(
        since=None if first is None else _midnight(first, zone),
        until=None if last is None else _end_of(last, zone),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day; of the first and the last days that can be said, of a day beside
    them: elsewhere on earth there would be another year before or after them.
    """
    sayable = min(max(day, date.min + timedelta(days=2)), date.max - timedelta(days=1))
    return datetime.combine(sayable, time(), zone).astimezone(UTC)


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    """The last millisecond of a day."""
    following = min(day, date.max - timedelta(days=2)) + timedelta(days=1)
    return _midnight(following, zone) - timedelta(milliseconds=1)


def _clock(text: str) -> time:
    hour, minute = (int(part) for part in re.findall(r"\d+", text))
    try:
        return time(hour, minute)
    except ValueError:
        raise BotError("wizard-when-not-understood") from None


def _interval(number: int, unit: str) -> timedelta:
    if unit[0] == "m" or unit.startswith("分"):
        return timedelta(minutes=number)
    if unit[0] == "h" or unit.endswith("小时"):
        return timedelta(hours=number)
    return timedelta(days=number)


def _once(named: str, at: time, zone: ZoneInfo, now: datetime) -> Schedule:
    today = now.astimezone(zone).date()
    if named in {"today", "今天"}:
        day = today
    elif named in {"tomorrow", "明天"}:
        day = today + timedelta(days=1)
    else:
        day = _day(named)
    try:
        return once(datetime.combine(day, at, zone), now)
    except OverflowError:
        raise BotError("wizard-no-such-day", day=named) from None
