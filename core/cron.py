"""Cron expressions of five fields, with the meaning of crontab(5): minute, hour, day of the month,
month, day of the week (0 and 7 are Sunday). Where both days are given, either suffices.

Through daylight saving: an expression for every hour follows real time. Any other fires once for
each wall time: one that is skipped as much later as the clocks were moved, one that comes twice
the first time.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

FARTHEST = timedelta(days=366 * 9)
"""How far a time is looked for: 29 February may be eight years away."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NAMES = {
    "month": {name: number for number, name in enumerate(_MONTHS, start=1)},
    "weekday": {name: number for number, name in enumerate(_DAYS)},
}
_BOUNDS = {
    "minute": (0, 59),
    "hour": (0, 23),
    "day": (1, 31),
    "month": (1, 12),
    "weekday": (0, 7),
}
_ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_PART = re.compile(r"(\*|[a-z]+|\d{1,2})(?:-([a-z]+|\d{1,2}))?(?:/(\d{1,2}))?")
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


class BadCron(ValueError):
    """It is no cron expression; `field` names what is wrong: one of the five, `fields` when their
    number is, `never` when no day is like that.
    """

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """The values that each field allows; `either`: a day of the month or of the week suffices."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool

    def on(self, day: date) -> bool:
        """Whether it fires on this day at all."""
        if day.month not in self.months:
            return False
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return in_month or in_week if self.either else in_month and in_week

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The first time strictly after `moment` (UTC); None when there is none for years."""
        if len(self.hours) == 24:
            return self._in_real_time(moment, zone)
        return self._on_the_wall(moment, zone)

    def _in_real_time(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        then = moment.replace(second=0, microsecond=0) + _MINUTE
        while then - moment < FARTHEST:
            wall = then.astimezone(zone)
            if not self.on(wall.date()):
                midnight = datetime.combine(wall.date() + _DAY, time(), zone).astimezone(UTC)
                then = max(midnight, then + _MINUTE)
            elif wall.minute in self.minutes:
                return then
            else:
                then += _MINUTE
        return None

    def _on_the_wall(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        first = moment.astimezone(zone).date() - _DAY
        for number in range(FARTHEST.days):
            day = first + number * _DAY
            times = [*self._times(day, zone, moment), *self._times(day + _DAY, zone, moment)]
            if times:
                return min(times)
        return None

    def _times(self, day: date, zone: ZoneInfo, after: datetime) -> list[datetime]:
        if not self.on(day):
            return []
        walls = (time(hour, minute) for hour in self.hours for minute in self.minutes)
        times = (datetime.combine(day, wall, zone).astimezone(UTC) for wall in walls)
        return [one for one in times if one > after]


@lru_cache(maxsize=1024)
def parse_cron(text: str) -> Cron:
    """The expression. Raises BadCron."""
    words = _ALIASES.get(text.strip().lower(), text).lower().split()
    if len(words) != len(_BOUNDS):
        raise BadCron("fields")
    fields = dict(zip(_BOUNDS, words, strict=True))
    values = {name: _values(name, word) for name, word in fields.items()}
    cron = Cron(
        minutes=values["minute"],
        hours=values["hour"],
        days=values["day"],
        months=values["month"],
        weekdays=frozenset(value % 7 for value in values["weekday"]),
        either=not (fields["day"].startswith("*") or fields["weekday"].startswith("*")),
    )
    if cron.after(datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC")) is None:
        raise BadCron("never")
    return cron


def _values(field: str, word: str) -> frozenset[int]:
    found: set[int] = set()
    for part in word.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise BadCron(field)
        found.update(_range(field, match))
    return frozenset(found)


def _range(field: str, match: re.Match[str]) -> range:
    low, high = _BOUNDS[field]
    begin, end, step = match[1], match[2], match[3]
    if begin == "*":
        if end is not None:
            raise BadCron(field)
        first, last = low, high if field != "weekday" else 6
    else:
        first = _number(field, begin)
        last = _number(field, end) if end else (high if step else first)
    if not (low <= first <= last <= high) or step == "0" or step == "00":
        raise BadCron(field)
    return range(first, last + 1, int(step or 1))


def _number(field: str, word: str) -> int:
    named = _NAMES.get(field, {}).get(word)
    if named is not None:
        return named
    if not word.isdigit():
        raise BadCron(field)
    return int(word)
