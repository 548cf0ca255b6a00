"""The option `split`: ranges of one chat, pulled by whoever may read it; nothing lost or twice."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest
from service import (
    CLOCK,
    ended,
    make_worker,
    recruit,
    start,
    stored_ids,
    working,
    world_ids,
)
from waiting import wait_until

from bench.soak.truth import marked
from core.account import Account, AccountState
from core.chat import Chat, ChatKind, Peer
from core.job import Family, JobState
from core.options import HistoryOptions
from core.pacing import Budget
from core.run import Run, RunState
from db.database import Database
from sandbox.entrance import Entrance
from sandbox.seed import small_world
from sandbox.server import Sandbox

SPLIT = HistoryOptions(split=True)
TWO = (777_000_001, 777_000_002)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    world = small_world(
        chats={"large_chat": 4_000, "inner_room": 1_500, "small_chat": 300},
        accounts=3,
        private=("inner_room",),
        entrances={"inner_room": Entrance(invite="InnerRoom01", insiders=TWO)},
    )
    async with Sandbox(world) as running:
        yield running


@pytest.fixture
async def crew(database: Database, sandbox: Sandbox) -> list[Account]:
    return await recruit(database, sandbox, sandbox.world.accounts)


async def readers(database: Database, run: Run) -> Counter[int | None]:
    jobs = await database.jobs.of_run(run.id)
    return Counter(job.account for job in jobs if job.part is not None)


def pages(sandbox: Sandbox) -> int:
    return sum(call.method == "messages.getHistory" for call in sandbox.counters.calls)


async def test_accounts_share_a_chat_equally_and_read_each_message_once(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    async with working(make_worker(database, sandbox)) as worker:
        await wait_until(lambda: worker.connected() == 3, timeout=20)
        run = await start(database, "@large_chat", history=SPLIT)
        assert await ended(database, run) == [RunState.DONE]
    assert await stored_ids(database, sandbox, "large_chat") == world_ids(sandbox, "large_chat")
    jobs = await database.jobs.of_run(run.id)
    assert sum(job.progress.new for job in jobs) == 4_000
    assert sum(job.progress.known for job in jobs) == 0
    assert set((await readers(database, run)).values()) == {2}
    assert pages(sandbox) <= 40 + 6 + 1
    chat = marked(sandbox.world.chat("large_chat").id)
    top = max(world_ids(sandbox, "large_chat"))
    assert (await database.spans.coverage(chat, "")).ranges == ((1, top),)


async def test_small_chats_limits_and_a_single_account_need_no_ranges(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    async with working(make_worker(database, sandbox)):
        small = await start(database, "@small_chat", history=SPLIT)
        few = await start(database, "@large_chat", history=HistoryOptions(split=True, limit=150))
        assert await ended(database, small, few) == [RunState.DONE] * 2
        alone = await start(database, "@large_chat", history=SPLIT, account=crew[0])
        assert await ended(database, alone) == [RunState.DONE]
    for run in (small, few, alone):
        assert len(await database.jobs.of_run(run.id)) == 1
    assert await stored_ids(database, sandbox, "large_chat") == world_ids(sandbox, "large_chat")


async def test_a_private_chat_is_shared_by_its_members_and_read_by_none_else(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    room = sandbox.world.titled("inner_room")
    chat = Chat(id=marked(room.id), kind=ChatKind.SUPERGROUP, title="inner_room")
    await database.chats.save(chat)
    for account in crew[:2]:
        person = 777_000_000 + account.id
        key = sandbox.world.access_hash(person, "channel", room.id)
        peer = Peer(chat=chat.id, kind=chat.kind, access_hash=key)
        await database.memberships.joined(account.id, peer, str(chat.id), CLOCK.now(), task=None)
    async with working(make_worker(database, sandbox)) as worker:
        await wait_until(lambda: worker.connected() == 3, timeout=20)
        run = await start(database, str(chat.id), history=SPLIT)
        assert await ended(database, run) == [RunState.DONE]
    assert set(await readers(database, run)) == {1, 2}
    assert [one async for one in database.messages.ids(chat.id)] == sorted(room.ids())


async def test_what_an_account_that_is_revoked_leaves_others_read(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    slow = {Family.HISTORY: Budget(rate=12.0, burst=1)}
    async with working(make_worker(database, sandbox, budgets=slow)) as worker:
        await wait_until(lambda: worker.connected() == 3, timeout=20)
        run = await start(database, "@large_chat", history=SPLIT)
        await wait_until(lambda: pages(sandbox) > 12, timeout=20)
        sandbox.faults.revoke(777_000_002)
        assert await ended(database, run) == [RunState.DONE]
    lost = await database.accounts.get(2)
    assert lost is not None
    assert lost.state is AccountState.LOST
    assert await stored_ids(database, sandbox, "large_chat") == world_ids(sandbox, "large_chat")
    jobs = await database.jobs.of_run(run.id)
    assert {job.state for job in jobs} == {JobState.DONE}
    assert 2 not in {job.account for job in jobs if job.part is not None}
