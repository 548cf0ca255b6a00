"""A run's state is derived for all who ask at the same time, and never from what was before."""

import asyncio
from datetime import UTC, datetime

import pytest

from collector.run_keeper import RunKeeper
from collector.together import together
from core.clock import SystemClock
from core.errors import StoreError
from core.job import JobKey
from core.run import Run, RunState
from core.task import AccountPolicy, Schedule, TaskSpec
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
