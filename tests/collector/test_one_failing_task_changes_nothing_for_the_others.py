"""Isolation: an unknown source, a revoked account, a silent server, a flood."""

from datetime import timedelta
from functools import partial

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

from collector.telegram.vault import Unsealable
from core.account import AccountState
from core.job import MAX_ATTEMPTS, JobState
from core.run import RunState
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

METHOD = "messages.getHistory"
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
    assert "history" in [one.family for one in await database.budgets.rests(account.id)]


async def test_a_signed_out_account_fails_its_pinned_task_at_once(
    database: Database, sandbox: Sandbox
) -> None:
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


async def test_a_flooded_account_leaves_automatic_work_to_the_others(
    database: Database, sandbox: Sandbox
) -> None:
    first, second = await recruit(database, sandbox, sandbox.world.accounts[:2])
    until = CLOCK.now() + timedelta(minutes=10)
    await database.budgets.rest(first.id, "history", until, 3600.0)
    async with working(make_worker(database, sandbox)) as worker:
        await wait_until(lambda: worker.connected() == 2)
        runs = [await start(database, f"@{name}") for name in CHATS]
        assert await ended(database, *runs) == [RunState.DONE] * 3
    assert {(await job_of(database, run)).account for run in runs} == {second.id}
    assert sandbox.counters.violations == 0


async def test_a_limited_account_hands_automatic_work_on_and_is_spared(
    database: Database, sandbox: Sandbox
) -> None:
    first, second = await recruit(database, sandbox, sandbox.world.accounts[:2])
    sandbox.faults.fail(
        "PEER_FLOOD",
        code=400,
        account=first.telegram_id,
        method="messages.getHistory",
        times=None,
    )
    async with working(make_worker(database, sandbox)) as worker:
        await wait_until(lambda: worker.connected() == 2)
        runs = [await start(database, f"@{name}") for name in CHATS]
        assert await ended(database, *runs) == [RunState.DONE] * 3
    assert {(await job_of(database, run)).account for run in runs} == {second.id}
    limited = await database.accounts.get(first.id)
    assert limited.state is AccountState.LIMITED
    assert await database.accounts.wake_rested(limited.until) == 1


async def test_a_revocation_that_a_lookup_meets_is_seen_at_once(
    database: Database, sandbox: Sandbox
) -> None:
    (account,) = await recruit(database, sandbox, sandbox.world.accounts[:1])
    sandbox.faults.fail(
        "SESSION_REVOKED", code=401, account=account.telegram_id, method="contacts.resolveUsername"
    )
    async with working(make_worker(database, sandbox)) as worker:
        await wait_until(lambda: worker.connected() == 1)
        await database.lookups.ask(["@alpha_chat"], None)

        async def lost() -> bool:
            found = await database.accounts.get(account.id)
            return found.state is AccountState.LOST

        await wait_until(lost)


async def test_a_job_that_comes_back_again_and_again_without_progress_ends(
    database: Database, sandbox: Sandbox
) -> None:
    (account,) = await recruit(database, sandbox, sandbox.world.accounts[:1])
    run = await start(database, "@alpha_chat")
    sandbox.faults.silence(account.telegram_id, method="messages.getHistory")
    for attempt in range(1, MAX_ATTEMPTS + 1):
        async with working(make_worker(database, sandbox, call_timeout=30)):
            asked = partial(sandbox.counters.totals.get, (account.telegram_id, METHOD), 0)
            await wait_until(lambda asked=asked, attempt=attempt: asked() >= attempt)
    assert await ended(database, run, timeout=5) == [RunState.FAILED]
    assert (await job_of(database, run)).failure.reason == "stalled"


async def test_a_session_that_no_key_opens_is_named_as_what_the_task_waits_for(
    database: Database, sandbox: Sandbox
) -> None:
    (account,) = await recruit(database, sandbox, sandbox.world.accounts[:1])
    worker = make_worker(database, sandbox, open_session=unsealable)
    async with working(worker):
        run = await start(database, "@alpha_chat", account=account)

        async def named() -> str | None:
            wait = (await job_of(database, run)).wait
            return wait and wait.why

        assert await wait_until(named, timeout=30) == "session_unreadable"


def unsealable(_: bytes) -> bytes:
    raise Unsealable
