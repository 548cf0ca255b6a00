"""Every way to open a run, met at each of its calls to MongoDB by whatever changes the task."""

import itertools
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from agreed import Agreed
from stepped import SteppedDatabase, Steps

from bot.errors import BotError
from bot.features.newtask.service import WizardService
from bot.features.runs.service import RunService
from bot.features.tasks.deletion import Deletions
from bot.features.tasks.service import TaskService
from bot.holders import Holders
from collector.run_keeper import RunKeeper
from collector.scheduler import Scheduler
from core.job import JobState
from core.operator import Operator, Role
from core.run import Card, Intent, RunState, Status
from core.schedule import next_due
from core.task import Schedule, ScheduleKind, Task, TaskSpec
from db.client import MongoDatabase
from db.database import Database

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD, NEW = ("-1001",), ("-1002",)
ANNA = Operator(id=1, role=Role.OPERATOR)
HOURLY = Schedule(kind=ScheduleKind.EVERY, every=timedelta(hours=1), anchor=NOW)


class Died(Exception):
    """The process of the opener is gone."""


@dataclass
class StoppedClock:
    moment: datetime = NOW
    seconds: float = 0.0

    def now(self) -> datetime:
        return self.moment

    def elapsed(self) -> float:
        return self.seconds


@dataclass
class Crew:
    """The services of one process on one connection to the store."""

    database: Database
    task: Task
    last: str = ""

    def __post_init__(self) -> None:
        self.clock = StoppedClock()
        self.runs = RunService(self.database, self.clock)
        self.tasks = TaskService(self.database, self.clock, self.runs)
        self.keeper = RunKeeper(self.database, self.clock)
        self.scheduler = Scheduler(self.database, self.keeper, self.clock, Agreed(self.clock))
        self.deletions = Deletions(
            self.database, self.clock, self.runs, Holders(self.database, self.clock)
        )
        self.wizard = WizardService(self.database, self.clock, ZoneInfo("UTC"))

    # the ways to open a run

    async def schedule(self) -> None:
        await self.scheduler.fire_due()

    async def start(self) -> None:
        await self.tasks.start(ANNA, self.task.id)

    async def first(self) -> None:
        task = await self.database.tasks.get(self.task.id)
        if task is None:
            raise BotError("error-task-gone")
        now = replace(task, schedule=Schedule(kind=ScheduleKind.NOW))
        await self.wizard._first_run(now, Card(chat=1, message=1))

    async def retry(self) -> None:
        await self.runs.retry(ANNA, self.last)

    async def repair(self) -> None:
        await self.runs.repair(ANNA, self.last)

    # what changes the task meanwhile

    async def pause(self) -> None:
        await self.tasks.pause(ANNA, self.task.id)

    async def pause_and_resume(self) -> None:
        await self.tasks.pause(ANNA, self.task.id)
        await self.tasks.resume(ANNA, self.task.id)

    async def delete(self) -> None:
        await self.deletions.begin(ANNA, self.task.id, purge=False)
        assert await self.deletions.finish(self.task.id)

    async def begin_deletion(self) -> None:
        await self.deletions.begin(ANNA, self.task.id, purge=False)

    async def edit(self) -> None:
        found = await self.tasks.get(self.task.id)
        schedule = replace(HOURLY, anchor=NOW + timedelta(minutes=5))
        assert await self.database.tasks.edit(
            found.id,
            rev=found.rev,
            spec=replace(found.spec, sources=NEW),
            schedule=schedule,
            next_due=next_due(schedule, NOW),
        )

    async def fire_elsewhere(self) -> None:
        await self.scheduler.fire_due()


OPENERS = ("schedule", "start", "first", "retry", "repair")
CHANGES = ("pause", "pause_and_resume", "delete", "begin_deletion", "edit", "fire_elsewhere")


