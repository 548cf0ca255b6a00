"""Messages on a real MongoDB: no duplicates, no field lost, the newest edit wins."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.message import Entity, Forward, Media, Message, Reaction, Reply, Sender
from db.database import Database

NOW = datetime(2026, 1, 1, 12, 0, 0, 123000, tzinfo=UTC)

FULL = Message(
    chat=-1001,
    box="",
    id=7,
    date=NOW,
    text="你好 *bold*",
    entities=(
        Entity(kind="bold", offset=3, length=6),
        Entity(kind="text_link", offset=0, length=2, value="https://example.org"),
    ),
    links=("https://example.org",),
    sender=Sender(id=42, name="林"),
    edit_date=NOW + timedelta(minutes=1),
    reply=Reply(message=3, topic=2, quote="q"),
    forward=Forward(date=NOW, sender=-1002, name="n", message=9, author="a"),
    topic=2,
    album=99,
    views=0,
    forwards=5,
    reactions=(Reaction(emoji="👍", count=3),),
    media=Media(kind="document", size=10, name="a.pdf", mime="application/pdf"),
    action=None,
    post_author="editor",
)


def plain(number: int, **more: object) -> Message:
    return Message(chat=-1001, box="", id=number, date=NOW, text=f"text {number}", **more)


async def stored(database: Database) -> list[Message]:
    return [message async for message in database.messages.stream(-1001)]


async def test_every_field_comes_back(database: Database) -> None:
    await database.messages.add_new([FULL, plain(8)])
    assert await stored(database) == [FULL, plain(8)]


async def test_a_page_read_twice_changes_nothing(database: Database) -> None:
    first = await database.messages.add_new([plain(n) for n in range(1, 101)])
    again = await database.messages.add_new([plain(n) for n in range(51, 151)])
    assert (first.new, first.repeated) == (100, frozenset())
    assert (again.new, again.repeated) == (50, frozenset(range(50)))
    assert [m.id for m in await stored(database)] == list(range(1, 151))


async def test_the_newest_edit_wins_in_any_order(database: Database) -> None:
    early = plain(1, edit_date=NOW + timedelta(minutes=1))
    late = replace(early, text="late", edit_date=NOW + timedelta(minutes=2))
    for order in ([early, late], [late, early], [early, early]):
        for message in order:
            await database.messages.add_new([message])
    assert await stored(database) == [late]


async def test_the_same_id_in_another_box_is_another_message(database: Database) -> None:
    await database.messages.add_new([plain(1), replace(plain(1), box="a7")])
    assert await database.messages.count(-1001) == 1
    assert await database.messages.count(-1001, "a7") == 1


async def test_the_latest_come_newest_first(database: Database) -> None:
    await database.messages.add_new([plain(n) for n in range(1, 21)])
    latest = await database.messages.latest(-1001, limit=3)
    assert [message.id for message in latest] == [20, 19, 18]
