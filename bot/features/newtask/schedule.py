"""When a task fires: the page of the wizard, and the schedule in words."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.features.newtask import forms
from bot.features.newtask.service import Review
from bot.formatting import moment
from bot.i18n import Html, Texts
from bot.screen import Choice, Screen, rows_of
from core.task import Schedule, ScheduleKind

INTERVALS = (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))


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
    return Screen(
        text,
        (
            (Choice(mark + texts.plain(_now_key(data)), "when:now"),),
            later,
            *rows_of(intervals, 2),
            (daily,),
            (Choice(texts.plain("button-back"), "to:review"),),
        ),
    )


def pressed(verb: str, value: str, zone: ZoneInfo, now: datetime) -> Schedule:
    """The schedule of a pressed button; raises BotError."""
    match verb, value:
        case "every", minutes if minutes.isdigit():
            return forms.every(timedelta(minutes=int(minutes)))
        case "daily", _:
            return forms.daily(time(9, 0), zone)
        case "at", "hour":
            return forms.once(now + timedelta(hours=1), now)
        case "at", _:
            tomorrow = now.astimezone(zone).date() + timedelta(days=1)
            return forms.once(datetime.combine(tomorrow, time(9, 0), zone), now)
    return Schedule()


def schedule_line(
    texts: Texts, schedule: Schedule, zone: ZoneInfo, now: datetime, *, once: str = "when-on-start"
) -> Html:
    """When it fires, in a few words; `once` is the text of what has no time of its own."""
    if schedule.kind is ScheduleKind.EVERY and schedule.every is not None:
        return Html(every_line(texts, schedule.every))
    if schedule.kind is ScheduleKind.DAILY and schedule.daily_at is not None:
        return texts("when-daily", time=schedule.daily_at.strftime("%H:%M"))
    if schedule.kind is ScheduleKind.AT and schedule.at is not None:
        return texts("when-once", time=moment(schedule.at, zone, now))
    return texts(once)


def when_line(texts: Texts, data: Review, zone: ZoneInfo) -> Html:
    """When it fires, with the next time of what repeats."""
    line = schedule_line(texts, data.draft.schedule, zone, data.now, once=_now_key(data))
    if data.draft.schedule.kind is ScheduleKind.DAILY and data.next_due is not None:
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


def _now_key(data: Review) -> str:
    return "when-on-start" if data.draft.editing else "when-now"
