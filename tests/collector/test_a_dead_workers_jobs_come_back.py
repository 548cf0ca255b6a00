"""A running job whose holder is gone, or whose ending could not be written, is released by the
sweep of any worker; the fifth time without progress it fails as stalled, and is never lost.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from leasing import lease
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
from structlog.testing import capture_logs
from waiting import wait_until

from collector.worker import Worker
from core.account import Account
from core.errors import StoreError
from core.job import Job, JobKey, JobState
from core.outcome import MAX_ATTEMPTS
from core.planning import peek_keys
from core.run import Run, RunState
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHAT, OTHER = "alpha_chat", "beta_chat"
Worked = Callable[[], Awaitable[Worker]]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(small_world(chats={CHAT: 300, OTHER: 300}, accounts=2)) as sandbox:
        yield sandbox


@pytest.fixture
async def accounts(database: Database, sandbox: Sandbox) -> list[Account]:
    return await recruit(database, sandbox, sandbox.world.accounts)


@pytest.fixture
async def works(
    database: Database, sandbox: Sandbox, accounts: list[Account]
) -> AsyncIterator[Worked]:
    """Begin a worker; it works until the test ends."""
    async with AsyncExitStack() as stack:

        async def begin() -> Worker:
            return await stack.enter_async_context(working(make_worker(database, sandbox)))

        yield begin


async def claimed(
    database: Database, sandbox: Sandbox, run: Run, account: int, token: int, *, times: int = 1
) -> Job:
    """The job of a run in the hands of somebody who is no more, for the n-th time."""
    await make_worker(database, sandbox)._crew.keeper.plan_new()
    job = await job_of(database, run)
    for turn in range(times):
        taken = await database.jobs.claim(job.id, account, token, CLOCK.now())
        assert taken is not None
        if turn < times - 1:
            assert await database.jobs.release(taken.key())
    return taken


async def leased(database: Database, worker: str, *, seconds: float) -> tuple[int, int]:
    """The first account in the hands of a worker, and the token that says so."""
    held = await lease(database, worker, seconds=seconds)
    assert held is not None
    assert held.lease is not None
    return held.id, held.lease.token


async def test_of_a_stale_token(
    database: Database, sandbox: Sandbox, accounts: list[Account], works: Worked
) -> None:
    run = await start(database, f"@{CHAT}", account=accounts[0])
    job = await claimed(database, sandbox, run, *await leased(database, "dead", seconds=0.01))
    with capture_logs() as logs:
        await works()
        assert await ended(database, run) == [RunState.DONE]
    assert orphans(logs) == [(job.id, accounts[0].id, 1)]
    assert await stored_ids(database, sandbox, CHAT) == world_ids(sandbox, CHAT)
    assert not await database.jobs.done(job.key(), CLOCK.now()), "the dead one's word counts still"


async def test_of_an_account_without_a_lease_and_of_one_that_is_gone(
    database: Database, sandbox: Sandbox, works: Worked
) -> None:
    runs = [await start(database, f"@{name}") for name in (CHAT, OTHER)]
    jobs = [
        await claimed(database, sandbox, run, account, 9)
        for run, account in zip(runs, (1, 77), strict=True)
    ]
    with capture_logs() as logs:
        await works()
        assert await ended(database, *runs) == [RunState.DONE] * 2
    assert {one[0] for one in orphans(logs)} == {job.id for job in jobs}


async def test_but_not_of_one_who_lives(
    database: Database, sandbox: Sandbox, accounts: list[Account], works: Worked
) -> None:
    run = await start(database, f"@{CHAT}", account=accounts[0])
    job = await claimed(database, sandbox, run, *await leased(database, "alive", seconds=60))
    with capture_logs() as logs:
        worker = await works()
        for _ in range(2):
            await worker._sweep()
    assert orphans(logs) == []
    assert (await job_of(database, run)).key() == job.key()


async def test_the_fifth_time_it_fails_as_stalled(
    database: Database, sandbox: Sandbox, works: Worked
) -> None:
    run = await start(database, f"@{CHAT}")
    await claimed(database, sandbox, run, 77, 9, times=MAX_ATTEMPTS)
    await works()
    assert await ended(database, run) == [RunState.FAILED]
    job = await job_of(database, run)
    assert (job.state, job.attempts) == (JobState.FAILED, MAX_ATTEMPTS)
    assert job.failure is not None
    assert job.failure.reason == "stalled"
    assert await database.jobs.peek(job.family, peek_keys([1, 2])) == []


async def test_whose_ending_could_not_be_written(
    database: Database, sandbox: Sandbox, works: Worked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its account is ours and lives: only our own memory tells that nobody works on it."""
    lost, write = list[JobKey](), database.jobs.done

    async def away_once(key: JobKey, *given: object) -> bool:
        if not lost:
            lost.append(key)
            raise StoreError("away")
        return await write(key, *given)

    monkeypatch.setattr(database.jobs, "done", away_once)
    with capture_logs() as logs:
        worker = await works()
        run = await start(database, f"@{CHAT}")
        await wait_until(lambda: lost, timeout=10)
        assert await ended(database, run) == [RunState.DONE]
        assert worker.connected()
    assert [one[0] for one in orphans(logs)] == [lost[0].job]
    assert await stored_ids(database, sandbox, CHAT) == world_ids(sandbox, CHAT)


def orphans(logs: list[dict[str, object]]) -> list[tuple[object, object, object]]:
    """Job, account and attempts of each that was released by a sweep."""
    return [
        (one["job"], one["account"], one["attempts"])
        for one in logs
        if one["event"] == "job.orphaned"
    ]
