"""What is purged is proven no more, whenever the purge is interrupted: it is read again then."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandListener

from core.job import JobKey
from core.message import DeletionPolicy, Edit, Message
from core.span import Span
from db.client import MongoDatabase, database_of
from db.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HELLO = Message(chat=-1001, box="", id=1, date=NOW, text="hello")
KEY = JobKey(job="r:0000", account=1, token=1)


class Deletions(CommandListener):
    """The collections that something is deleted from, in order."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def started(self, event: Any) -> None:
        if event.command_name == "delete":
            self.seen.append(event.command["delete"])

    def succeeded(self, event: Any) -> None:
        pass

    def failed(self, event: Any) -> None:
        pass


async def fill(database: Database, chat: int) -> None:
    span = Span(chat=chat, box="", lo=1, hi=9, account=1, read_at=NOW)
    await database.messages.add_new([replace(HELLO, chat=chat), replace(HELLO, chat=chat, id=2)])
    changed = replace(HELLO, chat=chat, text="changed", edit_date=NOW)
    await database.messages.edit([Edit(message=changed)])
    await database.messages.delete(chat, "", [3], NOW, DeletionPolicy.MIRROR)
    await database.spans.extend(replace(KEY, job=f"r:{chat}"), span)


async def test_spans_go_before_messages(
    mongo_uri: str, database: Database, mongo_database: MongoDatabase
) -> None:
    for chat in (-1001, -1002):
        await fill(database, chat)
    deletions = Deletions()
    client = AsyncIOMotorClient(mongo_uri, tz_aware=True, event_listeners=[deletions])
    tapped = Database(database_of(client, mongo_database.name))
    assert await tapped.forget_chat(-1001) == 3
    client.close()
    assert deletions.seen == ["spans", "versions", "messages"]
    for collection in ("messages", "versions", "spans"):
        assert await mongo_database[collection].count_documents({"chat": -1001}) == 0
    assert await database.messages.count(-1002) == 2
    assert (await database.spans.coverage(-1002, "")).ranges == ((1, 9),)
    assert len(await database.messages.versions(-1002, "", 1)) == 1
