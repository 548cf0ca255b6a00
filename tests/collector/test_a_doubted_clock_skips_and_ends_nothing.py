"""Schedules of every kind on a real store, fired by clocks that are wrong, unproven or right."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

import pytest

from collector.run_keeper import RunKeeper
from collector.scheduler import Scheduler
from core.schedule import next_due
from core.task import Quiet, Schedule, ScheduleKind, Task, TaskSpec, TaskState
from core.trusted_clock import Judgement, TimeSource, Verdict
from db.database import Database

NOW = datetime(2026, 3, 28, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOURLY = Schedule(kind=ScheduleKind.EVERY, every=HOUR, anchor=NOW)
SCHEDULES = {
    "hourly": HOURLY,
    "daily": Schedule(kind=ScheduleKind.DAILY, daily_at=time(10), time_zone="Europe/Berlin"),
    "cron": Schedule(kind=ScheduleKind.CRON, cron="*/30 * * * *"),
    "ends": replace(HOURLY, ends_at=NOW + 10 * DAY),
    "quiet": replace(HOURLY, quiet=Quiet(start=time(11), end=time(12))),
    "once": Schedule(kind=ScheduleKind.AT, at=NOW + 2 * HOUR),
}
OFFSETS = (31 * DAY, 30 * DAY, 3_660 * DAY, -DAY, -3_653 * DAY)


@dataclass
class Doubted:
    """A clock with a verdict."""

    moment: datetime
    verdict: Verdict

    def now(self) -> datetime:
        return self.moment

    def elapsed(self) -> float:
        return self.moment.timestamp()

    def judge(self) -> Judgement:
        return Judgement(now=self.moment, verdict=self.verdict, source=TimeSource.TELEGRAM)


async def add(database: Database, schedule: Schedule) -> Task:
    return await database.tasks.add(
        owner=1,
        chat=1,
        spec=TaskSpec(sources=("@one",)),
        schedule=schedule,
        next_due=next_due(schedule, NOW),
        now=NOW,
    )


async def look(database: Database, clock: Doubted) -> None:
    scheduler = Scheduler(database, RunKeeper(database, clock), clock, clock)
    await scheduler.fire_due()
    await scheduler.fire_due()


async def state(database: Database, task: Task) -> tuple[TaskState, datetime | None, int]:
    found = await database.tasks.get(task.id)
    assert found is not None
    return found.state, found.next_due, len(await database.runs.dues_of(task.id))


@pytest.mark.parametrize("verdict", [Verdict.WRONG, Verdict.UNPROVEN])
@pytest.mark.parametrize("offset", OFFSETS, ids=str)
@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
async def test_a_clock_far_off_leaves_every_schedule_as_it_was(
    database: Database, schedule: Schedule, offset: timedelta, verdict: Verdict
) -> None:
    task = await add(database, schedule)
    await look(database, Doubted(NOW + offset, verdict))
    assert await state(database, task) == (TaskState.ACTIVE, task.next_due, 0)


@pytest.mark.parametrize("name", ["hourly", "daily", "cron", "ends", "quiet"])
async def test_without_an_account_a_time_fires_that_moves_no_other(
    database: Database, name: str
) -> None:
    task = await add(database, SCHEDULES[name])
    assert task.next_due is not None
    await look(database, Doubted(task.next_due, Verdict.UNPROVEN))
    following = next_due(SCHEDULES[name], task.next_due)
    assert await state(database, task) == (TaskState.ACTIVE, following, 1)


async def test_without_an_account_a_dated_task_waits_and_then_fires(database: Database) -> None:
    task = await add(database, SCHEDULES["once"])
    assert task.next_due is not None
    await look(database, Doubted(task.next_due, Verdict.UNPROVEN))
    assert await state(database, task) == (TaskState.ACTIVE, task.next_due, 0)
    await look(database, Doubted(task.next_due, Verdict.AGREED))
    assert await state(database, task) == (TaskState.FINISHED, None, 1)


async def test_a_clock_that_is_wrong_by_little_fires_nothing_either(database: Database) -> None:
    task = await add(database, HOURLY)
    assert task.next_due is not None
    await look(database, Doubted(task.next_due + timedelta(minutes=2), Verdict.WRONG))
    assert await state(database, task) == (TaskState.ACTIVE, task.next_due, 0)


@pytest.mark.parametrize("name", ["hourly", "daily", "cron", "quiet"])
async def test_a_machine_that_was_off_for_forty_days_fires_once_and_goes_on(
    database: Database, name: str
) -> None:
    task = await add(database, SCHEDULES[name])
    await look(database, Doubted(NOW + 40 * DAY, Verdict.AGREED))
    kept, due, runs = await state(database, task)
    assert (kept, runs) == (TaskState.ACTIVE, 1)
    assert due == next_due(SCHEDULES[name], NOW + 40 * DAY)


async def test_of_two_workers_the_one_that_is_right_goes_on(database: Database) -> None:
    task = await add(database, HOURLY)
    assert task.next_due is not None
    await look(database, Doubted(NOW + 31 * DAY, Verdict.WRONG))
    await look(database, Doubted(task.next_due, Verdict.AGREED))
    assert await state(database, task) == (TaskState.ACTIVE, task.next_due + HOUR, 1)
