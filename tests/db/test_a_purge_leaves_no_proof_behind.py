"""What is purged is proven no more, whenever the purge is interrupted: it is read again then."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandListener

from core.job import Family, Job, JobKey, JobState
from core.message import DeletionPolicy, Edit, Message
from core.options import HistoryOptions
from core.span import Span
from core.task import Step
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
    await database.messages.add_new([replace(HELLO, chat=chat), replace(HELLO, chat=chat, id=2)])
    changed = replace(HELLO, chat=chat, text="changed", edit_date=NOW)
    await database.messages.edit([Edit(message=changed)])
    await database.messages.delete(chat, "", [3], NOW, DeletionPolicy.MIRROR)
    await database.spans.extend(replace(KEY, job=f"r:{chat}"), span(1, 9, chat))


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
    assert deletions.seen == ["spans", "undecoded", "versions", "tallies", "messages", "tallies"]
    for collection in ("messages", "versions", "spans"):
        assert await mongo_database[collection].count_documents({"chat": -1001}) == 0
    assert await database.messages.count(-1002) == 2
    assert (await database.spans.coverage(-1002, "")).ranges == ((1, 9),)
    assert len(await database.messages.versions(-1002, "", 1)) == 1


def span(lo: int, hi: int, chat: int = -1001) -> Span:
    return Span(chat=chat, box="", lo=lo, hi=hi, account=1, read_at=NOW)


async def test_who_read_before_a_purge_proves_nothing_after_it(database: Database) -> None:
    spans = database.spans
    opened = await spans.open(KEY, span(90, 100))
    assert (await spans.coverage(-1001, "")).ranges == ()
    assert await spans.extend(KEY, span(90, 100), opened=opened)
    assert await spans.extend(KEY, span(80, 100), opened=opened)
    assert (await spans.coverage(-1001, "")).ranges == ((80, 100),)
    await database.forget_chat(-1001)
    assert not await spans.extend(KEY, span(70, 100), opened=opened)
    assert (await spans.coverage(-1001, "")).ranges == ()


async def test_what_was_purged_below_a_span_is_not_proven_by_extending_it(
    database: Database,
) -> None:
    spans = database.spans
    opened = await spans.open(KEY, span(50, 100))
    assert await spans.extend(KEY, span(50, 100), opened=opened)
    await spans.cut(-1001, "", 30)
    assert not await spans.extend(KEY, span(10, 100), opened=opened)
    assert (await spans.coverage(-1001, "")).ranges == ((50, 100),)
    assert await spans.extend(replace(KEY, token=2), span(31, 49))
    assert await spans.join(-1001, "", KEY.job, above=1) == 2
    await spans.cut(-1001, "", 60)
    assert (await spans.coverage(-1001, "")).ranges == ((61, 100),)


async def test_who_lost_a_job_proves_nothing_of_it(database: Database) -> None:
    job = Job(
        id=KEY.job,
        run="r",
        task="t",
        step=Step.HISTORY,
        source="@one",
        options=HistoryOptions(),
        keys=("*",),
        family=Family.HISTORY,
        state=JobState.QUEUED,
        created_at=NOW,
    )
    spans = database.spans
    await database.jobs.add([job])
    assert not await spans.extend(KEY, span(90, 100))
    assert await database.jobs.claim(KEY.job, 1, 1, NOW)
    opened = await spans.open(KEY, span(90, 100))
    assert await spans.extend(KEY, span(90, 100), opened=opened)
    await database.jobs.release(KEY)
    assert not await spans.extend(KEY, span(80, 100), opened=opened)
    taken = await database.jobs.claim(KEY.job, 2, 5, NOW)
    assert taken is not None
    assert not await spans.extend(KEY, span(80, 100), opened=opened)
    assert await spans.extend(taken.key(), span(80, 89))
    assert (await spans.coverage(-1001, "")).ranges == ((80, 100),)
    await database.jobs.done(taken.key(), NOW)
    assert not await spans.extend(taken.key(), span(70, 89))
    assert (await spans.coverage(-1001, "")).ranges == ((80, 100),)
