"""The step `listen`: what happens in a chat is stored as it happens, until the run is stopped."""

import pytest
from listening_side import PUSHED, join_all, listen, listener, same, tops
from service import recruit, working
from waiting import wait_until

from bench.soak.truth import marked
from core.chat import ChatKind
from db.client import MongoDatabase
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHATS = {"alpha_chat": 40, "beta_news": 30, "gamma_chat": 20}


@pytest.fixture
async def sandbox() -> Sandbox:
    world = small_world(
        chats=CHATS, kinds={"beta_news": ChatKind.CHANNEL}, accounts=3, groups={"Friends": 12}
    )
    async with Sandbox(world) as sandbox:
        join_all(sandbox, [world.accounts[0].id], "alpha_chat", "beta_news")
        join_all(sandbox, [world.accounts[1].id], "alpha_chat")
        yield sandbox


async def test_messages_edits_and_deletions_as_they_are_pushed(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    before = tops(sandbox, "alpha_chat", "beta_news")
    async with working(listener(database, sandbox, listening=PUSHED)):
        await listen(database, "@alpha_chat", "@beta_news")
        ids = [sandbox.live.post("alpha_chat", f"one {number} 一") for number in range(5)]
        sandbox.live.post("beta_news", times=5)
        sandbox.live.edit("alpha_chat", ids[1], "changed 改")
        sandbox.live.delete("alpha_chat", ids[2])
        await wait_until(lambda: same(mongo_database, sandbox, before))
    chat = marked(sandbox.world.chat("alpha_chat").id)
    assert [one.text for one in await database.messages.versions(chat, "", ids[1])] == ["one 1 一"]
    gone = await mongo_database["messages"].find_one({"chat": chat, "id": ids[2]})
    assert gone is not None
    assert gone["deleted_at"] is not None
    assert "text" not in gone
