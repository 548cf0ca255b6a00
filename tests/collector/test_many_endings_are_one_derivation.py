"""A run's state is derived for all who ask at the same time, and never from what was before."""

import asyncio
from datetime import UTC, datetime

import pytest
from commands import Tap
from motor.motor_asyncio import AsyncIOMotorClient

from collector.run_keeper import RunKeeper
from collector.together import together
from core.clock import SystemClock
from core.errors import StoreError
from core.job import JobKey
from core.run import Run, RunState
from core.task import AccountPolicy, Schedule, TaskSpec
from db.client import database_of
from db.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOURCES = tuple(f"@source_{place}" for place in range(20))


class Watched(RunKeeper):
    """Counts how often the state is really derived."""

    derived = 0

    async def _derive(self, run_id: str) -> None:
        self.derived += 1
        await super()._derive(run_id)


@pytest.fixture
async def keeper(database: Database) -> Watched:
    return Watched(database, SystemClock())


@pytest.fixture
async def run(database: Database, keeper: Watched) -> Run:
    task = await database.tasks.add(
        owner=1,
        chat=1,
        spec=TaskSpec(sources=SOURCES, policy=AccountPolicy.pinned(1)),
        schedule=Schedule(),
        next_due=None,
        now=NOW,
    )
    opened = await database.runs.open(task, due=NOW, now=NOW)
    assert opened is not None
    assert await keeper.plan_new() == 1
    assert await keeper.plan_new() == 0
    keeper.derived = 0
    return opened


async def state(database: Database, run: Run) -> RunState:
    found = await database.runs.get(run.id)
    assert found is not None
    return found.status.state


async def test_twenty_endings_at_once_end_the_run_and_share_the_work(
    database: Database, keeper: Watched, run: Run
) -> None:
    keys = []
    for place in range(len(SOURCES)):
        job = await database.jobs.claim(f"{run.id}:{place:04d}", 1, 1, NOW)
        assert job is not None
        keys.append(job.key())

    async def end(key: JobKey) -> None:
        await database.jobs.done(key, NOW)
        await keeper.derive(run.id)

    async with asyncio.TaskGroup() as group:
        for key in keys:
            group.create_task(end(key))
    assert await state(database, run) is RunState.DONE
    assert keeper.derived < len(SOURCES)


async def test_who_asks_at_once_shares_the_next_time(keeper: Watched, run: Run) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(keeper.derive(run.id))
    assert keeper.derived <= 2


async def test_who_asks_later_does_not_get_what_was_derived_before(
    database: Database, keeper: Watched, run: Run
) -> None:
    assert await state(database, run) is RunState.QUEUED
    await database.jobs.cancel_queued(run.id, NOW)
    await keeper.derive(run.id)
    assert await state(database, run) is RunState.CANCELLED


async def test_one_who_is_cancelled_takes_nothing_from_the_others(
    database: Database, keeper: Watched, run: Run
) -> None:
    await database.jobs.cancel_queued(run.id, NOW)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(keeper.derive(run.id))
        second = group.create_task(keeper.derive(run.id))
        await asyncio.sleep(0)
        first.cancel()
    assert second.done()
    assert await state(database, run) is RunState.CANCELLED


async def opened(database: Database, keeper: RunKeeper, sources: int) -> Run:
    names = tuple(f"@other_{place}" for place in range(sources))
    spec = TaskSpec(sources=names, policy=AccountPolicy.pinned(1))
    task = await database.tasks.add(
        owner=1, chat=1, spec=spec, schedule=Schedule(), next_due=None, now=NOW
    )
    run = await database.runs.open(task, due=NOW, now=NOW)
    assert run is not None
    await keeper.derive(run.id)
    return run


