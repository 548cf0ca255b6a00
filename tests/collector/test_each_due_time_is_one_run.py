"""Two schedulers under a moved clock: through daylight saving, and a day in which both are down."""

import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from agreed import Agreed
from apscheduler.triggers.cron import CronTrigger

from collector.run_keeper import RunKeeper
from collector.scheduler import Scheduler
from core.job import JobState
from core.run import Run, RunState
from core.subscription import Want
from core.task import Quiet, Schedule, ScheduleKind, Step, Task, TaskSpec, TaskState
from db.client import MongoDatabase
from db.database import Database
from db.subscriptions import Begun

BERLIN = "Europe/Berlin"
SPRING = datetime(2026, 3, 27, 9, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 23, 9, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@dataclass
class MovedClock:
    """A clock that stands still until it is moved."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def elapsed(self) -> float:
        return self.moment.timestamp()


class Crew:
    """Two workers' schedulers on one store."""

    def __init__(self, database: Database, raw: MongoDatabase, start: datetime) -> None:
        self.database, self.raw, self.clock = database, raw, MovedClock(start)
        self.keeper = RunKeeper(database, self.clock)
        self.schedulers = [
            Scheduler(database, self.keeper, self.clock, Agreed(self.clock)) for _ in range(2)
        ]

    async def task(
        self, schedule: Schedule, next_due: datetime, steps: tuple[Step, ...] = (Step.HISTORY,)
    ) -> Task:
        return await self.database.tasks.add(
            owner=1,
            chat=1,
            spec=TaskSpec(sources=("@one",), steps=steps),
            schedule=schedule,
            next_due=next_due,
            now=self.clock.now(),
        )

    async def at(self, moment: datetime) -> None:
        """Both look at once, and what they opened ends."""
        await self.fire(moment)
        await self.raw["runs"].update_many({}, {"$set": {"open": False}})

    async def fire(self, moment: datetime) -> None:
        """Both look at once."""
        self.clock.moment = moment
        async with asyncio.TaskGroup() as group:
            for scheduler in self.schedulers:
                group.create_task(scheduler.fire_due())

    async def end_jobs(self, run: Run, state: JobState) -> Run:
        """The run once it is planned and its jobs have ended so."""
        await self.keeper.derive(run.id)
        ended = {"$set": {"state": state}, "$unset": {"ready": ""}}
        await self.raw["jobs"].update_many({"run": run.id}, ended)
        await self.keeper.derive(run.id)
        found = await self.database.runs.get(run.id)
        assert found is not None
        return found

    async def dues(self, task: Task) -> list[datetime]:
        return sorted(await self.database.runs.dues_of(task.id, limit=1000))


@pytest.mark.parametrize("start", [SPRING, AUTUMN], ids=["spring", "autumn"])
@pytest.mark.parametrize("cron", ["15 2 * * *", "0 */3 * * *", "30 8,20 * * 0,6"])
async def test_every_time_fires_once_however_workers_come_and_go(
    database: Database, mongo_database: MongoDatabase, start: datetime, cron: str
) -> None:
    crew, chance = Crew(database, mongo_database, start), random.Random(cron)
    expected = times(cron, start, start + timedelta(days=5))
    schedule = Schedule(kind=ScheduleKind.CRON, cron=cron, time_zone=BERLIN)
    task = await crew.task(schedule, expected[0])
    before, fired = start, []
    while before < start + timedelta(days=4):
        down = len(fired) == 1
        step = timedelta(days=1) if down else timedelta(minutes=chance.randint(10, 240))
        now = before + step
        await crew.at(now)
        if missed := [due for due in expected if before < due <= now]:
            fired.append(missed[0])
        before = now
    assert await crew.dues(task) == fired
    assert len(fired) > 2


async def test_a_day_missed_is_made_up_for_once_and_said(
    database: Database, mongo_database: MongoDatabase
) -> None:
    crew = Crew(database, mongo_database, SPRING)
    schedule = Schedule(kind=ScheduleKind.EVERY, every=timedelta(hours=1), anchor=SPRING)
    task = await crew.task(schedule, SPRING + timedelta(hours=1))
    await crew.at(SPRING + timedelta(hours=1, seconds=1))
    on_time = await database.runs.latest_of(task.id)
    await crew.at(SPRING + timedelta(days=1, hours=1, minutes=20))
    late = await database.runs.latest_of(task.id)
    assert on_time is not None
    assert late is not None
    assert (on_time.late, late.late) == (False, True)
    assert late.due == SPRING + timedelta(hours=2)
    after = await database.tasks.get(task.id)
    assert after is not None
    assert after.next_due == SPRING + timedelta(days=1, hours=2)
    assert len(await crew.dues(task)) == 2


async def test_what_was_missed_is_not_made_up_for_in_quiet_hours(
    database: Database, mongo_database: MongoDatabase
) -> None:
    start = datetime(2026, 1, 1, 20, tzinfo=UTC)
    crew = Crew(database, mongo_database, start)
    quiet = Quiet(start=time(22), end=time(7))
    schedule = Schedule(kind=ScheduleKind.DAILY, daily_at=time(21), quiet=quiet)
    task = await crew.task(schedule, start + timedelta(hours=1))
    await crew.at(start + timedelta(hours=3))
    assert await crew.dues(task) == []
    await crew.at(start + timedelta(hours=11))
    assert await crew.dues(task) == [start + timedelta(hours=11)]
    after = await database.tasks.get(task.id)
    assert after is not None
    assert after.next_due == start + timedelta(days=1, hours=1)


async def test_a_task_whose_end_has_come_is_finished(
    database: Database, mongo_database: MongoDatabase
) -> None:
    crew = Crew(database, mongo_database, SPRING)
    ends = SPRING + timedelta(hours=2)
    schedule = Schedule(
        kind=ScheduleKind.EVERY, every=timedelta(hours=1), anchor=SPRING, ends_at=ends
    )
    task = await crew.task(schedule, SPRING + timedelta(hours=1))
    for hour in range(1, 6):
        await crew.at(SPRING + timedelta(hours=hour, seconds=3))
    assert await crew.dues(task) == [SPRING + timedelta(hours=1), ends]
    after = await database.tasks.get(task.id)
    assert after is not None
    assert (after.state, after.next_due) == (TaskState.FINISHED, None)


@pytest.mark.parametrize("crashed", ["before", "marked", "closed"])
async def test_a_run_that_only_listens_makes_way_for_the_next_one(
    database: Database, mongo_database: MongoDatabase, crashed: str
) -> None:
    crew, due = Crew(database, mongo_database, SPRING), SPRING + timedelta(hours=1)
    hourly = Schedule(kind=ScheduleKind.EVERY, every=timedelta(hours=1), anchor=SPRING)
    task = await crew.task(hourly, due, (Step.LISTEN,))
    first = await database.runs.open(task, due=SPRING, now=SPRING)
    assert first is not None
    first = await crew.end_jobs(first, JobState.DONE)
    want = Want(run=first.id, task=task.id)
    await database.subscriptions.want(Begun(chat=-1001, box="", source="@one", want=want))
    if crashed != "before":
        assert await database.runs.continued(first, due)
    if crashed == "closed":
        await crew.keeper.derive(first.id)
    await crew.fire(due)
    old, new = await database.runs.get(first.id), await database.runs.open_of(task.id)
    assert old is not None
    assert new is not None
    assert (old.status.state, old.continued_at) == (RunState.DONE, due)
    assert (new.due, new.continues) == (due, True)
    await crew.keeper.derive(old.id)
    await crew.fire(due + timedelta(hours=1))
    assert await crew.dues(task) == [SPRING, due]
    new = await crew.end_jobs(new, JobState.FAILED)
    assert new.status.state is RunState.RUNNING
    await crew.fire(due + timedelta(hours=2))
    assert await crew.dues(task) == [SPRING, due, due + timedelta(hours=2)]


async def test_only_near_times_have_timers(
    database: Database, mongo_database: MongoDatabase
) -> None:
    crew = Crew(database, mongo_database, SPRING)
    schedule = Schedule(kind=ScheduleKind.DAILY, daily_at=time(9))
    near = await crew.task(schedule, SPRING + timedelta(seconds=30))
    await crew.task(schedule, SPRING + timedelta(hours=30))
    scheduler = crew.schedulers[0]
    await scheduler.sync()
    assert [timer.id for timer in scheduler._timers.get_jobs()] == [near.id]


def times(cron: str, start: datetime, end: datetime) -> list[datetime]:
    """The wall times of APScheduler, for days that lack 02:15 as much later as the clock moved."""
    minute, hour, _, _, days = cron.split()
    named = {"0,6": "sat,sun"}.get(days, days)
    trigger = CronTrigger(minute=minute, hour=hour, day_of_week=named, timezone=UTC)
    zone, found = ZoneInfo(BERLIN), set()
    wall = start.astimezone(zone).replace(tzinfo=UTC)
    while (due := trigger.get_next_fire_time(None, wall)) and due.replace(tzinfo=zone) <= end:
        found.add(due.replace(tzinfo=zone, fold=0).astimezone(UTC))
        wall = due + TICK
    return sorted(due for due in found if due > start)
