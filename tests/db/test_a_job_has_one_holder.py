"""The queue on a real MongoDB: one claim, writes only by the holder, fair between runs."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.job import Failure, Family, Job, JobKey, JobState, Progress, Wait
from core.options import HistoryOptions
from core.task import AccountPolicy, Step
from db.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def make(run: str, place: int = 0, key: str = "*") -> Job:
    return Job(
        id=f"{run}:{place:04d}",
        run=run,
        task="t",
        step=Step.HISTORY,
        source="@name",
        options=HistoryOptions(limit=5, since=NOW),
        keys=(key,),
        family=Family.HISTORY,
        state=JobState.QUEUED,
        created_at=NOW,
    )


@pytest.fixture
async def claimed(database: Database) -> Job:
    await database.jobs.add([make("r1")])
    job = await database.jobs.claim("r1:0000", 7, 3, NOW)
    assert job is not None
    return job


async def test_of_many_claims_one_wins(database: Database) -> None:
    await database.jobs.add([make("r1")])
    async with asyncio.TaskGroup() as group:
        claims = [
            group.create_task(database.jobs.claim("r1:0000", account, 1, NOW))
            for account in range(20)
        ]
    won = [claim.result() for claim in claims if claim.result() is not None]
    assert len(won) == 1
    assert won[0].attempts == 1


async def test_planning_twice_queues_once(database: Database) -> None:
    await database.jobs.add([make("r1"), make("r1", 1)])
    await database.jobs.claim("r1:0000", 7, 3, NOW)
    await database.jobs.add([make("r1"), make("r1", 1)])
    states = [job.state for job in await database.jobs.of_run("r1")]
    assert states == [JobState.RUNNING, JobState.QUEUED]


async def test_a_stale_holder_writes_nothing(database: Database, claimed: Job) -> None:
    await database.jobs.release(claimed.key())
    again = await database.jobs.claim(claimed.id, 7, 4, NOW)
    assert again is not None
    stale = JobKey(job=claimed.id, account=7, token=3)
    progress = Progress(read=9, new=9)
    assert not await database.jobs.progress(stale, progress, chat=1, top_id=1, moved=True)
    assert not await database.jobs.done(stale, NOW)
    assert not await database.jobs.release(stale)
    assert not await database.jobs.fail(stale, Failure(reason="x"), NOW)
    job = await database.jobs.get(claimed.id)
    assert job is not None
    assert (job.state, job.progress) == (JobState.RUNNING, Progress())


async def test_a_waiting_job_is_not_seen_before_its_time(database: Database, claimed: Job) -> None:
    until = NOW + timedelta(minutes=5)
    await database.jobs.release(claimed.key(), wait=Wait(why="flood", until=until))
    assert await database.jobs.peek(Family.HISTORY, ["*"]) == []
    assert await database.jobs.wake(NOW) == 0
    assert await database.jobs.wake(until) == 1
    assert [job.id for job in await database.jobs.peek(Family.HISTORY, ["*"])] == [claimed.id]


async def test_attempts_count_anew_after_progress(database: Database, claimed: Job) -> None:
    key = claimed.key()
    await database.jobs.progress(key, Progress(), chat=None, top_id=None, moved=False)
    await database.jobs.release(key)
    second = await database.jobs.claim(claimed.id, 7, 4, NOW)
    assert second is not None
    assert second.attempts == 2
    await database.jobs.progress(second.key(), Progress(read=1), chat=1, top_id=1, moved=True)
    job = await database.jobs.get(claimed.id)
    assert job is not None
    assert job.attempts == 0


async def test_each_key_sees_its_own_jobs(database: Database) -> None:
    await database.jobs.add([make("r1", 0, "a1"), make("r1", 1, "a2"), make("r1", 2)])
    seen = await database.jobs.peek(Family.HISTORY, ["*", "a2"])
    assert [job.id for job in seen] == ["r1:0001", "r1:0002"]


async def test_a_long_run_does_not_starve_a_new_one(database: Database) -> None:
    await database.jobs.add([make("long", place) for place in range(50)])
    for place in range(3):
        await database.jobs.claim(f"long:{place:04d}", 1, 1, NOW)
    await database.jobs.add([make("short")])
    order = [job.run for job in await database.jobs.peek(Family.HISTORY, ["*"], limit=100)]
    assert order.index("short") <= 1


async def test_stopping_ends_what_is_queued_and_leaves_what_runs_to_its_holder(
    database: Database,
) -> None:
    await database.jobs.add([make("r1"), make("r1", 1)])
    await database.jobs.claim("r1:0000", 7, 3, NOW)
    assert await database.jobs.cancel_queued("r1", NOW) == 1
    states = [job.state for job in await database.jobs.of_run("r1")]
    assert states == [JobState.RUNNING, JobState.CANCELLED]
    assert await database.jobs.peek(Family.HISTORY, ["*"]) == []


async def test_a_retry_takes_the_failed_jobs_to_another_account(
    database: Database, claimed: Job
) -> None:
    await database.jobs.fail(claimed.key(), Failure(reason="account_lost"), NOW)
    assert await database.jobs.retry_failed("r1", AccountPolicy.pinned(9)) == 1
    job = await database.jobs.get(claimed.id)
    assert job is not None
    assert (job.state, job.keys, job.failure) == (JobState.QUEUED, ("a9",), None)
