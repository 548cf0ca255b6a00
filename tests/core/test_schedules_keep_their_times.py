"""Next times against APScheduler's triggers, and through daylight saving."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from core.schedule import next_due, next_times, quiet_until
from core.task import Quiet, Schedule, ScheduleKind


def utc(*fields: int) -> datetime:
    return datetime(*fields, tzinfo=UTC)


START = datetime(2024, 1, 1, tzinfo=UTC)
moments = st.integers(0, 6 * 366 * 86_400_000).map(lambda ms: START + timedelta(milliseconds=ms))


@given(moments, moments, st.integers(1, 10_000))
def test_an_interval_keeps_to_its_anchor(anchor: datetime, after: datetime, minutes: int) -> None:
    every = timedelta(minutes=minutes)
    schedule = Schedule(kind=ScheduleKind.EVERY, every=every, anchor=anchor)
    due = next_due(schedule, after)
    assert due is not None
    assert due > after
    assert (due - anchor) % every == timedelta(0)
    assert due == anchor or due - after <= every


@given(moments, st.integers(0, 23), st.integers(0, 59))
def test_a_daily_time_agrees_with_apscheduler_where_clocks_do_not_change(
    after: datetime, hour: int, minute: int
) -> None:
    zone = "Asia/Shanghai"
    schedule = Schedule(kind=ScheduleKind.DAILY, daily_at=time(hour, minute), time_zone=zone)
    trigger = CronTrigger(hour=hour, minute=minute, timezone=ZoneInfo(zone))
    reference = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
    assert next_due(schedule, after) == reference


@pytest.mark.parametrize(
    ("at", "after", "due"),
    [
        (
            time(2, 30),
            utc(2026, 3, 28, 12),
            utc(2026, 3, 29, 1, 30),
        ),
        (
            time(2, 30),
            utc(2026, 3, 29, 12),
            utc(2026, 3, 30, 0, 30),
        ),
        (
            time(2, 30),
            utc(2026, 10, 24, 12),
            utc(2026, 10, 25, 0, 30),
        ),
        (
            time(2, 30),
            utc(2026, 10, 25, 0, 30),
            utc(2026, 10, 26, 1, 30),
        ),
    ],
    ids=["skipped by the spring", "the day after", "comes twice", "only the first of two"],
)
def test_daily_times_follow_daylight_saving(at: time, after: datetime, due: datetime) -> None:
    schedule = Schedule(kind=ScheduleKind.DAILY, daily_at=at, time_zone="Europe/Berlin")
    assert next_due(schedule, after) == due


@given(moments)
def test_every_day_has_exactly_one_daily_time(start: datetime) -> None:
    schedule = Schedule(kind=ScheduleKind.DAILY, daily_at=time(2, 30), time_zone="America/New_York")
    due = start
    days = []
    for _ in range(40):
        following = next_due(schedule, due)
        assert following is not None
        due = following
        days.append(due.astimezone(ZoneInfo("America/New_York")).date())
    assert all(after - before == timedelta(days=1) for before, after in itertools.pairwise(days))


def test_a_single_time_fires_once() -> None:
    at = utc(2026, 5, 1)
    schedule = Schedule(kind=ScheduleKind.AT, at=at)
    assert next_due(schedule, at - timedelta(seconds=1)) == at
    assert next_due(schedule, at) is None


def test_now_never_fires_by_itself() -> None:
    assert next_due(Schedule(), utc(2026, 1, 1)) is None


NIGHT = Quiet(start=time(22), end=time(7))
berlin = ZoneInfo("Europe/Berlin")


@given(moments, moments, st.integers(1, 3_000))
def test_quiet_hours_make_one_time_at_their_end_of_all_within(
    anchor: datetime, after: datetime, minutes: int
) -> None:
    loud = Schedule(
        kind=ScheduleKind.EVERY,
        every=timedelta(minutes=minutes),
        anchor=anchor,
        time_zone="Europe/Berlin",
    )
    schedule = replace(loud, quiet=NIGHT)
    due = next_due(schedule, after)
    assert due is not None
    assert due > after
    assert quiet_until(schedule, due) is None
    as_planned = (due - anchor) % timedelta(minutes=minutes) == timedelta(0)
    moved = due.astimezone(berlin).time() == NIGHT.end
    assert as_planned or moved
    first = next_due(loud, after)
    assert first is not None
    within = quiet_until(schedule, first)
    assert due <= (within or first)


def test_quiet_hours_end_by_the_clock_on_the_wall_through_both_changes() -> None:
    schedule = Schedule(
        kind=ScheduleKind.CRON, cron="0 * * * *", time_zone="Europe/Berlin", quiet=NIGHT
    )
    for evening, morning in (
        (utc(2026, 3, 28, 20), utc(2026, 3, 29, 5)),
        (utc(2026, 10, 24, 19), utc(2026, 10, 25, 6)),
    ):
        assert next_due(schedule, evening) == morning


def test_a_time_that_fell_into_quiet_hours_is_not_lost_while_they_last() -> None:
    schedule = Schedule(kind=ScheduleKind.DAILY, daily_at=time(23), time_zone="UTC", quiet=NIGHT)
    assert next_due(schedule, utc(2026, 1, 1, 23, 30)) == utc(2026, 1, 2, 7)
    assert next_due(schedule, utc(2026, 1, 2, 7)) == utc(2026, 1, 3, 7)


def test_an_interval_that_began_in_quiet_hours_counts_from_its_beginning() -> None:
    anchor = utc(2026, 1, 1, 23)
    schedule = Schedule(
        kind=ScheduleKind.EVERY, every=timedelta(days=1), anchor=anchor, quiet=NIGHT
    )
    assert next_due(schedule, anchor) == utc(2026, 1, 3, 7)


def test_nothing_fires_after_the_end() -> None:
    last = utc(2026, 1, 3, 12)
    schedule = Schedule(kind=ScheduleKind.DAILY, daily_at=time(12), ends_at=last)
    assert next_times(schedule, utc(2026, 1, 1, 12), 5) == [utc(2026, 1, 2, 12), last]
    assert next_due(schedule, last) is None


def test_the_end_counts_for_times_that_quiet_hours_moved() -> None:
    schedule = Schedule(
        kind=ScheduleKind.AT,
        at=utc(2026, 1, 1, 23),
        quiet=NIGHT,
        ends_at=utc(2026, 1, 2, 6),
    )
    assert next_due(schedule, utc(2026, 1, 1)) is None
    assert next_due(replace(schedule, ends_at=None), utc(2026, 1, 1)) == utc(2026, 1, 2, 7)
