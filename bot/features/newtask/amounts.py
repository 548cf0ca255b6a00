"""How much of a history is read, as people type it: a number, a span until now, dates."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.errors import BotError
from bot.features.newtask import chosen
from bot.features.newtask.spoken import DAY, day_of, plain
from core.options import HistoryOptions

_ALL = frozenset(
    {"all", "everything", "all history", "whole history", "全部", "所有", "全部历史", "不限"}
)
_LAST = r"(?:the\s+)?(?:last|latest|newest|past|previous|recent|最近的?|最新的?|近|过去的?|前)"
_COUNT = re.compile(
    rf"(?:{_LAST})?\s*(\d[\d,_ ]*(?:\.\d+)*)\s*(k|thousand|w|万|千|m|million|百万)?"
    r"\s*(?:messages?|msgs?|posts?|条(?:消息)?|则)?",
    re.ASCII,
)
_TIMES = {"k": 1_000, "thousand": 1_000, "千": 1_000, "w": 10_000, "万": 10_000}
_TIMES |= {"m": 1_000_000, "million": 1_000_000, "百万": 1_000_000}
_UNITS = {
    r"h|hrs?|hours?|个?小时|个?钟头": 1 / 24,
    r"d|days?|天|日": 1,
    r"w|wks?|weeks?|周|个?星期|个?礼拜": 7,
    r"个?月|months?": 30,
    r"y|yrs?|years?|年": 365,
}
_UNIT = "|".join(_UNITS)
_DAYS = re.compile(
    rf"(?:{_LAST})?\s*(\d{{1,6}}(?:\.\d)?|an?|half\s+an?|半)\s*({_UNIT})(?:内|以来|之内)?", re.ASCII
)
_LAST_ONE = re.compile(rf"{_LAST}\s*({_UNIT})|上个?({_UNIT})", re.ASCII)
_MONTH = r"\d{4}\s*[-/.年]\s*\d{1,2}\s*月?(?!\s*[-/.]?\d|月)|\d{4}\s*年"
_THIS = (
    r"(?:this|current)\s+(?:week|month|year)|(?:本|这个?)(?:周|星期|礼拜|月)|今年|去年|last\s+year"
)
_ANY_DAY = rf"{DAY}|{_MONTH}|{_THIS}"
_SINCE = re.compile(
    rf"(?:since|from|after|starting(?:\s+from)?|从|自从?)?\s*({_ANY_DAY})\s*(?:起|以来|开始|至今|到现在|之后|以后|on|onwards?)?",
    re.ASCII,
)
_UNTIL = re.compile(
    rf"(?:until|till|to|up to|before|\.\.|直?到|至|截[至止]到?)\s*({_ANY_DAY})\s*(?:为?止)?",
    re.ASCII,
)
_RANGE = re.compile(
    rf"(?:from|between|since|从|自)?\s*({_ANY_DAY})\s*(?:\.\.\.?|-|~|to|till?|until|and|至|到)\s*({_ANY_DAY})(?:\s*为?止)?",
    re.ASCII,
)


def read_what(text: str, zone: ZoneInfo, now: datetime) -> HistoryOptions:
    """A number of messages, a span until now, a date, or a range of dates. Raises BotError."""
    said = plain(text)
    if said in _ALL:
        return HistoryOptions()
    for pattern, read in _readers(zone, now):
        if (match := pattern.fullmatch(said)) is not None:
            return read(match)
    raise BotError("wizard-what-not-understood", part=said[:64])


def days_of(text: str) -> int | None:
    """The whole days of a typed span: a number alone is days. None where it is none."""
    said = plain(text)
    if said.isdigit() and len(said) <= 6:
        return int(said)
    match = _DAYS.fullmatch(said)
    if match is None:
        return None
    return max(round(_length(match[1], match[2])), 1) if _length(match[1], match[2]) else 0


def _readers(
    zone: ZoneInfo, now: datetime
) -> list[tuple[re.Pattern[str], Callable[[re.Match[str]], HistoryOptions]]]:
    today = now.astimezone(zone).date()

    def day(text: str, *, last: bool = False) -> date:
        try:
            return _day(text, today, last=last)
        except ValueError:
            raise BotError("wizard-no-such-day", day=text) from None

    def span(match: re.Match[str]) -> HistoryOptions:
        return chosen.last_days(_length(match[1], match[2]), now)

    def last_one(match: re.Match[str]) -> HistoryOptions:
        return chosen.last_days(_length("1", match[1] or match[2]), now)

    return [
        (_RANGE, lambda m: chosen.between(day(m[1]), day(m[2], last=True), zone, now)),
        (_UNTIL, lambda match: chosen.between(None, day(match[1], last=True), zone, now)),
        (_SINCE, lambda match: chosen.between(day(match[1]), None, zone, now)),
        (_DAYS, span),
        (_COUNT, lambda match: HistoryOptions(limit=_limit(match))),
        (_LAST_ONE, last_one),
    ]


def _length(number: str, unit: str) -> float:
    """A span in days."""
    days = next(days for names, days in _UNITS.items() if re.fullmatch(names, unit))
    if number.startswith("half") or number == "半":
        return days / 2
    return days * (1 if number.startswith("a") else float(number))


def _limit(match: re.Match[str]) -> int:
    digits = re.sub(r"[,_ ]", "", match[1])
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+", digits) and not match[2]:
        digits = digits.replace(".", "")
    number = 0.0 if digits.count(".") > 1 else float(digits) * _TIMES.get(match[2] or "", 1)
    if not 1 <= number <= chosen.MAX_LIMIT or number != int(number):
        raise BotError("wizard-what-bad-count", most=chosen.MAX_LIMIT)
    return int(number)


def _day(text: str, today: date, *, last: bool) -> date:
    """The first (or last) day of what is named. Raises ValueError."""
    if re.fullmatch(DAY, text):
        return day_of(text, today, past=True)
    numbers = [int(part) for part in re.findall(r"\d+", text)]
    if numbers:
        year, month = numbers[0], numbers[1] if len(numbers) > 1 else (12 if last else 1)
        first = date(year, month, 1)
        return _end_of_month(first) if last else first
    if "week" in text or text[-1] in "周期拜":
        return today - timedelta(days=today.weekday())
    if "month" in text or text.endswith("月"):
        return today.replace(day=1)
    year = today.year - text.startswith(("last", "去"))
    return date(year, 12, 31) if last else date(year, 1, 1)


def _end_of_month(first: date) -> date:
    following = first.replace(day=28) + timedelta(days=4)
    return following - timedelta(days=following.day)
