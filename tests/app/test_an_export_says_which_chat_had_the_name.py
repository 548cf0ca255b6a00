"""`export @name` takes no chat for another one that has, or had, the same name."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from app.export import ChatUnknown, find_chat
from core.chat import Chat, ChatKind, Peer
from db.database import Database

OLD = Chat(id=-1001, kind=ChatKind.SUPERGROUP, title="Old house", username="house")
NEW = Chat(id=-1002, kind=ChatKind.SUPERGROUP, title="New house", username="House")


async def found(database: Database, text: str) -> Chat:
    store = SimpleNamespace(database=database)
    return await find_chat(store, text)  # type: ignore[arg-type]


async def test_several_that_had_it_are_told_and_an_id_decides(database: Database) -> None:
    await database.chats.save(OLD)
    assert (await found(database, "@house")).id == OLD.id
    await database.chats.save(NEW)
    for text in ("@house", "HOUSE", "t.me/house", "https://t.me/House/5"):
        with pytest.raises(ChatUnknown, match=r"-1002 \(New house\), -1001 \(Old house\)"):
            await found(database, text)
    assert (await found(database, "-1002")).title == "New house"
    assert (await found(database, "-1001")).title == "Old house"


async def test_links_by_id_and_invites_find_their_chat(database: Database) -> None:
    chat = Chat(id=-1_012_345_678_901, kind=ChatKind.SUPERGROUP, title="Private")
    await database.chats.save(chat)
    assert (await found(database, "t.me/c/12345678901/7")).id == chat.id
    peer = Peer(chat=chat.id, kind=chat.kind, access_hash=1)
    await database.memberships.joined(1, peer, "+AbC-dEf", datetime.now(UTC), task=None)
    assert (await found(database, "https://t.me/+AbC-dEf")).id == chat.id
    with pytest.raises(ChatUnknown):
        await found(database, "+Unknown-hash")
