"""When a task fires: the page of the wizard, and the schedule in words."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.features.newtask import chosen
from bot.features.newtask.service import Review
from bot.formatting import day, moment
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen, rows_of
from core.task import Quiet, Schedule, ScheduleKind

INTERVALS = (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
NIGHT = Quiet(start=time(22), end=time(7))
ENDS = (7, 30)
_WEEKLY = re.compile(
    r"(\d{1,2}) (\d{1,2}(?:,\d{1,2})*) (\*|\d{1,2}) \* (\*|[0-7](?:-[0-7]|(?:,[0-7])*))"
)
_DAYS = ("day-sun", "day-mon", "day-tue", "day-wed", "day-thu", "day-fri", "day-sat")
_GROUPS = {"1-5": "days-workdays", "6,0": "days-weekend"}


def when(texts: Texts, data: Review, zone: ZoneInfo) -> Screen:
    """When it fires."""
    schedule = data.draft.schedule
    mark = "✓ " if schedule.kind is ScheduleKind.NOW else ""
    intervals = [
        Choice(every_line(texts, interval), f"every:{round(interval.total_seconds() / 60)}")
        for interval in INTERVALS
    ]
    text = texts(
        "wizard-when",
        now=when_line(texts, data, zone),
        zone=zone.key,
        clock=data.now.astimezone(zone).strftime("%H:%M"),
    )
    later = (
        Choice(texts.plain("when-in-hour"), "at:hour"),
        Choice(texts.plain("when-tomorrow", time="09:00"), "at:tomorrow"),
    )
    daily = Choice(texts.plain("when-daily", time="09:00"), "daily:0900")
    monday = texts.plain("when-weekly", days=_days(texts, "1"), time="09:00")
    weekly = Choice(monday, "weekly:1")
    return Screen(
        text,
        (
            (Choice(mark + texts.plain(_now_key(data)), "when:now"),),
            later,
            *rows_of(intervals, 2),
            (daily, weekly),
            *_bounds(texts, schedule),
            (Choice(texts.plain("button-back"), "to:review"),),
        ),
    )


def pressed(
    verb: str, value: str, zone: ZoneInfo, now: datetime, before: Schedule | None = None
) -> Schedule:
    """The schedule of a pressed button: a time, or a bound of the schedule `before`. Raises
    BotError.
    """
    before = before or Schedule()
    match verb, value:
        case (("quiet" | "ends"), "off"):
            return chosen.without_bound(before, verb)
        case "quiet", _:
            return chosen.quiet(before, NIGHT.start, NIGHT.end, zone)
        case "ends", days if days.isdigit() and len(days) < 5:
            last = now.astimezone(zone).date() + timedelta(days=int(days))
            return chosen.ending(before, last, zone, now)
    return chosen.bounded(_pressed_time(verb, value, zone, now), before)


def _pressed_time(verb: str, value: str, zone: ZoneInfo, now: datetime) -> Schedule:
    match verb, value:
        case "every", minutes if minutes.isdigit():
            return chosen.every(timedelta(minutes=int(minutes)))
        case "daily", _:
            return chosen.daily(time(9, 0), zone)
        case "weekly", _:
            return chosen.by_cron("0 9 * * 1", zone)
        case "at", "hour":
            return chosen.once(now + timedelta(hours=1), now)
        case "at", _:
            tomorrow = now.astimezone(zone).date() + timedelta(days=1)
            return chosen.once(datetime.combine(tomorrow, time(9, 0), zone), now)
    return Schedule()


def schedule_line(
    texts: Texts, schedule: Schedule, zone: ZoneInfo, now: datetime, *, once: str = "when-on-start"
) -> Html:
    """When it fires, in a few words; `once` is the text of what has no time of its own."""
    line = _time_line(texts, schedule, zone, now, once)
    if schedule.quiet is not None:
        start, end = (at.strftime("%H:%M") for at in (schedule.quiet.start, schedule.quiet.end))
        line = texts("when-quiet", when=line, start=start, end=end)
    if schedule.ends_at is not None:
        line = texts("when-ends", when=line, day=day(schedule.ends_at, zone))
    return line


def _time_line(texts: Texts, schedule: Schedule, zone: ZoneInfo, now: datetime, once: str) -> Html:
    if schedule.kind is ScheduleKind.EVERY and schedule.every is not None:
        return Html(every_line(texts, schedule.every))
    if schedule.kind is ScheduleKind.DAILY and schedule.daily_at is not None:
        return texts("when-daily", time=schedule.daily_at.strftime("%H:%M"))
    if schedule.kind is ScheduleKind.AT and schedule.at is not None:
        return texts("when-once", time=moment(schedule.at, zone, now))
    if schedule.kind is ScheduleKind.CRON and schedule.cron is not None:
        return _cron_line(texts, schedule.cron)
    return texts(once)


def _cron_line(texts: Texts, cron: str) -> Html:
    """A cron expression in words, where it is one of those that the wizard makes."""
    match = _WEEKLY.fullmatch(cron)
    if match is None:
        return texts("when-cron", cron=cron)
    minute, hours, in_month, in_week = match.groups()
    times = Html(
        texts("list-comma").join(f"{int(one):02}:{int(minute):02}" for one in hours.split(","))
    )
    if in_month != "*":
        both = in_week != "*"
        return (
            texts("when-cron", cron=cron)
            if both
            else texts("when-monthly", day=in_month, time=times)
        )
    if in_week == "*":
        return texts("when-daily", time=times)
    return texts("when-weekly", days=_days(texts, in_week), time=times)


def _days(texts: Texts, field: str) -> str:
    """Days of the week of a cron expression, in words."""
    if field in _GROUPS:
        return texts.plain(_GROUPS[field])
    if "-" in field:
        first, last = (texts.plain(_DAYS[int(one) % 7]) for one in field.split("-"))
        return texts.plain("days-range", first=first, last=last)
    return texts.plain("list-comma").join(
        texts.plain(_DAYS[int(one) % 7]) for one in field.split(",")
    )


def when_line(texts: Texts, data: Review, zone: ZoneInfo) -> Html:
    """When it fires, with the next time of what repeats."""
    line = schedule_line(texts, data.draft.schedule, zone, data.now, once=_now_key(data))
    by_clock = data.draft.schedule.kind in {ScheduleKind.DAILY, ScheduleKind.CRON}
    if by_clock and data.next_due is not None:
        return texts("when-with-next", when=line, time=moment(data.next_due, zone, data.now))
    if data.draft.schedule.kind is ScheduleKind.EVERY and not data.draft.editing:
        return texts("when-first-now", when=line)
    return line


def every_line(texts: Texts, interval: timedelta) -> str:
    """An interval in its largest whole unit."""
    minutes = round(interval.total_seconds() / 60)
    if minutes % 1440 == 0:
        return texts.plain("when-every-days", days=minutes // 1440)
    if minutes % 60 == 0:
        return texts.plain("when-every-hours", hours=minutes // 60)
    return texts.plain("when-every-minutes", minutes=minutes)


def _bounds(texts: Texts, schedule: Schedule) -> list[tuple[Choice, ...]]:
    """Quiet hours and an end, once there is a time that they could bound."""
    if schedule.kind is ScheduleKind.NOW:
        return []
    start, end = (at.strftime("%H:%M") for at in (NIGHT.start, NIGHT.end))
    night = Choice(texts.plain("button-quiet", start=start, end=end), "quiet:night")
    if schedule.quiet is not None:
        night = Choice(texts.plain("button-no-quiet"), "quiet:off")
    if schedule.ends_at is not None:
        return [(night,), (Choice(texts.plain("button-no-end"), "ends:off"),)]
    if not schedule.repeats():
        return [(night,)]
    ends = [Choice(texts.plain("button-ends", days=days), f"ends:{days}") for days in ENDS]
    return [(night,), tuple(ends)]


def _now_key(data: Review) -> str:
    return "when-on-start" if data.draft.editing else "when-now"
