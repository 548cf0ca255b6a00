"""The stream wakes who waits for the queue when the queue changed, and not for mere progress."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from waiting import wait_until

from core.job import Family, Job, JobState, Progress
from core.options import HistoryOptions
from core.run import Intent, Run, RunState, Status
from core.task import Schedule, Step, TaskSpec
from db.changes import ORDERS, QUEUE
from db.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
JOB = Job(
    id="r1:0000",
    run="r1",
    task="t",
    step=Step.HISTORY,
    source="@name",
    options=HistoryOptions(),
    keys=("*",),
    family=Family.HISTORY,
    state=JobState.QUEUED,
    created_at=NOW,
)

OPENED = 3
"""Changes of runs when one is open: the stream began, the run came, and its task agreed."""


@pytest.fixture
async def told(database: Database) -> AsyncIterator[Database]:
    """A database whose changes are followed."""
    async with asyncio.TaskGroup() as group:
        following = group.create_task(database.changes.run())
        await wait_until(database.changes.lively)
        yield database
        following.cancel()


def version(database: Database, name: str) -> int:
    return database.changes.mark()[name]


async def test_a_job_that_comes_goes_and_comes_back_is_news_for_the_queue(told: Database) -> None:
    async def add() -> None:
        await told.jobs.add([JOB])

    async def claim() -> None:
        await told.jobs.claim(JOB.id, 1, 1, NOW)

    async def release() -> None:
        job = await told.jobs.get(JOB.id)
        assert job is not None
        await told.jobs.release(job.key())

    for step in (add, claim, release, claim):
        since = told.changes.mark()
        await step()
        assert await told.changes.wait(QUEUE, since=since, timeout=5)


async def test_progress_is_news_for_cards_and_not_for_the_queue(told: Database) -> None:
    await told.jobs.add([JOB])
    job = await told.jobs.claim(JOB.id, 1, 1, NOW)
    assert job is not None
    await wait_until(lambda: version(told, "jobs") >= 3)
    since, progress = told.changes.mark(), Progress(read=1, new=1)
    await told.jobs.progress(job.key(), progress, chat=1, top_id=1, moved=True)
    assert await told.changes.wait("jobs", since=since, timeout=5)
    assert version(told, QUEUE) == since[QUEUE]


async def test_who_does_not_look_at_progress_is_spared_it_until_somebody_beside_looks(
    database: Database,
) -> None:
    database.changes.spare_progress()
    await database.jobs.add([JOB])
    job = await database.jobs.claim(JOB.id, 1, 1, NOW)
    assert job is not None

    async def get_on(read: int) -> None:
        progress = Progress(read=read, new=read)
        await database.jobs.progress(job.key(), progress, chat=1, top_id=1, moved=True)

    async with asyncio.TaskGroup() as group:
        following = group.create_task(database.changes.run())
        await wait_until(lambda: version(database, "jobs") == 1, timeout=20)
        await get_on(1)
        await database.jobs.add([replace(JOB, id="r1:0001")])
        await wait_until(lambda: version(database, "jobs") > 1, timeout=20)
        assert version(database, "jobs") == 2
        database.changes.keep_runs()
        await wait_until(lambda: database.changes.begun == 2, timeout=20)
        database.changes.take_runs()
        await get_on(2)
        await wait_until(lambda: JOB.run in database.changes.take_runs()[1], timeout=20)
        following.cancel()


async def opened(database: Database) -> Run:
    task = await database.tasks.add(
        owner=1,
        chat=1,
        spec=TaskSpec(sources=("@one",)),
        schedule=Schedule(),
        next_due=None,
        now=NOW,
    )
    run = await database.runs.open(task, due=NOW, now=NOW)
    assert run is not None
    return run


async def now(database: Database, run: Run) -> Run:
    found = await database.runs.get(run.id)
    assert found is not None
    return found


async def test_what_somebody_wants_of_a_run_is_an_order_and_where_it_stands_is_none(
    told: Database,
) -> None:
    run = await opened(told)
    await wait_until(lambda: version(told, "runs") == OPENED)
    assert version(told, ORDERS) == OPENED

    async def planned() -> None:
        assert await told.runs.advanced(await now(told, run), planned=True, asks=False)

    async def running() -> None:
        status = Status(state=RunState.RUNNING)
        assert await told.runs.set_status(await now(told, run), status, NOW)

    async def stop() -> None:
        await told.runs.set_intent(run.id, Intent.CANCEL)

    async def again() -> None:
        await told.runs.replan(run.id)

    async def ended() -> None:
        status = Status(state=RunState.CANCELLED)
        assert await told.runs.set_status(await now(told, run), status, NOW)

    for write, is_order in (
        (planned, False),
        (running, False),
        (stop, True),
        (again, True),
        (planned, False),
        (ended, True),
    ):
        since = told.changes.mark()
        await write()
        assert await told.changes.wait("runs", since=since, timeout=5)
        assert (version(told, ORDERS) > since[ORDERS]) is is_order, write.__name__


async def test_who_keeps_runs_is_told_which_moved_and_which_got_on(told: Database) -> None:
    assert told.changes.take_runs() == (set(), set())
    told.changes.keep_runs()
    run = await opened(told)
    await wait_until(lambda: version(told, "runs") == OPENED)
    since = told.changes.mark()
    await told.jobs.add([JOB])
    assert await told.changes.wait("jobs", since=since, timeout=5)
    assert told.changes.take_runs() == ({run.id}, {JOB.run})
    assert told.changes.take_runs() == (set(), set())
    assert told.changes.begun == 1


async def test_a_hint_wakes_everybody(database: Database) -> None:
    since = database.changes.mark()
    assert not database.changes.lively()
    await database.changes.hint()
    assert await database.changes.wait("tasks", since=since, timeout=0.1)
    assert await database.changes.wait(QUEUE, since=since, timeout=0.1)
