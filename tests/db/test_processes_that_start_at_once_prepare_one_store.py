"""A bot and several collectors may start in the same moment, after an upgrade, too: each of them
prepares the store, and none of them fails over what another one has just done."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from core.claim import EARLIER
from db.client import Client, MongoDatabase, connect, database_of
from db.database import Database
from db.expiry import PASSING

PROCESSES = 4
TIMES = 2
CHAT = -1_001_000_000_001


async def as_the_last_release_left_it(store: MongoDatabase) -> None:
    """Indexes by which MongoDB deletes, a chat that no run explains, and no word of a schema."""
    for one in PASSING:
        seconds = int(one.after.total_seconds())
        await store[one.collection].create_index(one.field, expireAfterSeconds=seconds)
    await store["chats"].insert_one({"_id": CHAT, "kind": "supergroup", "title": "old"})
    await store["messages"].insert_one({"chat": CHAT, "box": "", "id": 1})


@pytest.mark.timeout(180)
@pytest.mark.parametrize("upgraded", [False, True])
async def test_all_of_them_come_up(
    mongo_uri: str, mongo_database: MongoDatabase, *, upgraded: bool
) -> None:
    store = mongo_database
    async with AsyncExitStack() as ends:
        clients = [await ends.enter_async_context(connect(mongo_uri)) for _ in range(PROCESSES)]
        for _ in range(TIMES):
            await store.client.drop_database(store.name)
            if upgraded:
                await as_the_last_release_left_it(store)
            async with asyncio.TaskGroup() as starts:
                for client in clients:
                    starts.create_task(begin(client, store.name))
            for one in PASSING:
                known = await store[one.collection].index_information()
                assert not any("expireAfterSeconds" in index for index in known.values())
            assert await store["schema"].count_documents({}) == 1
            assert await store["claims"].count_documents({"task": EARLIER}) == upgraded


async def begin(client: Client, name: str) -> None:
    """What a process does first."""
    database = Database(database_of(client, name))
    await database.prepare()
    await database.build_claims(await database.time())
