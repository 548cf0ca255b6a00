"""The bot's questions are answered whatever the clocks of the bot and a collector say."""

import pytest
from service import make_worker, recruit, working
from waiting import wait_until
from wrong_clock import OFFSETS, Machine

from core.lookup import Lookup, LookupState
from db.client import MongoDatabase
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox


async def answered(database: Database) -> Lookup:
    number = await database.lookups.ask(["@a_chat"], None)

    async def answer() -> Lookup | None:
        lookup = await database.lookups.get(number)
        return lookup if lookup and lookup.state is LookupState.ANSWERED else None

    return await wait_until(answer, timeout=5)


@pytest.mark.parametrize("offset", OFFSETS)
async def test_a_collector_on_another_clock_answers(database: Database, offset: float) -> None:
    """Also one that goes by it alone."""
    machine = Machine(offset)
    async with Sandbox(small_world(chats={"a_chat": 5}, accounts=1)) as sandbox:
        await recruit(database, sandbox, sandbox.world.accounts)
        worker = make_worker(database, sandbox, clock=machine.wall, trusted=machine.trusted)
        async with working(worker):
            await wait_until(worker.connected)
            assert (await answered(database)).found[0].chat is not None


@pytest.mark.parametrize("seconds", [6.0, -6.0, 86_400.0, -86_400.0])
async def test_a_question_that_nobody_waits_for_is_not_answered(
    database: Database, mongo_database: MongoDatabase, seconds: float
) -> None:
    """Neither an old one nor one from before a step back."""
    number = await database.lookups.ask(["@a_chat"], 1)
    back = {"$subtract": ["$asked_at", seconds * 1000]}
    await mongo_database["lookups"].update_one({"_id": number}, [{"$set": {"asked_at": back}}])
    assert await database.lookups.take(within=5.0) is None
    found = await database.lookups.get(number)
    assert found is not None
    assert found.age == pytest.approx(abs(seconds), abs=2)
    assert (found.sources, found.account, found.found) == (("@a_chat",), 1, ())


async def test_a_question_is_kept_to_the_letter(database: Database) -> None:
    """It is written by an expression: nothing in it is taken for one."""
    await database.lookups.ask(["$asked_at", "@a_chat", "$$NOW"], None)
    taken = await database.lookups.take(within=5.0)
    assert taken is not None
    assert taken.sources == ("$asked_at", "@a_chat", "$$NOW")
