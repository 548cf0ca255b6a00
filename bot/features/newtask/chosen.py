"""What may be chosen in the wizard, by buttons or typed. Raises BotError for what cannot be."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import BotError
from core.clock import to_milliseconds
from core.cron import BadCron, parse_cron
from core.options import HistoryOptions
from core.schedule import LONGEST_INTERVAL, SHORTEST_INTERVAL
from core.task import Quiet, Schedule, ScheduleKind

MAX_LIMIT = 100_000_000
MAX_DAYS = 36_500


def last_days(days: float, now: datetime) -> HistoryOptions:
    """Everything of the last so many days before a run begins; `since` as of `now`."""
    if not 1 / 24 <= days <= MAX_DAYS:
        raise BotError("wizard-what-bad-days", most=MAX_DAYS)
    length = timedelta(days=round(days) if days >= 2 else days)
    return HistoryOptions(since=now - length, last=length)


def impossible(part: str, *, is_day: bool) -> BotError:
    """Why a day or a time that looks like one is none."""
    if is_day:
        return BotError("wizard-no-such-day", day=re.sub(r"^[a-z.]+\s+(?=\d)", "", part.strip()))
    return BotError("wizard-when-not-understood", part=part.strip())


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


def ending_in(before: Schedule, days: int, zone: ZoneInfo, now: datetime) -> Schedule:
    """The schedule that ends in so many days."""
    if not 1 <= days <= MAX_DAYS:
        raise BotError("wizard-what-bad-days", most=MAX_DAYS)
    return ending(before, now.astimezone(zone).date() + timedelta(days=days), zone, now)


def cron_days(days: Iterable[int]) -> str:
    """Days of the week (Monday is 0) as the fifth field of a cron expression."""
    wanted = sorted(days)
    if len(wanted) > 2 and wanted == list(range(wanted[0], wanted[-1] + 1)) and wanted[-1] < 6:
        return f"{wanted[0] + 1}-{wanted[-1] + 1}"
    return ",".join(str((day + 1) % 7) for day in wanted)


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


def between(first: date | None, last: date | None, zone: ZoneInfo, now: datetime) -> HistoryOptions:
    """From the first to the last day, either of which may be open."""
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
