"""A loop that looks at the beginning of something long gets past what it can do nothing about."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from core.chat import Chat, ChatKind, Peer
from core.message import DeletionPolicy, Message
from core.task import Schedule, TaskSpec
from db.client import MongoDatabase
from db.database import Database

CHAT = -1001
NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
MANY = 2_300


async def ids(stream: AsyncIterator[int]) -> list[int]:
    return [one async for one in stream]


@pytest.mark.parametrize("policy", DeletionPolicy)
@pytest.mark.parametrize("deleted_at", [NOW, NOW - 90 * DAY], ids=["lately", "long ago"])
async def test_deleted_messages_at_the_bottom_of_a_chat(
    database: Database, mongo_database: MongoDatabase, policy: DeletionPolicy, deleted_at: datetime
) -> None:
    """Retention goes on past any number of them."""
    bottom = list(range(1, MANY + 1))
    await database.messages.delete(CHAT, "", bottom, deleted_at, policy)
    dates = {MANY + 1: NOW - 30 * DAY, MANY + 2: NOW - DAY}
    await database.messages.add_new(
        [Message(chat=CHAT, box="", id=number, date=date) for number, date in dates.items()]
    )
    gone = await database.forget_before(CHAT, NOW - 10 * DAY, now=NOW)
    assert gone == MANY + 1
    assert await ids(database.messages.ids(CHAT)) == [MANY + 2]
    assert await mongo_database["messages"].count_documents({}) == 1


@pytest.mark.parametrize("year", [1970, 2012, 2027, 2038, 2106])
async def test_dates_that_cannot_be(database: Database, year: int) -> None:
    wrong = datetime(year, 1, 1, tzinfo=UTC)
    dates = {**dict.fromkeys(range(1, MANY), wrong), MANY: NOW - 30 * DAY, MANY + 1: NOW}
    dates[MANY + 2] = wrong
    await database.messages.add_new(
        [Message(chat=CHAT, box="", id=number, date=date) for number, date in dates.items()]
    )
    assert await database.forget_before(CHAT, NOW - 10 * DAY, now=NOW) == MANY
    assert await ids(database.messages.ids(CHAT)) == [MANY + 1, MANY + 2]
    assert await database.forget_before(CHAT, NOW - 10 * DAY, now=NOW) == 0


async def test_the_policies_of_all_tasks_and_chats_are_seen(database: Database) -> None:
    spec = TaskSpec(sources=("@one",), keep_days=3, deletions=DeletionPolicy.KEEP)
    for _ in range(1_050):
        await database.tasks.add(
            owner=1, chat=1, spec=spec, schedule=Schedule(), next_due=None, now=NOW
        )
    assert len(await database.tasks.forgetful()) == 1_050
    assert len(await database.tasks.keepers()) == 1_050


async def test_chats_that_cannot_be_left_yet_hold_up_no_others(database: Database) -> None:
    for number in range(1, 46):
        chat = Chat(id=-1_001_000_000_000 - number, kind=ChatKind.SUPERGROUP, title="One")
        peer = Peer(chat=chat.id, kind=chat.kind, access_hash=1)
        await database.memberships.joined(1, peer, f"@n{number}", NOW, task="t")
    await database.memberships.let_go("t")
    seen, after = set(), ""
    while found := await database.memberships.leaving([1], after=after):
        seen |= {one.chat for one in found}
        after = found[-1].id
    assert len(seen) == 45
