"""Listening goes on in the supergroup that a group became, and with whoever is a member; what
retention deleted stays away.
"""

from collections.abc import AsyncIterator

import pytest
from listening_side import PUSHED, join_all, listen, listener, same, stored, tops
from service import CLOCK, recruit, working
from waiting import wait_until

from bench.soak.truth import marked
from collector.keeping.retention import Retention
from core.chat import SHARED_BOX, Chat, ChatKind, Peer
from core.subscription import Subscription
from db.client import MongoDatabase
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

ALPHA = "alpha_chat"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    world = small_world(chats={ALPHA: 40}, accounts=2, groups={"Friends": 12})
    async with Sandbox(world) as running:
        join_all(running, [one.id for one in world.accounts], ALPHA)
        yield running


async def only(database: Database, run: str) -> Subscription | None:
    """What is listened to for the run, if that is one chat."""
    found = await database.subscriptions.of_run(run)
    return found[0] if len(found) == 1 else None


@pytest.mark.parametrize("sees_it", [True, False], ids=["live", "away"])
async def test_a_group_that_becomes_a_supergroup_is_followed(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox, sees_it: bool
) -> None:
    [account] = await recruit(database, sandbox, sandbox.world.accounts[:1])
    [group] = sandbox.world.groups.values()
    peer = Peer(chat=-group.id, kind=ChatKind.GROUP, access_hash=0)
    await database.chats.save(Chat(id=-group.id, kind=ChatKind.GROUP, title="Friends"))
    await database.memberships.joined(account.id, peer, "+invite", CLOCK.now(), task="t")
    successors = []

    def migrate() -> None:
        successors.append(sandbox.society.migrate(group))
        sandbox.live.post(successors[0].id, "said at once")

    async with working(listener(database, sandbox, listening=PUSHED)):
        run = await listen(database, f"{-group.id}")
        if sees_it:
            migrate()
            await wait_until(lambda: followed(database, run.id, successors[0].id))
    if not sees_it:
        migrate()
    async with working(listener(database, sandbox, listening=PUSHED, name="w2")):
        await wait_until(lambda: followed(database, run.id, successors[0].id))
        sandbox.live.post(successors[0].id, "said later")
        there = {one.id for one in successors[0].messages()}

        async def whole() -> bool:
            return (await stored(mongo_database, successors[0].id)).keys() == there

        await wait_until(whole)
        await listen(database, f"@{ALPHA}")
        assert await followed(database, run.id, successors[0].id)
    known = await database.memberships.of_chat(account.id, marked(successors[0].id))
    assert known is not None
    assert known.for_task == "t"


async def followed(database: Database, run: str, chat: int) -> bool:
    """Whether the run listens to this supergroup, and to nothing else."""
    one = await only(database, run)
    there = one is not None and (one.chat, one.box, one.begin) == (marked(chat), SHARED_BOX, 0)
    return there and one is not None and one.checked_at is not None


async def test_who_is_put_out_reads_no_more_and_whoever_gets_in_goes_on(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    people, chat = sandbox.world.accounts, sandbox.world.chat(ALPHA)
    [first] = await recruit(database, sandbox, people[:1])
    await join(database, sandbox, first.id)
    before = tops(sandbox, ALPHA)
    async with working(listener(database, sandbox, listening=PUSHED)):
        run = await listen(database, str(marked(chat.id)))
        sandbox.society.put_out(people[0].id, chat.id)

        async def unread() -> Subscription | None:
            one = await only(database, run.id)
            return one if one is not None and one.reader is None and one.wait else None

        one = await wait_until(unread)
        assert (one.live, one.wait.why) == (True, "source_forbidden")  # type: ignore[union-attr]
        sandbox.live.post(ALPHA, times=3)
        [second] = await recruit(database, sandbox, people[1:])
        await join(database, sandbox, second.id)
        await wait_until(lambda: same(mongo_database, sandbox, before), timeout=15)
        one = await wait_until(lambda: only(database, run.id))
        assert (one.reader, one.wait) == (second.id, None)
        sandbox.world.membership.pardon(people[0].id, chat.id)
        sandbox.world.membership.enter(people[0].id, chat.id)
        await join(database, sandbox, first.id)
        sandbox.society.put_out(people[1].id, chat.id)
        sandbox.live.post(ALPHA, times=3)
        await wait_until(lambda: same(mongo_database, sandbox, before), timeout=15)


async def join(database: Database, sandbox: Sandbox, account: int) -> None:
    """What joining it leaves."""
    chat, person = sandbox.world.chat(ALPHA), sandbox.world.accounts[account - 1]
    access_hash = sandbox.world.access_hash(person.id, "channel", chat.id)
    peer = Peer(chat=marked(chat.id), kind=ChatKind.SUPERGROUP, access_hash=access_hash)
    await database.chats.save(Chat(id=marked(chat.id), kind=ChatKind.SUPERGROUP, title=ALPHA))
    await database.memberships.joined(account, peer, f"@{ALPHA}", CLOCK.now(), task=None)


async def test_what_retention_deleted_is_not_read_again(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    top = sandbox.world.chat(ALPHA).top_id
    async with working(listener(database, sandbox)):
        run = await listen(database, f"@{ALPHA}", keep_days=1)
    await Retention(database).sweep(CLOCK.now())
    began_long_ago = {"begin": 0, "pts": None, "checked_at": None}
    await mongo_database["subscriptions"].update_one({}, {"$set": began_long_ago})
    sandbox.live.post(ALPHA, times=2)
    async with working(listener(database, sandbox, name="w2")):
        await wait_until(lambda: looked_at(database, run.id))
        assert set(await stored(mongo_database, sandbox.world.chat(ALPHA).id)) == {
            one.id for one in sandbox.world.chat(ALPHA).messages() if one.id > top
        }


async def looked_at(database: Database, run: str) -> bool:
    one = await only(database, run)
    return one is not None and one.checked_at is not None
