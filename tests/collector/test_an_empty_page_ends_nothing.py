"""Telegram sometimes shows nothing where something is: no message is lost by that, nor proven away.

A page that is empty, or holds only `MessageEmpty`, is asked about in other words first; what
contradicts itself makes the job come again.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
from reading_side import Reader, reading
from service import ended, make_worker, progress_of, recruit, start, stored_ids, working, world_ids
from waiting import wait_until

from core.options import HistoryOptions
from core.run import RunState
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

HOLE = (120, 420)
CHATS = ("first_chat", "second_chat", "third_chat", "fourth_chat")
SIZE = 640


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    world = small_world(
        chats={**dict.fromkeys(CHATS, SIZE), "holey_chat": 340, "empty_chat": 0},
        accounts=1,
        gaps={"holey_chat": (HOLE,)},
    )
    async with Sandbox(world) as running:
        yield running


def calls(sandbox: Sandbox, method: str = "messages.getHistory") -> int:
    return sum(call.method == method for call in sandbox.counters.calls)


async def test_a_run_that_is_shown_nothing_at_first_reads_all(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts)
    for times, name in enumerate(CHATS[:3], 1):
        sandbox.faults.empty_pages(times, chat_id=sandbox.world.chat(name).id)
    async with working(make_worker(database, sandbox)):
        runs = [await start(database, f"@{name}") for name in CHATS[:3]]
        nothing = await start(database, "@empty_chat")
        assert await ended(database, *runs, nothing) == [RunState.DONE] * 4
        assert (await progress_of(database, nothing)).read == 0
        for run, name in zip(runs, CHATS[:3], strict=True):
            assert await stored_ids(database, sandbox, name) == world_ids(sandbox, name)
            assert (await progress_of(database, run)).read == SIZE

        early = sandbox.world.chat(CHATS[3]).message(1)
        assert early is not None
        before = HistoryOptions(until=early.date.replace(year=2010))
        assert await ended(database, await start(database, f"@{CHATS[3]}", history=before)) == [
            RunState.DONE
        ]
    assert await stored_ids(database, sandbox, CHATS[3]) == []


async def shown_nothing(sandbox: Sandbox, reader: Reader, top: int, times: int) -> int:
    """Read all; the pages after the second one are empty, so many times. Attempts that failed."""
    before, bare = calls(sandbox), -1_000_000_000_000 - reader.chat.id
    async with asyncio.TaskGroup() as group:
        whole = group.create_task(reader.read(1, top))
        await wait_until(lambda: calls(sandbox) >= before + 2, every=0.005)
        sandbox.faults.empty_pages(times, chat_id=bare)
    return whole.result()


async def test_empty_pages_in_the_middle_lose_nothing(database: Database, sandbox: Sandbox) -> None:
    sandbox.faults.delay(0.05, method="messages.getHistory")
    async with reading(database, sandbox) as account:
        for times, name, failed in ((1, CHATS[0], 0), (2, CHATS[1], 1), (5, CHATS[2], 2)):
            reader, chat = await account.open(name), sandbox.world.chat(name)
            before = calls(sandbox)
            assert await shown_nothing(sandbox, reader, chat.top_id, times) == failed
            assert calls(sandbox) - before >= SIZE // 100 + times
            assert await reader.stored() == list(chat.ids())
            assert (await reader.proven()).ranges == ((1, chat.top_id),)


async def test_empty_pages_where_a_range_begins_lose_nothing(
    database: Database, sandbox: Sandbox
) -> None:
    async with reading(database, sandbox) as account:
        for times, name, failed in ((1, CHATS[0], 0), (2, CHATS[1], 1), (5, CHATS[2], 2)):
            reader, chat = await account.open(name), sandbox.world.chat(name)
            half = chat.ids()[SIZE // 2]
            await reader.read(half, chat.top_id)
            sandbox.faults.empty_pages(times, chat_id=chat.id)
            assert await reader.read(1, chat.top_id) == failed
            assert await reader.stored() == list(chat.ids())
            assert (await reader.proven()).ranges == ((1, chat.top_id),)


async def test_the_end_of_a_chat_costs_one_more_page_and_is_proven(
    database: Database, sandbox: Sandbox
) -> None:
    async with reading(database, sandbox) as account:
        for times, name in ((0, CHATS[3]), (1, CHATS[0]), (2, CHATS[1]), (5, CHATS[2])):
            sandbox.live.delete(name, *range(1, 31))
            reader, chat = await account.open(name), sandbox.world.chat(name)
            lowest, before = chat.ids()[0], calls(sandbox)
            if times == 0:
                await reader.read(1, chat.top_id)
                assert calls(sandbox) - before == -(-chat.count // 100) + 2
                assert calls(sandbox, "channels.getMessages") == 0
            else:
                await reader.read(lowest, chat.top_id)
                sandbox.faults.empty_pages(times, chat_id=chat.id)
                assert await reader.read(1, chat.top_id) == 0
                sandbox.faults.clear()
            assert await reader.stored() == list(chat.ids())
            assert (await reader.proven()).ranges == ((1, chat.top_id),)


async def test_pages_of_messages_that_are_gone_are_believed_if_they_are(
    database: Database, sandbox: Sandbox
) -> None:
    async with reading(database, sandbox) as account:
        holey = sandbox.world.chat("holey_chat")
        sandbox.faults.empty_messages(holey.id, oldest=HOLE[0], newest=HOLE[1], holes_only=True)
        reader = await account.open("holey_chat")
        assert await reader.read(1, holey.top_id) == 0
        assert await reader.stored() == list(holey.ids())
        assert (await reader.proven()).ranges == ((1, holey.top_id),)

        chat = sandbox.world.chat(CHATS[0])
        reader = await account.open(CHATS[0])
        sandbox.faults.empty_messages(chat.id, oldest=100, newest=400, times=1)
        assert await reader.read(1, chat.top_id) == 1
        assert await reader.stored() == list(chat.ids())


async def test_a_purge_while_a_chat_is_read_leaves_no_proof(
    database: Database, sandbox: Sandbox
) -> None:
    sandbox.faults.delay(0.05, method="messages.getHistory")
    async with reading(database, sandbox) as account:
        reader, chat = await account.open(CHATS[0]), sandbox.world.chat(CHATS[0])
        async with asyncio.TaskGroup() as group:
            whole = group.create_task(reader.read(1, chat.top_id))
            await wait_until(reader.stored, every=0.005)
            await database.forget_chat(reader.chat.id)
        assert whole.result() == 1
        assert await reader.stored() == list(chat.ids())
        assert (await reader.proven()).ranges == ((1, chat.top_id),)
