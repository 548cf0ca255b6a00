"""Pages are stored in batches while later ones are read; a span includes only what is stored."""

import asyncio

import pytest
from service import (
    Counts,
    again,
    ended,
    job_of,
    make_worker,
    progress_of,
    recruit,
    start,
    stored_ids,
    working,
)
from waiting import wait_until

from bench.soak.truth import marked
from collector.jobs.walk import SETTLING
from collector.sink import Sink
from core.clock import SystemClock
from core.record import Record
from core.run import RunState
from db.client import MongoDatabase
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

NOW = SystemClock().now()
LO, HI = 500, 520
"""Ids that the store refuses for a while."""


def page(*ids: int) -> list[Record]:
    return [{"chat": -1001, "box": "", "id": number, "date": NOW} for number in ids]


@pytest.fixture
async def sandbox() -> Sandbox:
    async with Sandbox(small_world(chats={"alpha_chat": 1_200}, accounts=1)) as sandbox:
        yield sandbox


async def refuse(mongo: MongoDatabase, validator: dict[str, object]) -> None:
    await mongo.command("collMod", "messages", validator=validator)


async def test_nothing_is_proven_beyond_a_batch_that_the_store_refused(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts)
    chat = sandbox.world.chat("alpha_chat")
    await refuse(mongo_database, {"id": {"$not": {"$gte": LO, "$lte": HI}}})
    async with working(make_worker(database, sandbox)):
        run = await start(database, "@alpha_chat")

        async def came_back() -> bool:
            job = await job_of(database, run)
            return job.wait is not None and job.attempts > 0

        await wait_until(came_back, timeout=20)
        proven = await database.spans.coverage(marked(chat.id), "")
        stored = set(await stored_ids(database, sandbox, "alpha_chat"))
        assert proven.ranges
        for lo, hi in proven.ranges:
            assert {number for number in chat.ids() if lo <= number <= hi} <= stored
            assert lo > HI
        await refuse(mongo_database, {})
        assert await ended(database, run) == [RunState.DONE]
    assert await stored_ids(database, sandbox, "alpha_chat") == list(chat.ids())
    proven = await database.spans.coverage(marked(chat.id), "")
    assert proven.missing(1, chat.top_id).ranges == ()


async def test_pages_that_come_together_are_one_write_and_each_gets_its_own_counts(
    database: Database, mongo_database: MongoDatabase
) -> None:
    counts = Counts()
    sink = Sink(database.messages, counts)
    await database.messages.add_records(page(1, 2))
    await mongo_database.command("profile", 2)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(sink.run())
        receipts = [await sink.put(page(*ids)) for ids in ([1, 2, 3], [3, 4], [4], [5, 6])]
        found = [await receipt for receipt in receipts]
        running.cancel()
    await mongo_database.command("profile", 0)
    assert [(one.new, one.known) for one in found] == [(1, 2), (1, 1), (0, 1), (2, 0)]
    assert counts.messages == 4
    writes = {"op": "insert", "ns": f"{mongo_database.name}.messages"}
    assert await mongo_database["system.profile"].count_documents(writes) == 1


async def test_a_young_message_is_stored_and_read_again_until_it_is_proven(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts)
    chat = sandbox.world.chat("alpha_chat")
    young = [chat.post() for _ in range(3)]
    async with working(make_worker(database, sandbox)):
        run = await start(database, "@alpha_chat")
        assert await ended(database, run) == [RunState.DONE]
        for new in (chat.count, 0):
            progress = await progress_of(database, run)
            assert (progress.new, progress.known) == (new, chat.count - new)
            assert await stored_ids(database, sandbox, "alpha_chat") == list(chat.ids())
            proven = await database.spans.coverage(marked(chat.id), "")
            assert proven.ranges == ((1, young[0] - 1),)
            run = await again(database, run)
            assert await ended(database, run) == [RunState.DONE]
        for number in young:
            message, written = chat.message(number), chat.written(number)
            assert message is not None
            assert written is not None
            message.date -= SETTLING
            chat.replace(number, written._replace(raw=bytes(message)))
        run = await again(database, run)
        assert await ended(database, run) == [RunState.DONE]
    assert (await progress_of(database, run)).known == chat.count
    proven = await database.spans.coverage(marked(chat.id), "")
    assert proven.ranges == ((1, chat.top_id),)
