"""New, edited and deleted, in any order and as often as you like: one document, the right one."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from core.message import DeletionPolicy, Edit, Entity, Media, Message, Version
from db.client import Document, MongoDatabase, connect, database_of
from db.database import Database
from db.versions import MOST_VERSIONS

CHAT = -1001
NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
DELETED = NOW + timedelta(hours=1)
MIRROR, KEEP = DeletionPolicy.MIRROR, DeletionPolicy.KEEP
BOLD = (Entity(kind="bold", offset=0, length=2),)
FIRST = Message(chat=CHAT, box="", id=1, date=NOW, text="first", links=("https://example.org",))

Event = Message | Edit | tuple[datetime, DeletionPolicy]


def edit(second: int, text: str, *, pts: int | None = None, **more: object) -> Edit:
    at = NOW + timedelta(seconds=second)
    return Edit(message=replace(FIRST, text=text, edit_date=at, links=(), **more), pts=pts)


EDITS = (
    edit(1, "second", pts=10),
    edit(1, "$third", pts=11, entities=BOLD),
    edit(1, "$third", pts=12, entities=BOLD, views=5),
    edit(2, "fourth", media=Media(kind="photo", size=9)),
)
NEWEST = EDITS[-1].message
PAST = [
    Version(edit_date=NOW + timedelta(seconds=1), text="second"),
    Version(edit_date=NOW + timedelta(seconds=1), text="$third", entities=BOLD),
]


async def happen(database: Database, number: int, event: Event) -> None:
    match event:
        case Message():
            await database.messages.add_new([replace(event, id=number)])
        case Edit(message=message):
            await database.messages.edit([replace(event, message=replace(message, id=number))])
        case (at, policy):
            await database.messages.delete(CHAT, "", [number], at, policy)


async def document(raw: MongoDatabase, number: int) -> Document:
    [found] = await raw["messages"].find({"id": number}, {"_id": 0, "id": 0}).to_list(2)
    return found


def shuffled(events: Sequence[Event]) -> st.SearchStrategy[list[Event]]:
    """All of the events at least once, some of them again, in any order."""
    again = st.lists(st.sampled_from(events), max_size=4)
    return again.flatmap(lambda more: st.permutations([*events, *more]))


HISTORIES = st.sampled_from(
    [
        [FIRST, *EDITS],
        [FIRST, *EDITS, (DELETED, MIRROR)],
        [FIRST, *EDITS, (DELETED, KEEP)],
        [FIRST, (DELETED, KEEP), (DELETED + timedelta(hours=1), MIRROR)],
        [*EDITS, (DELETED, KEEP), (DELETED + timedelta(hours=1), KEEP)],
    ]
).flatmap(lambda events: st.tuples(st.just(events), shuffled(events), st.booleans()))


async def end(database: Database, raw: MongoDatabase, number: int) -> tuple[object, ...]:
    """What is stored of a message, what is read out of it, and what it said before."""
    read = [one async for one in database.messages.stream(CHAT, lo=number)]
    return (
        await document(raw, number),
        [replace(one, id=1) for one in read if one.id == number],
        [v for v in await database.messages.versions(CHAT, "", number) if v.edit_date],
    )


@asynccontextmanager
async def open_store(uri: str) -> AsyncIterator[tuple[Database, MongoDatabase]]:
    """For trials that share a loop and a database: each has messages of its own."""
    name = f"test_{os.getpid()}_any_order"
    async with connect(uri) as client:
        raw = database_of(client, name)
        database = Database(raw)
        await database.prepare()
        yield database, raw
        await client.drop_database(name)


def test_any_order_and_any_repetition_end_in_the_same_document(mongo_uri: str) -> None:
    numbers = itertools.count(1)

    async def trial(
        database: Database,
        raw: MongoDatabase,
        plain: list[Event],
        mixed: list[Event],
        together: bool,
    ) -> None:
        expected, number = next(numbers), next(numbers)
        for event in plain:
            await happen(database, expected, event)
        if together:
            async with asyncio.TaskGroup() as group:
                for event in mixed:
                    group.create_task(happen(database, number, event))
        else:
            for event in mixed:
                await happen(database, number, event)
        assert await end(database, raw, number) == await end(database, raw, expected)

    with asyncio.Runner() as runner:
        store = open_store(mongo_uri)
        database, raw = runner.run(store.__aenter__())

        @settings(max_examples=40, database=None)
        @given(HISTORIES)
        def holds(history: tuple[list[Event], list[Event], bool]) -> None:
            runner.run(trial(database, raw, *history))

        try:
            holds()
        finally:
            runner.run(store.__aexit__(None, None, None))


async def test_the_newest_edit_stays_and_what_it_changed_is_kept(database: Database) -> None:
    for event in [FIRST, *EDITS]:
        await happen(database, 1, event)
    assert await database.messages.latest(CHAT) == [NEWEST]
    first = Version(edit_date=None, text="first")
    assert await database.messages.versions(CHAT, "", 1) == [first, *PAST]


async def test_an_edit_that_changes_no_content_leaves_no_version(database: Database) -> None:
    await happen(database, 1, EDITS[1])
    await happen(database, 1, EDITS[2])
    assert await database.messages.latest(CHAT) == [EDITS[2].message]
    assert await database.messages.versions(CHAT, "", 1) == []


async def test_one_batch_may_hold_all_edits_of_many_messages(database: Database) -> None:
    batch = [
        replace(one, message=replace(one.message, id=number))
        for number in range(1, 51)
        for one in reversed(EDITS)
    ]
    await database.messages.edit(batch)
    stored = [one async for one in database.messages.stream(CHAT)]
    assert stored == [replace(NEWEST, id=number) for number in range(1, 51)]
    assert await database.messages.versions(CHAT, "", 50) == PAST


async def test_a_page_brings_an_edit_and_its_versions_too(database: Database) -> None:
    await database.messages.add_new([FIRST])
    again = await database.messages.add_new([NEWEST, replace(FIRST, id=2)])
    assert (again.new, again.repeated) == (1, frozenset({0}))
    assert await database.messages.versions(CHAT, "", 1) == [Version(edit_date=None, text="first")]


async def test_the_oldest_of_many_versions_go(database: Database) -> None:
    await database.messages.edit([edit(n, f"text {n}") for n in range(MOST_VERSIONS + 6)])
    kept = await database.messages.versions(CHAT, "", 1)
    assert [one.text for one in kept] == [f"text {n}" for n in range(5, MOST_VERSIONS + 5)]


async def test_a_mirrored_deletion_leaves_nothing_but_its_time(
    database: Database, mongo_database: MongoDatabase
) -> None:
    for event in [FIRST, *EDITS, (DELETED, MIRROR)]:
        await happen(database, 1, event)
    await database.messages.add_new([replace(FIRST, id=2)])
    left = {"chat": CHAT, "box": "", "deleted_at": DELETED, "body": "cleared"}
    assert await document(mongo_database, 1) == left
    assert await mongo_database["versions"].count_documents({}) == 0
    assert [one.id for one in await database.messages.latest(CHAT)] == [2]
    assert [n async for n in database.messages.ids(CHAT)] == [2]
    assert await database.messages.count(CHAT) == 1
    assert await database.messages.nth_newest(CHAT, "", lo=1, hi=9, n=2) is None


async def test_a_deletion_that_comes_first_wins_over_the_older_page(database: Database) -> None:
    await database.messages.delete(CHAT, "", [1, 2], DELETED, MIRROR)
    await database.messages.delete(CHAT, "", [3], DELETED, KEEP)
    page = [replace(FIRST, id=number) for number in range(1, 5)]
    assert (await database.messages.add_new(page)).new == 1
    stored = [one async for one in database.messages.stream(CHAT)]
    assert stored == [replace(FIRST, id=3, deleted_at=DELETED), replace(FIRST, id=4)]
    assert await database.messages.count(CHAT) == 2


async def test_a_kept_deletion_shows_when_it_was(database: Database) -> None:
    await database.messages.add_new([FIRST, replace(FIRST, id=2)])
    await database.messages.delete(CHAT, "", [1], DELETED, KEEP)
    stored = [one async for one in database.messages.stream(CHAT)]
    assert stored == [replace(FIRST, deleted_at=DELETED), replace(FIRST, id=2)]


async def test_a_page_without_a_message_deletes_nothing(database: Database) -> None:
    await database.messages.add_new([replace(FIRST, id=n) for n in range(1, 6)])
    await database.messages.add_new([replace(FIRST, id=n) for n in (1, 5)])
    assert await database.messages.count(CHAT) == 5
