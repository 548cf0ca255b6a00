"""What becomes of deleted messages is the chat's, by the strictest of its tasks, from the first."""

import pytest
from listening_side import PUSHED, join_all, listen, listener
from service import recruit, working
from waiting import wait_until

from bench.soak.truth import marked
from collector.keeping.retention import Retention
from core.clock import SystemClock
from core.message import DeletionPolicy
from db.client import MongoDatabase
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox


@pytest.fixture
async def sandbox() -> Sandbox:
    world = small_world(chats={"alpha_chat": 20}, accounts=1)
    async with Sandbox(world) as sandbox:
        join_all(sandbox, [world.accounts[0].id], "alpha_chat")
        yield sandbox


async def test_a_wish_counts_at_once_until_a_stricter_task_listens(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts)
    chat = marked(sandbox.world.chat("alpha_chat").id)
    async with working(listener(database, sandbox, listening=PUSHED)):
        keeper = await listen(database, "@alpha_chat", deletions=DeletionPolicy.KEEP)
        kept = await said_and_deleted(mongo_database, sandbox, chat, "not for long")
        assert kept["text"] == "not for long"
        other = await listen(database, "@alpha_chat")
        gone = await said_and_deleted(mongo_database, sandbox, chat, "not at all")
        assert "text" not in gone
    assert await database.tasks.delete(other.task)
    await Retention(database).sweep(SystemClock().now())
    assert await database.chats.deletions([chat]) == {chat: DeletionPolicy.KEEP}
    assert await database.tasks.delete(keeper.task)
    await Retention(database).sweep(SystemClock().now())
    assert await database.chats.deletions([chat]) == {chat: DeletionPolicy.MIRROR}


async def said_and_deleted(
    bare: MongoDatabase, sandbox: Sandbox, chat: int, text: str
) -> dict[str, object]:
    """What is stored of a message that was deleted after it was said."""
    said = sandbox.live.post("alpha_chat", text)
    known = {"chat": chat, "id": said}
    await wait_until(lambda: bare["messages"].find_one(known))
    sandbox.live.delete("alpha_chat", said)
    return await wait_until(
        lambda: bare["messages"].find_one({**known, "deleted_at": {"$ne": None}})
    )