@pytest.mark.parametrize("dies", [False, True], ids=["lives", "dies"])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("opener", OPENERS)
async def test_the_change_comes_first_or_finds_the_run(
    database: Database, mongo_database: MongoDatabase, opener: str, change: str, dies: bool
) -> None:
    for at in itertools.count():
        before = await one_task(database, opener)
        other = Crew(database, before)
        agreed: list[bool] = []

        async def meanwhile(other: Crew = other, agreed: list[bool] = agreed) -> None:
            agreed.append(await is_agreed(database, mongo_database, other.task.id))
            with suppress(BotError):
                await getattr(other, change)()
            if dies:
                raise Died

        steps = Steps(at, meanwhile)
        last = await database.runs.latest_of(before.id)
        stepped = Database(SteppedDatabase(mongo_database, steps))
        crew = Crew(stepped, before, "" if last is None else last.id)
        with suppress(BotError, Died):
            await getattr(crew, opener)()
        if not steps.done:
            assert at > 2
            break
        await swept(other)
        await check(database, mongo_database, other, change)
        opened = await database.runs.open_of(before.id)
        if opened is not None and "tasks" in steps.asked and not agreed[0]:
            assert change != "edit" or opener in {"retry", "repair"} or opened.spec.sources == NEW
            assert change != "pause"
        elif opened is not None and "tasks" in steps.asked and change == "pause":
            assert opened.intent is Intent.PAUSE


async def is_agreed(database: Database, raw: MongoDatabase, task: str) -> bool:
    """Whether the task has an open run, or has agreed to the one that is being opened."""
    run, found = await database.runs.open_of(task), await raw["tasks"].find_one({"_id": task})
    return run is not None and (run.opening is None or found.get("opened") == run.opening.id)


async def swept(crew: Crew) -> None:
    """Any worker has looked once more."""
    await crew.keeper.sweep()
    await crew.keeper.plan_new()


async def check(database: Database, raw: MongoDatabase, crew: Crew, change: str) -> None:
    task = await database.tasks.get(crew.task.id)
    runs = [one async for one in raw["runs"].find({"task": crew.task.id})]
    jobs = [one async for one in raw["jobs"].find({"task": crew.task.id})]
    assert [one for one in runs if one["opening"]] == []
    opened = [one for one in runs if one["open"]]
    assert len(opened) <= 1
    assert {one["run"] for one in jobs} <= {one["_id"] for one in runs}
    ready = [one for one in jobs if one.get("ready")]
    if change == "delete":
        assert (task, runs, jobs) == (None, [], [])
    elif change == "begin_deletion":
        assert task is not None
        assert await crew.deletions.finish(task.id)
        assert [one async for one in raw["runs"].find({"task": task.id})] == []
        assert [one async for one in raw["jobs"].find({"task": task.id})] == []
    elif change == "pause":
        assert task is not None
        assert ready == [] or opened[0]["intent"] == Intent.GO
    elif change == "fire_elsewhere":
        assert len(await database.runs.dues_of(crew.task.id)) == len(runs)
        assert task is not None


async def one_task(database: Database, opener: str) -> Task:
    """A task that is due, with an ended run of which one source failed where the opener wants it,
    and nothing of any other."""
    for room in ("runs", "jobs", "tasks", "sequences"):
        await database._database[room].delete_many({})
    task = await database.tasks.add(
        owner=1, chat=1, spec=TaskSpec(sources=OLD), schedule=HOURLY, next_due=NOW, now=NOW
    )
    if opener in {"retry", "repair"}:
        await ended(database, task)
    return task


async def ended(database: Database, task: Task) -> None:
    earlier = NOW - timedelta(hours=1)
    run = await database.runs.open(task, due=earlier, now=earlier)
    assert run is not None
    await RunKeeper(database, StoppedClock(earlier)).derive(run.id)
    await database._database["jobs"].update_many(
        {"run": run.id},
        {"$set": {"state": JobState.FAILED, "chat": -1001}, "$unset": {"ready": ""}},
    )
    fresh = await database.runs.get(run.id)
    assert fresh is not None
    assert await database.runs.set_status(fresh, Status(state=RunState.FAILED), earlier)
