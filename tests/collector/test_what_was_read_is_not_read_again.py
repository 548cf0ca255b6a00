"""However a reading is interrupted, it goes on below what was read and counts each message once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from service import (
    again,
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

from core.account import Account
from core.job import JobState
from core.options import HistoryOptions
from core.run import Intent, Run, RunState, total_progress
from core.task import AccountPolicy
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHAT, COUNT, PAGE = "long_chat", 4_000, 100
ON_ITS_WAY = 1
"""The page that was asked for and had not come when the reading was interrupted."""

Interrupt = Callable[[Database, Sandbox, Run], Awaitable[Run]]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(small_world(chats={CHAT: COUNT}, accounts=2)) as sandbox:
        sandbox.faults.delay(0.02, method="messages.getHistory")
        yield sandbox


async def pause(database: Database, _: Sandbox, run: Run) -> Run:
    await database.runs.set_intent(run.id, Intent.PAUSE)
    await database.jobs.hold(run.id)
    await wait_until(lambda: is_in(database, run, RunState.PAUSED), timeout=5)
    await database.runs.set_intent(run.id, Intent.GO)
    await database.jobs.unhold(run.id)
    return run


async def stop(database: Database, _: Sandbox, run: Run) -> Run:
    await database.runs.set_intent(run.id, Intent.CANCEL)
    assert await ended(database, run) == [RunState.CANCELLED]
    return await again(database, run)


async def cut(database: Database, sandbox: Sandbox, run: Run) -> Run:
    """The account's connection breaks and is made anew."""
    assert sandbox.faults.cut()
    return run


async def retry(database: Database, sandbox: Sandbox, run: Run) -> Run:
    """It fails, since the account is put out, and somebody presses Retry."""
    sandbox.faults.fail("CHANNEL_PRIVATE", code=400, method="messages.getHistory")
    assert await ended(database, run) in ([RunState.FAILED], [RunState.PARTIAL])
    await database.runs.reopen(run.id, run.created_at, AccountPolicy())
    await database.jobs.retry_failed(run.id, AccountPolicy())
    await database.runs.replan(run.id)
    touched = await database.runs.touch(run.id)
    assert touched is not None
    if not touched.is_open():
        await database.runs.reopen(run.id, run.created_at, AccountPolicy())
    return run


async def is_in(database: Database, run: Run, state: RunState) -> bool:
    found = await database.runs.get(run.id)
    return found is not None and found.status.state is state


def delivered(sandbox: Sandbox) -> int:
    """Messages that the server sent, without the single ones that say where to begin."""
    return sum(
        call.items for call in sandbox.counters.calls if call.method == "messages.getHistory"
    )


async def has_sent(sandbox: Sandbox, count: int) -> bool:
    return delivered(sandbox) >= count


async def at_once(database: Database, run: Run) -> int:
    """How many readings there are to be interrupted: one of each range, or of the whole chat."""
    return max(sum(job.part is not None for job in await database.jobs.of_run(run.id)), 1)


@pytest.mark.parametrize("interrupt", [pause, stop, cut, retry])
@pytest.mark.parametrize("split", [False, True])
async def test_by_whatever_the_operator_or_the_line_does(
    database: Database, sandbox: Sandbox, interrupt: Interrupt, *, split: bool
) -> None:
    readers = 2 if split else 1
    await recruit(database, sandbox, sandbox.world.accounts[:readers])
    runs: list[Run] = []
    async with working(make_worker(database, sandbox)):
        runs.append(await start(database, f"@{CHAT}", history=HistoryOptions(split=split)))
        for _ in range(2):
            more = delivered(sandbox) + 600
            await wait_until(lambda n=more: has_sent(sandbox, n), every=0.01)
            after = await interrupt(database, sandbox, runs[-1])
            runs += [after] if after.id != runs[-1].id else []
        assert await ended(database, runs[-1]) == [RunState.DONE]
        jobs = await database.jobs.of_run(runs[-1].id)
    assert await stored_ids(database, sandbox, CHAT) == world_ids(sandbox, CHAT)
    told = total_progress(jobs)
    assert (told.read, told.new + told.known) == (COUNT, COUNT)
    every = [total_progress(await database.jobs.of_run(run.id)) for run in runs]
    assert sum(one.new for one in every) == COUNT
    assert all(one.known == 0 for one in every[:1])
    singles = sum(one.items == 1 for one in sandbox.counters.calls)
    lost = 2 * await at_once(database, runs[0]) * ON_ITS_WAY * PAGE
    assert delivered(sandbox) - COUNT <= lost + singles + (len(jobs) if split else 0) * PAGE


async def test_by_a_service_that_is_stopped_and_started(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    run = await start(database, f"@{CHAT}")
    for read in (600, 1_200, 2_400):
        async with working(make_worker(database, sandbox)):
            await wait_until(lambda n=read: has_sent(sandbox, n), every=0.01)
    async with working(make_worker(database, sandbox)):
        assert await ended(database, run) == [RunState.DONE]
    told = (await job_of(database, run)).progress
    assert (told.read, told.new, told.known) == (COUNT, COUNT, 0)
    assert delivered(sandbox) - COUNT <= 3 * ON_ITS_WAY * PAGE + 4


async def test_by_an_account_that_another_takes_the_work_of(
    database: Database, sandbox: Sandbox
) -> None:
    accounts: list[Account] = await recruit(database, sandbox, sandbox.world.accounts)
    async with working(make_worker(database, sandbox)):
        run = await start(database, f"@{CHAT}")
        await wait_until(lambda: has_sent(sandbox, 600), every=0.01)
        reader = (await job_of(database, run)).account
        person = next(one for one in accounts if one.id == reader)
        sandbox.faults.ban(person.telegram_id)
        assert await ended(database, run) == [RunState.DONE]
    job = await job_of(database, run)
    assert job.account != reader
    assert (job.state, job.progress.new, job.progress.known) == (JobState.DONE, COUNT, 0)
    assert delivered(sandbox) - COUNT <= 2 * ON_ITS_WAY * PAGE + 2


async def test_a_range_asks_for_no_more_than_it_can_hold(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    chat = sandbox.world.chat(CHAT)
    async with working(make_worker(database, sandbox)):
        run = await start(database, f"@{CHAT}")
        assert await ended(database, run) == [RunState.DONE]
        for _ in range(3):
            chat.post()
        before = delivered(sandbox)
        await asyncio.sleep(0)
        assert await ended(database, await again(database, run)) == [RunState.DONE]
    assert delivered(sandbox) - before == 1 + 3
