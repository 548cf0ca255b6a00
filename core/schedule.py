"""When a schedule fires next. Wall times follow their time zone through daylight saving."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.cron import parse_cron
from core.task import Quiet, Schedule, ScheduleKind

SHORTEST_INTERVAL = timedelta(minutes=1)
LONGEST_INTERVAL = timedelta(days=366)

_DAY = timedelta(days=1)
_TICK = timedelta(milliseconds=1)


def next_due(schedule: Schedule, after: datetime) -> datetime | None:
    """The first time strictly after `after` (UTC) at which the schedule fires; None if never.

    `now` never fires by itself. `every` keeps to its anchor, so a late run moves no later one.
    A daily time that daylight saving skips fires as much later as the clocks were moved; one that
    comes twice fires the first time only; for `cron` see `core.cron`. Times in quiet hours are one
    time at their end.
    """
    due = _next_loud(schedule, after)
    return None if due is None or _is_over(schedule, due) else due


def next_times(schedule: Schedule, after: datetime, count: int) -> list[datetime]:
    """The next times, at most so many."""
    times: list[datetime] = []
    while len(times) < count and (due := next_due(schedule, times[-1] if times else after)):
        times.append(due)
    return times


def quiet_until(schedule: Schedule, moment: datetime) -> datetime | None:
    """The end of the quiet hours that `moment` (UTC) lies in; None outside of them."""
    window = _window(schedule, moment)
    return None if window is None else window[1]


def _is_over(schedule: Schedule, due: datetime) -> bool:
    return schedule.ends_at is not None and due > schedule.ends_at


def _next_loud(schedule: Schedule, after: datetime) -> datetime | None:
    due = _next(schedule, _start(schedule, after))
    while due is not None:
        moved = quiet_until(schedule, due) or due
        if moved > after:
            return moved
        due = _next(schedule, due)
    return None


def _start(schedule: Schedule, after: datetime) -> datetime:
    """From where on to look: what fell into quiet hours that go on still is to come."""
    window = _window(schedule, after)
    if window is None:
        return after
    start = window[0] - _TICK
    if schedule.kind is ScheduleKind.EVERY and schedule.anchor is not None:
        start = max(start, min(schedule.anchor, after))
    return start


def _next(schedule: Schedule, after: datetime) -> datetime | None:
    match schedule.kind:
        case ScheduleKind.NOW:
            return None
        case ScheduleKind.AT:
            return schedule.at if schedule.at is not None and schedule.at > after else None
        case ScheduleKind.EVERY:
            return _next_interval(schedule, after)
        case ScheduleKind.DAILY:
            return _next_daily(schedule, after)
        case ScheduleKind.CRON:
            zone = ZoneInfo(schedule.time_zone)
            return None if schedule.cron is None else parse_cron(schedule.cron).after(after, zone)


def _next_interval(schedule: Schedule, after: datetime) -> datetime | None:
    if schedule.every is None or schedule.anchor is None:
        return None
    if schedule.anchor > after:
        return schedule.anchor
    passed = (after - schedule.anchor) // schedule.every
    return schedule.anchor + (passed + 1) * schedule.every


def _next_daily(schedule: Schedule, after: datetime) -> datetime | None:
    if schedule.daily_at is None:
        return None
    zone = ZoneInfo(schedule.time_zone)
    day = after.astimezone(zone).date() - _DAY
    while True:
        moment = _wall(day, schedule.daily_at, zone)
        if moment > after:
            return moment
        day += _DAY


def _window(schedule: Schedule, moment: datetime) -> tuple[datetime, datetime] | None:
    """The quiet hours around `moment`: their start is in them, their end is not."""
    if schedule.quiet is None:
        return None
    zone = ZoneInfo(schedule.time_zone)
    today = moment.astimezone(zone).date()
    for day in (today - _DAY, today):
        start, end = _quiet_of(schedule.quiet, day, zone)
        if start <= moment < end:
            return start, end
    return None


def _quiet_of(quiet: Quiet, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    last = day if quiet.end > quiet.start else day + _DAY
    return _wall(day, quiet.start, zone), _wall(last, quiet.end, zone)


def _wall(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
