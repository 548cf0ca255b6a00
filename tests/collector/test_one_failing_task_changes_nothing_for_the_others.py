"""Isolation: an unknown source, a revoked account, a silent server, a flood."""

import pytest
from service import ended, job_of, make_worker, recruit, start, stored_ids, working, world_ids
from waiting import wait_until

from core.account import AccountState
from core.job import JobState
from core.run import RunState
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHATS = {"alpha_chat": 900, "beta_chat": 700, "gamma_chat": 500}


@pytest.fixture
async def sandbox() -> Sandbox:
    async with Sandbox(small_world(chats=CHATS, accounts=3)) as sandbox:
        yield sandbox


async def test_an_unknown_source_fails_alone_and_says_so(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    async with working(make_worker(database, sandbox)):
        run = await start(database, "@nobody_here_at_all", "@gamma_chat")
        assert await ended(database, run) == [RunState.PARTIAL]
    bad, good = await database.jobs.of_run(run.id)
    assert bad.failure is not None
    assert (bad.state, bad.failure.reason) == (JobState.FAILED, "source_unknown")
    assert good.state is JobState.DONE


async def test_a_revoked_account_fails_its_own_task_at_once(
    database: Database, sandbox: Sandbox
) -> None:
    first, second = await recruit(database, sandbox, sandbox.world.accounts[:2])
    sandbox.faults.delay(0.1, method="messages.getHistory")
    async with working(make_worker(database, sandbox)):
        doomed = await start(database, "@alpha_chat", account=first)
        fine = await start(database, "@beta_chat", account=second)
        await wait_until(lambda: reading(database, doomed))
        sandbox.faults.revoke(first.telegram_id or 0)
        assert await ended(database, doomed, fine) == [RunState.FAILED, RunState.DONE]
    job = await job_of(database, doomed)
    assert job.failure is not None
    assert job.failure.reason in {"session_revoked", "account_lost"}
    account = await database.accounts.get(first.id)
    assert account is not None
    assert account.state is AccountState.LOST
    assert await stored_ids(database, sandbox, "beta_chat") == world_ids(sandbox, "beta_chat")


async def test_an_automatic_task_goes_on_with_another_account_when_its_own_is_lost(
    database: Database, sandbox: Sandbox
) -> None:
    first, second = await recruit(database, sandbox, sandbox.world.accounts[:2])
    sandbox.faults.delay(0.1, method="messages.getHistory")
    async with working(make_worker(database, sandbox)):
        run = await start(database, "@alpha_chat")
        await wait_until(lambda: reading(database, run))
        worker_of = (await job_of(database, run)).account
        lost = first if worker_of == first.id else second
        sandbox.faults.revoke(lost.telegram_id or 0)
        assert await ended(database, run) == [RunState.DONE]
    assert (await job_of(database, run)).account != lost.id
    assert await stored_ids(database, sandbox, "alpha_chat") == world_ids(sandbox, "alpha_chat")


async def test_a_silent_server_holds_up_one_account_only(
    database: Database, sandbox: Sandbox
) -> None:
    first, second = await recruit(database, sandbox, sandbox.world.accounts[:2])
    async with working(make_worker(database, sandbox, call_timeout=0.5)) as worker:
        await wait_until(lambda: worker.connected() == 2)
        sandbox.faults.silence(first.telegram_id)
        silent = await start(database, "@alpha_chat", account=first)
        fine = await start(database, "@beta_chat", account=second)
        assert await ended(database, fine) == [RunState.DONE]

        async def explained() -> str | None:
            wait = (await job_of(database, silent)).wait
            return wait and wait.why

        assert await wait_until(explained) in {"timeout", "network", "connecting"}
        sandbox.faults.clear()
        assert await ended(database, silent, timeout=60) == [RunState.DONE]
    assert await stored_ids(database, sandbox, "alpha_chat") == world_ids(sandbox, "alpha_chat")


async def test_a_short_flood_is_waited_out_and_never_broken(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    sandbox.faults.flood(2, method="messages.getHistory", times=1)
    async with working(make_worker(database, sandbox)):
        run = await start(database, "@alpha_chat", "@beta_chat")
        assert await ended(database, run) == [RunState.DONE]
    assert sandbox.counters.violations == 0
    assert await stored_ids(database, sandbox, "beta_chat") == world_ids(sandbox, "beta_chat")


async def test_a_long_flood_gives_the_job_back_and_says_until_when(
    database: Database, sandbox: Sandbox
) -> None:
    (account,) = await recruit(database, sandbox, sandbox.world.accounts[:1])
    sandbox.faults.flood(600, method="messages.getHistory", times=1)
    async with working(make_worker(database, sandbox)):
        run = await start(database, "@alpha_chat", account=account)

        async def flooded() -> bool:
            job = await job_of(database, run)
            return job.state is JobState.QUEUED and job.wait is not None and job.wait.why == "flood"

        await wait_until(flooded)
        found = await wait_until(lambda: waiting(database, run))
    assert found
    assert "history" in await database.budgets.next_times(account.id)


async def test_a_signed_out_account_fails_its_pinned_task_at_once(
    database: Database, sandbox: Sandbox
) -> None:
    from service import CLOCK

    await recruit(database, sandbox, sandbox.world.accounts[:1])
    out = await database.accounts.add_signed_out(name="Dan", phone="+99 *** 4", now=CLOCK.now())
    async with working(make_worker(database, sandbox)):
        run = await start(database, "@alpha_chat", account=out)
        assert await ended(database, run, timeout=5) == [RunState.FAILED]
    failure = (await job_of(database, run)).failure
    assert failure is not None
    assert (failure.reason, failure.detail["account"]) == ("account_signed_out", "Dan")


async def reading(database: Database, run: object) -> bool:
    job = await job_of(database, run)
    return job.progress.read > 0 or job.state is JobState.RUNNING


async def waiting(database: Database, run: object) -> bool:
    found = await database.runs.get(run.id)
    return found is not None and found.status.state is RunState.WAITING
