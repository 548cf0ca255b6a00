"""`insert.*`: documents a second into MongoDB, batches of 500 that a majority acknowledges.

`new` is compared with `insert_many` of ready documents into a collection with the same index;
`repeated` with an upsert of each, which is what takes its place where nothing tells new from known.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from pymongo import ReplaceOne

from bench.figures import Figure, compared
from bench.stage import Stage
from core.message import Entity, Media, Message, Reaction, Reply, Sender
from core.record import record_of
from db.client import Collection
from db.messages import Messages

NAMES = ("insert",)
BATCH = 500
BATCHES, QUICK_BATCHES = 20, 4
PAIRS, QUICK_PAIRS = 7, 2
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = "the price went up again today and nobody in this group can tell why it did so "

Batches = Sequence[Sequence[Message]]


async def measure(stage: Stage, wanted: Sequence[str]) -> list[Figure]:  # noqa: ARG001
    """New and repeated documents, each in pairs with what they are compared with.

    Each pair writes a chat of its own: where documents were deleted just before, MongoDB's index
    steps over their keys, which took up to a hundred times as long as the insertion.
    """
    count = QUICK_BATCHES if stage.quick else BATCHES
    new: tuple[list[float], list[float]] = ([], [])
    repeated: tuple[list[float], list[float]] = ([], [])
    async with stage.database() as (bare, database, _):
        plain = bare["plain"]
        await plain.create_index([("chat", 1), ("box", 1), ("id", 1)], unique=True)
        for chat in range(QUICK_PAIRS if stage.quick else PAIRS):
            batches = [_batch(chat, number) for number in range(count)]
            new[1].append(await _rate(batches, _inserting(plain)))
            new[0].append(await _rate(batches, _adding(database.messages)))
            repeated[1].append(await _rate(batches, _upserting(plain)))
            repeated[0].append(await _rate(batches, _adding(database.messages)))
    return [
        compared("insert.new", *new, "documents/second"),
        compared("insert.repeated", *repeated, "documents/second"),
    ]


async def _rate(batches: Batches, write: Callable[[Sequence[Message]], Awaitable[None]]) -> float:
    began = time.perf_counter()
    for batch in batches:
        await write(batch)
    return len(batches) * BATCH / (time.perf_counter() - began)


def _adding(messages: Messages) -> Callable[[Sequence[Message]], Awaitable[None]]:
    async def write(batch: Sequence[Message]) -> None:
        await messages.add_new(batch)

    return write


def _inserting(plain: Collection) -> Callable[[Sequence[Message]], Awaitable[None]]:
    async def write(batch: Sequence[Message]) -> None:
        await plain.insert_many([record_of(one) for one in batch], ordered=False)

    return write


def _upserting(plain: Collection) -> Callable[[Sequence[Message]], Awaitable[None]]:
    async def write(batch: Sequence[Message]) -> None:
        upserts = [
            ReplaceOne({"chat": one.chat, "box": one.box, "id": one.id}, record_of(one),
                       upsert=True)
            for one in batch
        ]  # fmt: skip
        await plain.bulk_write(upserts, ordered=False)

    return write


def _batch(chat: int, number: int) -> list[Message]:
    first = number * BATCH + 1
    return [_message(chat, place) for place in range(first, first + BATCH)]


def _message(chat: int, number: int) -> Message:
    """About what a message of a lively group is: some 600 bytes."""
    return Message(
        chat=-1_001_500_000_000 - chat,
        box="",
        id=number,
        date=BEGINNING + timedelta(seconds=number),
        text=WORDS * (1 + number % 4),
        sender=Sender(id=500_000_000 + number % 240, name=f"Sender {number % 240}"),
        entities=(Entity(kind="bold", offset=0, length=9),) if number % 3 == 0 else (),
        reply=Reply(message=number - 1) if number % 4 == 0 else None,
        reactions=(Reaction(emoji="👍", count=number % 9 + 1),) if number % 2 else (),
        media=Media(kind="photo", size=90_000) if number % 7 == 0 else None,
    )
