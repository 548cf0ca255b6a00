"""What one version did not understand the next one asks for, once."""

from collections.abc import AsyncIterator

import pytest
from service import ended, make_worker, recruit, start, stored_ids, working, world_ids
from telethon.tl import types
from waiting import wait_until

from bench.soak.truth import marked
from collector import worker
from collector.telegram.torn import DECODER
from db.client import MongoDatabase
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHAT = "alpha_chat"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(small_world(chats={CHAT: 120}, accounts=1)) as sandbox:
        yield sandbox


async def test_what_is_known_by_now_is_stored_and_the_rest_is_asked_for_once(
    database: Database,
    mongo_database: MongoDatabase,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "DECODE", 0.2)
    monkeypatch.setattr(worker, "QUIET", 0.2)
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    chat = sandbox.world.chat(CHAT)
    everything = world_ids(sandbox, CHAT)
    lost = [one.id for one in chat.messages() if isinstance(one, types.Message)][10:14]
    still = lost[0]
    for one in lost:
        sandbox.faults.objects.message(chat.id, one, "media" if one % 2 else "")
    async with working(make_worker(database, sandbox)):
        await ended(database, await start(database, f"@{CHAT}"))
    kept = await database.undecoded.of_chat(marked(chat.id), "")
    assert [one.id for one in kept] == lost
    sandbox.faults.clear()
    sandbox.faults.objects.message(chat.id, still, "media")
    await mongo_database["undecoded"].update_many({}, {"$set": {"decoder": "older"}})
    before = calls(sandbox)
    async with working(make_worker(database, sandbox)):

        async def read() -> bool:
            found = await database.undecoded.of_chat(marked(chat.id), "")
            return [(one.id, one.decoder) for one in found] == [(still, DECODER)]

        await wait_until(read, timeout=10)
        asked = calls(sandbox) - before
        wait_for = len(sandbox.counters.calls)
        await ended(database, await start(database, f"@{CHAT}"))
        assert len(sandbox.counters.calls) > wait_for
        assert calls(sandbox) - before == asked
    assert await stored_ids(database, sandbox, CHAT) == [one for one in everything if one != still]


def calls(sandbox: Sandbox) -> int:
    return sum(one.method == "channels.getMessages" for one in sandbox.counters.calls)
