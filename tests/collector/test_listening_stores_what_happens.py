"""The step `listen`: what happens in a chat is stored as it happens, until the run is stopped."""

import asyncio

import pytest
from listening_side import PUSHED, join_all, listen, listener, same, stored, tops
from service import CLOCK, job_of, recruit, working
from waiting import wait_until

from bench.soak.truth import marked
from core.chat import Chat, ChatKind, Peer
from core.message import DeletionPolicy
from core.run import Intent, RunState
from db.client import MongoDatabase
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHATS = {"alpha_chat": 40, "beta_news": 30, "gamma_chat": 20}


@pytest.fixture
async def sandbox() -> Sandbox:
    world = small_world(
        chats=CHATS, kinds={"beta_news": ChatKind.CHANNEL}, accounts=3, groups={"Friends": 12}
    )
    async with Sandbox(world) as sandbox:
        join_all(sandbox, [world.accounts[0].id], "alpha_chat", "beta_news")
        join_all(sandbox, [world.accounts[1].id], "alpha_chat")
        for person in world.accounts:
            world.membership.leave(person.id, world.chat("gamma_chat").id)
        yield sandbox


async def test_messages_edits_and_deletions_as_they_are_pushed(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    before = tops(sandbox, "alpha_chat", "beta_news")
    async with working(listener(database, sandbox, listening=PUSHED)):
        await listen(database, "@alpha_chat", "@beta_news")
        ids = [sandbox.live.post("alpha_chat", f"one {number} 一") for number in range(5)]
        sandbox.live.post("beta_news", times=5)
        sandbox.live.edit("alpha_chat", ids[1], "changed 改")
        sandbox.live.delete("alpha_chat", ids[2])
        await wait_until(lambda: same(mongo_database, sandbox, before))
    chat = marked(sandbox.world.chat("alpha_chat").id)
    assert [one.text for one in await database.messages.versions(chat, "", ids[1])] == ["one 1 一"]
    gone = await mongo_database["messages"].find_one({"chat": chat, "id": ids[2]})
    assert gone is not None
    assert gone["deleted_at"] is not None
    assert "text" not in gone


async def test_what_is_deleted_is_kept_where_the_chat_keeps_it(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    chat = marked(sandbox.world.chat("alpha_chat").id)
    async with working(listener(database, sandbox, listening=PUSHED)):
        await listen(database, "@alpha_chat")
        assert await database.chats.set_deletions(chat, DeletionPolicy.KEEP)
        said = sandbox.live.post("alpha_chat", "not for long")
        sandbox.live.delete("alpha_chat", said)

        async def marked_as_deleted() -> object:
            query = {"chat": chat, "id": said, "deleted_at": {"$ne": None}}
            return await mongo_database["messages"].find_one(query)

        gone = await wait_until(marked_as_deleted)
        assert gone["text"] == "not for long"  # type: ignore[index]


async def test_a_basic_group_is_listened_to_in_its_accounts_box(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    """A deletion in it names no chat."""
    accounts = await recruit(database, sandbox, sandbox.world.accounts[:2])
    [group] = sandbox.world.groups.values()
    async with working(listener(database, sandbox, listening=PUSHED)):
        await know(database, accounts[1].id, group.id)
        run = await listen(database, f"{-group.id}", account=accounts[1])
        [one] = await database.subscriptions.of_run(run.id)
        assert (one.box, one.reader, one.standby) == (f"a{accounts[1].id}", accounts[1].id, None)
        people = sandbox.world.accounts
        ids = [sandbox.live.say(group.id, f"hello {at}")[people[1].id] for at in range(3)]
        await wait_until(lambda: in_box(mongo_database, one.box, set(ids)))
        sandbox.world.box(people[1].id).delete(ids[1])
        await wait_until(lambda: in_box(mongo_database, one.box, {ids[0], ids[2]}))


async def know(database: Database, account: int, group: int) -> None:
    """What joining it leaves."""
    chat = Chat(id=-group, kind=ChatKind.GROUP, title="Friends")
    peer = Peer(chat=-group, kind=ChatKind.GROUP, access_hash=0)
    await database.chats.save(chat)
    await database.memberships.joined(account, peer, "+invite", CLOCK.now(), task=None)


async def in_box(bare: MongoDatabase, box: str, ids: set[int]) -> bool:
    query = {"box": box, "body": None, "id": {"$gte": min(ids)}}
    return {one["id"] async for one in bare["messages"].find(query, {"id": 1})} == ids


async def test_a_chat_that_nobody_is_in_is_polled(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    before = tops(sandbox, "gamma_chat")
    async with working(listener(database, sandbox)):
        run = await listen(database, "@gamma_chat")
        [one] = await database.subscriptions.of_run(run.id)
        assert (one.pushed, one.standby) == (False, None)
        assert (await job_of(database, run)).note == "listens_by_polling"
        ids = [sandbox.live.post("gamma_chat", f"quiet {at}") for at in range(3)]
        await wait_until(lambda: same(mongo_database, sandbox, before), timeout=10)
        sandbox.live.edit("gamma_chat", ids[0], "louder")
        sandbox.live.delete("gamma_chat", ids[1])
        await wait_until(lambda: same(mongo_database, sandbox, before), timeout=10)


async def test_a_stopped_run_is_not_listened_for_within_two_seconds(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:2])
    chat = sandbox.world.chat("alpha_chat").id
    async with working(listener(database, sandbox)):
        first = await listen(database, "@alpha_chat")
        second = await listen(database, "@alpha_chat")
        [one] = await database.subscriptions.of_run(second.id)
        assert one.runs() == (first.id, second.id)
        await database.runs.set_intent(first.id, Intent.CANCEL)
        await wait_until(lambda: is_for(database, chat, (second.id,)), timeout=2)
        kept = sandbox.live.post("alpha_chat", "for the second")

        async def came() -> bool:
            return kept in await stored(mongo_database, chat)

        await wait_until(came)
        await database.runs.set_intent(second.id, Intent.CANCEL)
        await asyncio.sleep(2.0)
        assert await is_for(database, chat, ())
        calls = len(sandbox.counters.calls)
        lost = sandbox.live.post("alpha_chat", "for nobody")
        await wait_until(lambda: state_is(database, second.id, RunState.CANCELLED))
        await asyncio.sleep(1.0)
        assert lost not in await stored(mongo_database, chat)
        assert len(sandbox.counters.calls) == calls


async def is_for(database: Database, chat: int, runs: tuple[str, ...]) -> bool:
    one = await database.subscriptions.get(marked(chat), "")
    return (one.runs() if one is not None else ()) == runs


async def state_is(database: Database, run: str, state: RunState) -> bool:
    found = await database.runs.get(run)
    return found is not None and found.status.state is state


async def test_a_paused_run_is_not_listened_for_and_misses_nothing(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    before = tops(sandbox, "alpha_chat")
    async with working(listener(database, sandbox)):
        run = await listen(database, "@alpha_chat")
        await database.runs.set_intent(run.id, Intent.PAUSE)
        await wait_until(lambda: reads(database, run.id, [None]), timeout=2)
        sandbox.live.post("alpha_chat", times=3)
        assert not await same(mongo_database, sandbox, before)
        await database.runs.set_intent(run.id, Intent.GO)
        await wait_until(lambda: same(mongo_database, sandbox, before), timeout=10)


async def reads(database: Database, run: str, readers: list[int | None]) -> bool:
    return [one.reader for one in await database.subscriptions.of_run(run)] == readers


async def test_the_standby_takes_over_from_a_reader_that_is_lost(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    first, second = await recruit(database, sandbox, sandbox.world.accounts[:2])
    before = tops(sandbox, "alpha_chat")
    for account in (first.id, second.id):
        await join(database, sandbox, account)
    async with working(listener(database, sandbox)):
        run = await listen(database, "@alpha_chat")
        [one] = await database.subscriptions.of_run(run.id)
        assert {one.reader, one.standby} == {first.id, second.id}
        lost = one.reader
        sandbox.faults.revoke(sandbox.world.accounts[lost - 1].id)
        sandbox.live.post("alpha_chat", times=3)
        await wait_until(lambda: reads(database, run.id, [one.standby]), timeout=15)
        sandbox.live.post("alpha_chat", times=3)
        await wait_until(lambda: same(mongo_database, sandbox, before), timeout=10)


async def join(database: Database, sandbox: Sandbox, account: int) -> None:
    """What joining it leaves."""
    chat = sandbox.world.chat("alpha_chat")
    person = sandbox.world.accounts[account - 1]
    peer = Peer(
        chat=marked(chat.id),
        kind=ChatKind.SUPERGROUP,
        access_hash=sandbox.world.access_hash(person.id, "channel", chat.id),
    )
    await database.memberships.joined(account, peer, "@alpha_chat", CLOCK.now(), task=None)
