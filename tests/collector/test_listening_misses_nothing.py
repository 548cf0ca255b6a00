"""Whatever happens to updates on their way, what is stored is in the end what is in the world."""

from dataclasses import replace

import pytest
from listening_side import PUSHED, join_all, listen, listener, same, tops
from service import recruit, working
from waiting import wait_until

from core.chat import ChatKind
from db.client import MongoDatabase
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHATS = {"alpha_chat": 40, "beta_news": 30}
SOURCES = ("@alpha_chat", "@beta_news")


@pytest.fixture
async def sandbox() -> Sandbox:
    world = small_world(chats=CHATS, kinds={"beta_news": ChatKind.CHANNEL}, accounts=2)
    async with Sandbox(world) as sandbox:
        join_all(sandbox, [one.id for one in world.accounts], *CHATS)
        yield sandbox


async def equal(bare: MongoDatabase, sandbox: Sandbox, before: dict[str, int]) -> None:
    await wait_until(lambda: same(bare, sandbox, before), timeout=15, every=0.05)


async def traffic(sandbox: Sandbox, seconds: float, rate: float = 150) -> None:
    sandbox.live.start(rate, edits=0.2, deletions=0.1, seconds=seconds)
    await wait_until(lambda: not sandbox.live.running, timeout=seconds + 5)


async def test_dropped_repeated_and_reordered(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    before = tops(sandbox, *CHATS)
    async with working(listener(database, sandbox)):
        await listen(database, *SOURCES)
        updates = sandbox.faults.updates
        updates.drop(0.2)
        updates.repeat(0.2, after=0.05)
        updates.reorder(0.4, seconds=0.15)
        await traffic(sandbox, 1.5)
        assert not await same(mongo_database, sandbox, before)
        await equal(mongo_database, sandbox, before)


async def test_a_silent_chat_is_found_to_move_and_is_polled(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    before = tops(sandbox, *CHATS)
    alpha = sandbox.world.chat("alpha_chat").id
    async with working(listener(database, sandbox)):
        run = await listen(database, *SOURCES)
        sandbox.faults.updates.drop(chat_id=alpha)
        await traffic(sandbox, 0.5)
        await equal(mongo_database, sandbox, before)

        async def polled() -> bool:
            found = await database.subscriptions.of_run(run.id)
            return {one.source: one.polled for one in found} == {
                SOURCES[0]: True,
                SOURCES[1]: False,
            }

        await wait_until(polled)


@pytest.mark.parametrize("kind", ["chat", "account"])
async def test_too_much_to_tell_is_read_at_once(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox, kind: str
) -> None:
    """No timer helps here."""
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    before = tops(sandbox, *CHATS)
    alpha, updates = sandbox.world.chat("alpha_chat"), sandbox.faults.updates
    async with working(listener(database, sandbox, listening=PUSHED)):
        await listen(database, *SOURCES)
        updates.drop(chat_id=alpha.id)
        ids = [sandbox.live.post("alpha_chat", f"lost {number}") for number in range(120)]
        sandbox.live.delete("alpha_chat", ids[5])
        updates.clear()
        assert not await same(mongo_database, sandbox, before)
        assert updates.push_too_long(alpha.id if kind == "chat" else None, None) == 1
        await equal(mongo_database, sandbox, before)


async def test_what_a_broken_line_missed_is_read_at_once(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    before = tops(sandbox, *CHATS)
    account = sandbox.world.accounts[0].id
    async with working(listener(database, sandbox, listening=PUSHED)):
        await listen(database, *SOURCES)
        said = sandbox.live.post("alpha_chat", "before")
        await equal(mongo_database, sandbox, before)
        assert sandbox.faults.cut(account) == 1
        sandbox.live.edit("alpha_chat", said, "nobody was told")
        sandbox.live.post("beta_news", times=3)
        await equal(mongo_database, sandbox, before)


async def test_a_full_queue_drops_and_nothing_is_lost(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    before = tops(sandbox, *CHATS)
    worker = listener(database, sandbox, listening=replace(PUSHED, queue=20, linger=0.3))
    async with working(worker):
        await listen(database, *SOURCES)
        for _ in range(60):
            sandbox.live.post("alpha_chat")
            sandbox.live.post("beta_news")
        await wait_until(lambda: worker.recorder.dropped > 0)
        await equal(mongo_database, sandbox, before)
        sandbox.live.post("alpha_chat", "and it goes on")
        await equal(mongo_database, sandbox, before)


async def test_another_worker_goes_on_where_one_died(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    before = tops(sandbox, *CHATS)
    async with working(listener(database, sandbox, name="first")):
        run = await listen(database, *SOURCES)
        said = sandbox.live.post("alpha_chat", "heard by the first")
        await equal(mongo_database, sandbox, before)
    sandbox.live.edit("alpha_chat", said, "heard by nobody")
    sandbox.live.delete("alpha_chat", sandbox.live.post("alpha_chat", "gone again"))
    sandbox.live.post("beta_news", times=3)
    async with working(listener(database, sandbox, name="second")):
        await equal(mongo_database, sandbox, before)
        assert len(await database.subscriptions.of_run(run.id)) == 2
