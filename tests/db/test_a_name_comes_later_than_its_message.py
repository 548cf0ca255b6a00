"""A short update tells an id without a name; whatever tells the name later gives it to both."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.message import DeletionPolicy, Edit, Forward, Message, Sender
from core.record import record_of
from db.client import MongoDatabase
from db.database import Database

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
PLAIN = Message(chat=-55, box="a1", id=1, date=NOW, text="hello", sender=Sender(id=7))
NAMED = replace(PLAIN, sender=Sender(id=7, name="Ada"))


async def stored(database: Database) -> Message:
    [found] = await database.messages.latest(-55, "a1", limit=1)
    return found


@pytest.mark.parametrize("how", ["history", "review", "update"])
async def test_the_name_is_filled_in(database: Database, how: str) -> None:
    await database.messages.add_new([PLAIN])
    if how == "history":
        await database.messages.add_new([NAMED])
    elif how == "review":
        await database.messages.edit_records([record_of(NAMED)], 5)
    else:
        await database.messages.edit([Edit(message=NAMED, pts=5)])
    assert (await stored(database)).sender == Sender(id=7, name="Ada")


async def test_a_name_that_is_known_stays(database: Database) -> None:
    """People change their names; a message says who they were."""
    await database.messages.add_new([NAMED])
    await database.messages.add_new([replace(PLAIN, sender=Sender(id=7, name="Countess"))])
    await database.messages.add_new([PLAIN])
    assert (await stored(database)).sender == Sender(id=7, name="Ada")


async def test_the_name_of_another_is_not_taken(database: Database) -> None:
    await database.messages.add_new([PLAIN])
    await database.messages.add_new([replace(PLAIN, sender=Sender(id=8, name="Bob"))])
    assert (await stored(database)).sender == Sender(id=7)


async def test_who_was_forwarded_gets_a_name_too(database: Database) -> None:
    forwarded = Forward(date=NOW, sender=9)
    await database.messages.add_new([replace(PLAIN, forward=forwarded)])
    named = replace(forwarded, name="Eve")
    await database.messages.add_new([replace(NAMED, forward=named)])
    found = await stored(database)
    assert (found.forward, found.sender) == (named, NAMED.sender)


async def test_names_are_filled_in_over_several_chats_at_once(database: Database) -> None:
    many = [
        replace(PLAIN, chat=-chat, id=number, sender=Sender(id=number))
        for chat in (55, 66, 77)
        for number in range(1, 101)
    ]
    await database.messages.add_new(many)
    told = [replace(one, sender=Sender(id=one.id, name=f"No {one.id}")) for one in many]
    await database.messages.add_new(told)
    for chat in (-55, -66, -77):
        found = [one async for one in database.messages.stream(chat, "a1")]
        assert [one.sender for one in found] == [one.sender for one in told[:100]]


async def test_a_message_without_a_sender_gets_none(
    database: Database, mongo_database: MongoDatabase
) -> None:
    """Nor does a tombstone."""
    await database.messages.add_new([replace(PLAIN, sender=None)])
    await database.messages.delete(-55, "a1", [2], NOW + timedelta(hours=1), DeletionPolicy.MIRROR)
    await database.messages.add_new([NAMED, replace(NAMED, id=2)])
    found = [one async for one in mongo_database["messages"].find({})]
    assert [one.get("sender") for one in found] == [None, None]
