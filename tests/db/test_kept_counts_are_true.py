"""What is shown as stored is what is stored, whoever writes meanwhile, and is not counted twice."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandListener

from core.message import DeletionPolicy, Edit, Message
from db.client import MongoDatabase, database_of
from db.database import Database
from db.indexes import MESSAGE_KEY
from db.tallies import BLOCK

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHAT = -1001
IDS = 4 * BLOCK
BOXES = ("", "a7")
ROUNDS = 60


def message(number: int, box: str = "", text: str = "hello") -> Message:
    return Message(chat=CHAT, box=box, id=number, date=NOW, text=text)


class Counts(CommandListener):
    """The ranges of ids whose keys are counted."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []
        self.then: Callable[[], None] | None = None

    def started(self, event: Any) -> None:
        command = event.command
        if event.command_name == "count" and command["hint"] == MESSAGE_KEY:
            self.seen.append((command["query"]["id"]["$gte"], command["query"]["id"]["$lte"]))

    def succeeded(self, event: Any) -> None:
        if event.command_name == "count" and self.then:
            self.then()

    def failed(self, event: Any) -> None:
        pass

    def take(self) -> list[tuple[int, int]]:
        seen, self.seen = self.seen, []
        return seen


@asynccontextmanager
async def tapped(uri: str, name: str, counts: Counts) -> AsyncIterator[Database]:
    client = AsyncIOMotorClient(uri, tz_aware=True, event_listeners=[counts])
    yield Database(database_of(client, name))
    client.close()


async def write(database: Database, chance: random.Random) -> None:
    """Something that happens to messages, known or not."""
    box, ids = chance.choice(BOXES), [chance.randint(1, IDS) for _ in range(chance.randint(1, 5))]
    match chance.choice(("add", "edit", "mirror", "keep")):
        case "add":
            await database.messages.add_new([message(number, box) for number in set(ids)])
        case "edit":
            edited = Message(chat=CHAT, box=box, id=ids[0], date=NOW, text="new", edit_date=NOW)
            await database.messages.edit([Edit(message=edited)])
        case "mirror":
            await database.messages.delete(CHAT, box, ids, NOW, DeletionPolicy.MIRROR)
        case _:
            await database.messages.delete(CHAT, box, ids, NOW, DeletionPolicy.KEEP)


async def agree(database: Database, *, lo: int, hi: int) -> bool:
    """Whether the kept counts say what a count says."""
    for box in BOXES:
        kept = await database.tallies.stored(CHAT, box, lo=lo, hi=hi)
        if kept != await database.messages.count(CHAT, box, lo=lo, hi=hi):
            return False
    return True


@pytest.mark.parametrize("seed", range(4))
async def test_after_whatever_was_written(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    for step in range(ROUNDS):
        await write(database, chance)
        if step % 20 == 10:
            await database.messages.forget_until(CHAT, chance.choice(BOXES), chance.randint(1, IDS))
        lo, hi = sorted(chance.choices(range(1, IDS + 1), k=2))
        assert await agree(database, lo=lo, hi=hi)
        assert await agree(database, lo=1, hi=2**31)
    everything = await database.tallies.of_chat(CHAT)
    assert everything == await database.messages.forget(CHAT) > 0
    assert await database.tallies.of_chat(CHAT) == 0


async def test_whoever_writes_while_it_is_counted(
    mongo_uri: str, database: Database, mongo_database: MongoDatabase
) -> None:
    """A block is counted, written into, and only then its number is kept."""
    await database.messages.add_new([message(3), message(IDS)])
    loop, counts = asyncio.get_running_loop(), Counts()

    def overtake() -> None:
        counts.then = None
        written = database.messages.add_new([message(1), message(2), message(BLOCK + 1)])
        asyncio.run_coroutine_threadsafe(written, loop).result(10)

    async with tapped(mongo_uri, mongo_database.name, counts) as watched:
        counts.then = overtake
        assert await watched.tallies.stored(CHAT, "") in {2, 3, 4, 5}
        assert counts.then is None
        assert await watched.tallies.stored(CHAT, "") == 5
        assert await database.tallies.stored(CHAT, "") == 5


async def test_nobody_counts_what_was_counted(
    mongo_uri: str, database: Database, mongo_database: MongoDatabase
) -> None:
    await database.messages.add_new([message(number) for number in range(1, IDS + 10, 7)])
    counts = Counts()
    newest = (IDS + 8) // 7 * 7 + 1
    blocks = [(block * BLOCK + 1, (block + 1) * BLOCK) for block in range(IDS // BLOCK)]
    async with tapped(mongo_uri, mongo_database.name, counts) as watched:
        stored = await watched.tallies.stored(CHAT, "")
        assert sorted(counts.take()) == [*blocks, (IDS + 1, newest)]
        assert await watched.tallies.stored(CHAT, "") == stored
        assert counts.take() == [(IDS + 1, newest)]
        await watched.messages.add_new([message(BLOCK + 1, text="repeated"), message(2 * BLOCK)])
        assert await watched.tallies.stored(CHAT, "") == stored + 1 + (BLOCK % 7 != 0)
        assert sorted(counts.take()) == [blocks[1], (IDS + 1, newest)]