async def test_many_runs_are_derived_by_two_questions(
    mongo_uri: str, database_name: str, database: Database, keeper: Watched
) -> None:
    runs = [await opened(database, keeper, 2) for _ in range(12)]
    for run in runs:
        await database.jobs.claim(f"{run.id}:0000", 1, 1, NOW)
    tap = Tap()
    client = AsyncIOMotorClient(mongo_uri, tz_aware=True, event_listeners=[tap])
    other = Watched(Database(database_of(client, database_name)), SystemClock())
    for run in runs:
        other.poke(run.id)
    assert await other.derivations.settle() == len(runs)
    client.close()
    assert other.derived == 0
    assert tap.caught["find"] == 2
    assert {await state(database, run) for run in runs} == {RunState.RUNNING}


async def test_those_with_many_jobs_or_more_to_plan_are_derived_one_by_one(
    database: Database, keeper: Watched
) -> None:
    large = await opened(database, keeper, 200)
    small = await opened(database, keeper, 1)
    for run in (large, small):
        await database.jobs.claim(f"{run.id}:0000", 1, 1, NOW)
    await database.runs.replan(small.id)
    keeper.derived = 0
    for one in (large.id, small.id, "nobody"):
        keeper.poke(one)
    await keeper.derivations.settle()
    assert keeper.derived == 3
    assert await state(database, large) is RunState.RUNNING
    assert await state(database, small) is RunState.RUNNING


@pytest.mark.parametrize("leaves", [False, True])
async def test_a_run_between_two_jobs_is_said_to_be_queued_only_a_second_later(
    database: Database, keeper: Watched, run: Run, *, leaves: bool
) -> None:
    for place in (0, 1):
        job = await database.jobs.claim(f"{run.id}:{place:04d}", 1, 1, NOW)
        assert job is not None
        keeper.poke(run.id)
        await keeper.derivations.settle()
        assert await state(database, run) is RunState.RUNNING
        await database.jobs.done(job.key(), NOW)
        keeper.poke(run.id)
        await keeper.derivations.settle()
        assert await state(database, run) is RunState.RUNNING
    if leaves:
        await keeper.settle()
    else:
        await asyncio.wait_for(keeper.derivations.due(), 20)
        await keeper.derivations.settle()
        if await state(database, run) is RunState.RUNNING:
            await asyncio.wait_for(keeper.derivations.due(), 20)
            await keeper.derivations.settle()
    assert await state(database, run) is RunState.QUEUED


async def test_a_run_whose_last_job_has_ended_ends_at_once(
    database: Database, keeper: Watched
) -> None:
    run = await opened(database, keeper, 1)
    job = await database.jobs.claim(f"{run.id}:0000", 1, 1, NOW)
    assert job is not None
    keeper.poke(run.id)
    await keeper.derivations.settle()
    await database.jobs.done(job.key(), NOW)
    keeper.poke(run.id)
    await keeper.derivations.settle()
    assert await state(database, run) is RunState.DONE


async def test_what_could_not_be_settled_is_settled_the_next_time(database: Database) -> None:
    class Failing(RunKeeper):
        away = True

        async def _derive(self, run_id: str) -> None:
            if self.away:
                raise StoreError(run_id)

    keeper = Failing(database, SystemClock())
    keeper.poke("r")
    with pytest.raises(StoreError):
        await keeper.derivations.settle()
    keeper.away = False
    await asyncio.wait_for(keeper.derivations.due(), 1)
    assert await keeper.derivations.settle() == 1
    assert await keeper.derivations.settle() == 0


async def test_an_error_of_the_store_reaches_all_who_asked(database: Database) -> None:
    class Failing(RunKeeper):
        async def _derive(self, run_id: str) -> None:
            raise StoreError(run_id)

    failing = Failing(database, SystemClock())
    results = []

    async def ask() -> None:
        try:
            await failing.derive("r")
        except StoreError:
            results.append("told")

    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(ask())
    assert results == ["told"] * 3


async def test_what_is_done_together_fails_as_one_alone_would() -> None:
    done = []

    async def fail() -> None:
        raise StoreError("away")

    async def work() -> None:
        await asyncio.sleep(0)
        done.append(1)

    await together(work() for _ in range(3))
    assert len(done) == 3
    with pytest.raises(StoreError, match="away"):
        await together([fail(), fail()])
