"""Telegram's servers go away and come back: who was reading reads on, nothing missing or twice."""

from pathlib import Path

from service import ended, make_worker, recruit, start, stored_ids, working, world_ids
from waiting import wait_until

from bench.ports import free_port
from bench.soak.truth import marked
from core.run import RunState
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox, SandboxConfig
from sandbox.world import World

CHATS = {"alpha_chat": 1_200, "beta_chat": 900}
BEGUN = 300
PAGE_SECONDS = 0.1


def world() -> World:
    return small_world(chats=CHATS, accounts=2)


async def test_a_server_that_restarts_costs_nothing(database: Database, tmp_path: Path) -> None:
    config = SandboxConfig(data_dir=tmp_path, keep_state=True, mtproto_port=free_port())
    async with Sandbox(world(), config) as first:
        first.faults.delay(PAGE_SECONDS, method="messages.getHistory")
        await recruit(database, first, first.world.accounts)
        chats = [marked(first.world.chat(name).id) for name in CHATS]

        async def stored() -> int:
            return sum([await database.messages.count(chat) for chat in chats])

        async def begun() -> bool:
            return await stored() >= BEGUN

        async with working(make_worker(database, first)):
            run = await start(database, *(f"@{name}" for name in CHATS))
            await wait_until(begun)
            again = first.same_ports
            await first.__aexit__(None, None, None)
            assert await stored() < sum(CHATS.values())
            async with Sandbox(world(), again) as second:
                assert await ended(database, run, timeout=60) == [RunState.DONE]
                for name in CHATS:
                    told = await stored_ids(database, second, name)
                    assert told == world_ids(second, name)
                assert not second.counters.key_violations
