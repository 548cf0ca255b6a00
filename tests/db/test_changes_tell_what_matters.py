"""The stream wakes who waits for the queue when the queue changed, and not for mere progress."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from waiting import wait_until

from core.job import Family, Job, JobState, Progress
from core.options import HistoryOptions
from core.task import Step
from db.changes import QUEUE
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


async def test_a_hint_wakes_everybody(database: Database) -> None:
    since = database.changes.mark()
    assert not database.changes.lively()
    await database.changes.hint()
    assert await database.changes.wait("tasks", since=since, timeout=0.1)
    assert await database.changes.wait(QUEUE, since=since, timeout=0.1)
