"""When a schedule fires next. Wall times follow their time zone through daylight saving."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.task import Schedule, ScheduleKind

SHORTEST_INTERVAL = timedelta(minutes=1)
LONGEST_INTERVAL = timedelta(days=366)


def next_due(schedule: Schedule, after: datetime) -> datetime | None:
    """The first time strictly after `after` (UTC) at which the schedule fires; None if never.

    `now` never fires by itself. `every` keeps to its anchor, so a late run moves no later one.
    A daily time that daylight saving skips fires as much later as the clocks were moved; one that
    comes twice fires the first time only.
    """
    match schedule.kind:
        case ScheduleKind.NOW:
            return None
        case ScheduleKind.AT:
            return schedule.at if schedule.at is not None and schedule.at > after else None
        case ScheduleKind.EVERY:
            return _next_interval(schedule, after)
        case ScheduleKind.DAILY:
            return _next_daily(schedule, after)


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
    day = after.astimezone(zone).date() - timedelta(days=1)
    while True:
        moment = datetime.combine(day, schedule.daily_at, zone).astimezone(UTC)
        if moment > after:
            return moment
        day += timedelta(days=1)
