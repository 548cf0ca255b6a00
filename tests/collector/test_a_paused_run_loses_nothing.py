"""Pausing releases what runs within two seconds; resuming reads on, and no attempt is counted."""

import asyncio
from datetime import timedelta

import pytest
from service import (
    CLOCK,
    ended,
    job_of,
    make_worker,
    recruit,
    start,
    stored_ids,
    working,
    world_ids,
)
from waiting import wait_until

from core.job import JobState
from core.options import HistoryOptions
from core.run import Intent, Run, RunState
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHAT = "long_chat"


@pytest.fixture
async def sandbox() -> Sandbox:
    async with Sandbox(small_world(chats={CHAT: 6000}, accounts=2)) as sandbox:
        sandbox.faults.delay(0.05, method="messages.getHistory")
        yield sandbox


async def test_a_paused_run_rests_within_two_seconds_and_goes_on_where_it_was(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    async with working(make_worker(database, sandbox)):
        run = await start(database, f"@{CHAT}")
        for _ in range(2):
            before = (await job_of(database, run)).progress.read
            await wait_until(lambda read=before: has_read(database, run, read + 100))
            pressed = CLOCK.elapsed()
            await pause(database, run)
            await wait_until(lambda: is_paused(database, run), timeout=2)
            assert CLOCK.elapsed() - pressed < 2
            job = await job_of(database, run)
            assert (job.state, job.hold, job.attempts) == (JobState.QUEUED, True, 0)
            calls = len(sandbox.counters.calls)
            async with asyncio.timeout(5):
                await database.jobs.wake(CLOCK.now() + timedelta(days=1))
            assert len(sandbox.counters.calls) - calls <= 1
            assert await database.jobs.claim(job.id, 1, 1, CLOCK.now()) is None
            await resume(database, run)
        assert await ended(database, run) == [RunState.DONE]
    assert await stored_ids(database, sandbox, CHAT) == world_ids(sandbox, CHAT)


async def test_a_pause_that_was_half_done_is_completed_by_the_sweep(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    run = await start(database, f"@{CHAT}", history=HistoryOptions(limit=300))
    await database.runs.set_intent(run.id, Intent.PAUSE)
    async with working(make_worker(database, sandbox)):
        await wait_until(lambda: is_paused(database, run))
        assert (await job_of(database, run)).hold
        await database.runs.set_intent(run.id, Intent.GO)
        assert await ended(database, run) == [RunState.DONE]


async def test_a_paused_run_can_be_stopped(database: Database, sandbox: Sandbox) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    async with working(make_worker(database, sandbox)):
        run = await start(database, f"@{CHAT}", history=HistoryOptions(limit=300))
        await job_of(database, run)
        await pause(database, run)
        await wait_until(lambda: is_paused(database, run))
        await database.runs.set_intent(run.id, Intent.CANCEL)
        assert await ended(database, run) == [RunState.CANCELLED]


async def pause(database: Database, run: Run) -> None:
    """What Pause in the chat does."""
    await database.runs.set_intent(run.id, Intent.PAUSE)
    await database.jobs.hold(run.id)


async def resume(database: Database, run: Run) -> None:
    """What Resume in the chat does."""
    await database.runs.set_intent(run.id, Intent.GO)
    await database.jobs.unhold(run.id)


async def is_paused(database: Database, run: Run) -> bool:
    found = await database.runs.get(run.id)
    return found is not None and found.status.state is RunState.PAUSED


async def has_read(database: Database, run: Run, count: int) -> bool:
    stored = await database.runs.get(run.id)
    job = await job_of(database, run)
    return job.progress.read >= count or (stored is not None and not stored.is_open())
