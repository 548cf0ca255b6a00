"""What Telegram asked an account to rest is kept by whoever has it next, whatever its clock says:
never shorter, and not for ever."""

import asyncio
from datetime import timedelta

import pytest
from service import Counts, ended, make_worker, recruit, start, working
from waiting import wait_until
from wrong_clock import OFFSETS, Machine

from collector.pacer import Pacer
from collector.rests import APART, GRACE, LONGEST_UNTOLD
from core.errors import FloodError
from core.job import Family
from core.run import RunState
from db.client import MongoDatabase
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

ASKED = 300.0
WAYS = [(0.0, offset) for offset in OFFSETS] + [(offset, 0.0) for offset in OFFSETS]
BOTH = [(offset, offset) for offset in OFFSETS]


def pacer_on(machine: Machine, database: Database) -> Pacer:
    return Pacer(1, {}, database.budgets, machine.clock, Counts())


async def left(pacer: Pacer) -> float:
    """Seconds that the pacer would still wait; 0 when it lets a call out."""
    try:
        await pacer(Family.HISTORY)
    except FloodError as flood:
        return flood.seconds
    return 0.0


@pytest.mark.parametrize(("first", "second"), [*WAYS, *BOTH])
async def test_the_next_machine_rests_as_long(
    database: Database, first: float, second: float
) -> None:
    """It was told the time by Telegram, as the first was when it was flooded."""
    writer, reader = Machine(first), Machine(second)
    writer.hear()
    await pacer_on(writer, database).flooded(Family.HISTORY, ASKED)
    reader.hear()
    pacer = pacer_on(reader, database)
    await pacer.load()
    assert ASKED - 1 < await left(pacer) <= ASKED + GRACE


@pytest.mark.parametrize("offset", OFFSETS)
async def test_before_telegram_answers_mongodb_is_heard_too(
    database: Database, mongo_database: MongoDatabase, offset: float
) -> None:
    """And once Telegram has answered the rest ends when it ought to."""
    writer, reader = Machine(0), Machine(offset)
    await pacer_on(writer, database).flooded(Family.HISTORY, ASKED)
    await let_pass(mongo_database, 100)
    pacer = pacer_on(reader, database)
    await pacer.load(sure=False)
    assert ASKED - 101 < await left(pacer) <= ASKED + GRACE
    reader.hear()
    await pacer.load()
    assert ASKED - 101 < await left(pacer) <= ASKED - 100 + GRACE + APART


@pytest.mark.parametrize("offset", OFFSETS)
async def test_a_step_of_the_clock_ends_no_rest(database: Database, offset: float) -> None:
    machine = Machine(0)
    pacer = pacer_on(machine, database)
    await pacer.flooded(Family.HISTORY, ASKED)
    machine.wall.seconds = offset
    assert ASKED - 1 < await left(pacer) <= ASKED + GRACE
    await pacer.load(sure=False)
    assert ASKED - 1 < await left(pacer) <= ASKED + GRACE


async def test_a_rest_that_was_written_by_a_wrong_clock_ends(
    database: Database, mongo_database: MongoDatabase
) -> None:
    """Telegram had told its writer nothing yet; and to load it again does not begin it anew."""
    await pacer_on(Machine(86_400.0 * 31), database).flooded(Family.HISTORY, 1.0)
    pacer = pacer_on(Machine(0), database)
    await pacer.load()
    for _ in range(3):
        await asyncio.sleep(0.4)
        await pacer.load()
    await asyncio.wait_for(pacer(Family.HISTORY), 1)


async def test_a_shorter_rest_later_does_not_shorten_a_longer_one(database: Database) -> None:
    machine = Machine(0)
    await pacer_on(machine, database).flooded(Family.HISTORY, ASKED)
    await pacer_on(machine, database).flooded(Family.HISTORY, 70.0)
    pacer = pacer_on(machine, database)
    await pacer.load()
    assert ASKED - 1 < await left(pacer) <= ASKED + GRACE


async def test_what_the_version_before_wrote_is_kept(
    database: Database, mongo_database: MongoDatabase
) -> None:
    """Beside one that wrote how long its own rest lasts, too; a day at most where nobody said."""
    now = Machine(0).clock.now()
    await database.budgets.rest(1, Family.HISTORY, now + timedelta(seconds=5), 5.0)
    for ahead, most in ((ASKED, ASKED + APART), (86_400.0 * 31, LONGEST_UNTOLD)):
        later = {"$max": {"next_at": now + timedelta(seconds=ahead)}}
        await mongo_database["budgets"].update_one({}, later)
        pacer = pacer_on(Machine(0), database)
        await pacer.load()
        assert most - 5 < await left(pacer) <= most


@pytest.mark.parametrize(("first", "second"), WAYS)
async def test_collectors_whose_clocks_differ_keep_a_flood_and_go_on(
    database: Database, first: float, second: float
) -> None:
    """The job's own wait, too, ends in time."""
    async with Sandbox(small_world(chats={"a_chat": 300}, accounts=1)) as sandbox:
        (account,) = await recruit(database, sandbox, sandbox.world.accounts)
        sandbox.faults.flood(4, method="messages.getHistory")
        one, two = Machine(first), Machine(second)
        async with working(make_worker(database, sandbox, clock=one.clock, trusted=one.trusted)):
            run = await start(database, "@a_chat", account=account)
            await wait_until(lambda: sandbox.counters.floods)
            await wait_until(lambda: database.budgets.rests(account.id))
        async with working(make_worker(database, sandbox, clock=two.clock, trusted=two.trusted)):
            assert await ended(database, run, timeout=20) == [RunState.DONE]
        assert sandbox.counters.floods == 1
        assert sandbox.counters.violations == 0
        assert sandbox.counters.family_violations == 0


async def let_pass(mongo_database: MongoDatabase, seconds: float) -> None:
    """As if what is stored had been written so long ago."""
    back = {"$subtract": ["$next_at", seconds * 1000]}
    await mongo_database["budgets"].update_many({}, [{"$set": {"next_at": back, "until": back}}])
