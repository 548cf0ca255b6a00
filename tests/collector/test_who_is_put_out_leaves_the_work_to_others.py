"""An account that may not read a chat any more leaves its job to one that is in the chat."""

from datetime import timedelta

from service import CLOCK, ended, job_of, make_worker, recruit, start, working
from waiting import wait_until

from bench.soak.truth import marked
from core.chat import Chat, ChatKind, Peer
from core.membership import MembershipState
from core.run import RunState
from db.database import Database
from sandbox.entrance import Entrance
from sandbox.seed import small_world
from sandbox.server import Sandbox

TWO = (777_000_001, 777_000_002)


async def test_a_member_that_was_put_out_is_remembered_and_another_reads(
    database: Database,
) -> None:
    world = small_world(
        chats={"inner_room": 250},
        accounts=2,
        private=("inner_room",),
        entrances={"inner_room": Entrance(invite="InnerRoom01", insiders=TWO)},
    )
    async with Sandbox(world) as sandbox:
        crew = await recruit(database, sandbox, sandbox.world.accounts)
        room = sandbox.world.titled("inner_room")
        chat = Chat(id=marked(room.id), kind=ChatKind.SUPERGROUP, title="inner_room")
        await database.chats.save(chat)
        for account in crew:
            key = sandbox.world.access_hash(777_000_000 + account.id, "channel", room.id)
            peer = Peer(chat=chat.id, kind=chat.kind, access_hash=key)
            await database.memberships.joined(
                account.id, peer, str(chat.id), CLOCK.now(), task=None
            )
        sandbox.society.put_out(TWO[0], room.id)
        await database.accounts.claimed({2}, CLOCK.now() + timedelta(days=1))
        async with working(make_worker(database, sandbox)) as worker:
            await wait_until(lambda: worker.connected() == 2, timeout=20)
            pinned = await start(database, str(chat.id), account=crew[0])
            run = await start(database, str(chat.id))
            assert await ended(database, pinned, run) == [RunState.FAILED, RunState.DONE]
        assert (await job_of(database, run)).account == 2
        assert [one async for one in database.messages.ids(chat.id)] == list(room.ids())
        states = [await database.memberships.of_chat(one.id, chat.id) for one in crew]
        assert [one and one.state for one in states] == [
            MembershipState.KICKED,
            MembershipState.MEMBER,
        ]
