"""Cron times against APScheduler's triggers, and through daylight saving in both directions."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cron import BadCron, parse_cron
from core.schedule import next_due
from core.task import Schedule, ScheduleKind

START = datetime(2024, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STILL = ["UTC", "Asia/Shanghai", "Asia/Kolkata"]
MOVING = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago"]
NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")

moments = st.integers(0, 4 * 366 * 86_400_000).map(lambda ms: START + timedelta(milliseconds=ms))


def field(low: int, high: int) -> st.SearchStrategy[str]:
    numbers = st.integers(low, high)
    spans = st.tuples(numbers, numbers).map(lambda pair: f"{min(pair)}-{max(pair)}")
    steps = st.integers(1, max(high // 2, 1)).map(lambda step: f"*/{step}")
    several = st.lists(numbers, min_size=2, max_size=4).map(lambda all_: ",".join(map(str, all_)))
    return st.one_of(st.just("*"), numbers.map(str), spans, steps, several)


expressions = st.tuples(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6))


def reference(fields: tuple[str, ...], zone: ZoneInfo) -> OrTrigger:
    """APScheduler counts days of the week from Monday, and wants both days where both are given."""
    minute, hour, day, month, weekday = fields
    in_week = named(weekday)
    common = {"minute": minute, "hour": hour, "month": month, "timezone": zone}
    if day.startswith("*") or weekday.startswith("*"):
        return OrTrigger([CronTrigger(day=day, day_of_week=in_week, **common)])
    return OrTrigger([CronTrigger(day=day, **common), CronTrigger(day_of_week=in_week, **common)])


def named(weekday: str) -> str:
    """The days of the week by name, each by itself: APScheduler's week begins on Monday."""
    if weekday == "*":
        return weekday
    if weekday.startswith("*/"):
        return ",".join(NAMES[number] for number in range(0, 7, int(weekday[2:])))
    parts = []
    for part in weekday.split(","):
        first, _, last = part.partition("-")
        parts += [NAMES[number] for number in range(int(first), int(last or first) + 1)]
    return ",".join(parts)


@settings(max_examples=150)
@given(expressions, moments, st.sampled_from(STILL))
def test_it_agrees_with_apscheduler_where_clocks_do_not_change(
    fields: tuple[str, ...], after: datetime, zone: str
) -> None:
    place = ZoneInfo(zone)
    expected = reference(fields, place).get_next_fire_time(None, after + timedelta(microseconds=1))
    assert parse_cron(" ".join(fields)).after(after, place) == expected


@settings(max_examples=60)
@given(expressions, moments, st.sampled_from(MOVING))
def test_it_agrees_with_apscheduler_away_from_the_change_of_clocks(
    fields: tuple[str, ...], after: datetime, zone: str
) -> None:
    place = ZoneInfo(zone)
    expected = reference(fields, place).get_next_fire_time(None, after + timedelta(microseconds=1))
    found = parse_cron(" ".join(fields)).after(after, place)
    if steady(after, place) and steady(expected, place):
        assert found == expected


@settings(max_examples=60)
@given(st.integers(0, 59), st.integers(0, 23), moments, st.sampled_from(MOVING))
def test_a_wall_time_fires_once_a_day_on_every_day(
    minute: int, hour: int, start: datetime, zone: str
) -> None:
    place = ZoneInfo(zone)
    schedule = Schedule(kind=ScheduleKind.CRON, cron=f"{minute} {hour} * * *", time_zone=zone)
    due, days = start, []
    for _ in range(400):
        following = next_due(schedule, due)
        assert following is not None
        due = following
        days.append(due.astimezone(place).date())
    assert all(after - before == timedelta(days=1) for before, after in itertools.pairwise(days))


@given(moments, st.sampled_from([zone for zone in MOVING if zone != "Australia/Lord_Howe"]))
def test_every_quarter_of_an_hour_goes_on_through_both_changes(start: datetime, zone: str) -> None:
    cron, due = parse_cron("*/15 * * * *"), start
    times = []
    for _ in range(200):
        due = cron.after(due, ZoneInfo(zone)) or start
        times.append(due)
    assert {after - before for before, after in itertools.pairwise(times)} == {15 * MINUTE}


@pytest.mark.parametrize(
    ("cron", "after", "due"),
    [
        ("30 2 * * *", (2026, 3, 28, 12), (2026, 3, 29, 1, 30)),
        ("30 2 * * *", (2026, 10, 24, 12), (2026, 10, 25, 0, 30)),
        ("30 2 * * *", (2026, 10, 25, 0, 30), (2026, 10, 26, 1, 30)),
        ("30 * * * *", (2026, 10, 25, 0, 30), (2026, 10, 25, 1, 30)),
        ("30 * * * *", (2026, 3, 29, 0, 30), (2026, 3, 29, 1, 30)),
        ("0 9 13 * fri", (2026, 1, 1), (2026, 1, 2, 8)),
        ("0 0 29 2 *", (2026, 1, 1), (2028, 2, 28, 23)),
        ("@weekly", (2026, 1, 1), (2026, 1, 3, 23)),
        ("0 12 * * 7", (2026, 1, 1), (2026, 1, 4, 11)),
        ("0 12 * JAN-MAR mon-fri", (2026, 3, 31, 12), (2027, 1, 1, 11)),
    ],
)
def test_examples_in_berlin(cron: str, after: tuple[int, ...], due: tuple[int, ...]) -> None:
    schedule = Schedule(kind=ScheduleKind.CRON, cron=cron, time_zone="Europe/Berlin")
    assert next_due(schedule, datetime(*after, tzinfo=UTC)) == datetime(*due, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("* * * *", "fields"),
        ("60 * * * *", "minute"),
        ("* 24 * * *", "hour"),
        ("* * 0 * *", "day"),
        ("* * * 13 *", "month"),
        ("* * * * 8", "weekday"),
        ("5-1 * * * *", "minute"),
        ("*/0 * * * *", "minute"),
        ("1,,2 * * * *", "minute"),
        ("jan * * * *", "minute"),
        ("* * * mon *", "month"),
        ("0 0 31 2 *", "never"),
        ("", "fields"),
    ],
)
def test_what_is_wrong_is_named(text: str, field: str) -> None:
    with pytest.raises(BadCron) as caught:
        parse_cron(text)
    assert caught.value.field == field


def steady(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether no clock is changed within two days of it."""
    offsets = {
        (moment + timedelta(hours=hours)).astimezone(zone).utcoffset()
        for hours in range(-48, 49, 12)
    }
    return len(offsets) == 1
