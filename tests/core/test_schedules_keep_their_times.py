"""Next times against APScheduler's triggers, and through daylight saving."""

import itertools
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from core.schedule import next_due
from core.task import Schedule, ScheduleKind


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
