"""The clock of a collector's machine is set while its accounts are connected: what Telegram pushes
goes on being heard and its calls being answered, on the connection that there is."""

import time
from collections.abc import AsyncIterator

import pytest
from listening_side import PUSHED, join_all, listen, listener, same, tops
from service import ended, recruit, start, working
from waiting import wait_until

from core.run import RunState
from db.client import MongoDatabase
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

STEPS = (40.0, -600.0, 86_400.0 * 31, -86_400.0 * 31, -100.0, 0.0)
"""Where the clock is set to, one after the other: Telethon takes what is 30 s from the future or
300 s old for forged."""


class Steps:
    """Takes the place of the module `time` where Telethon's protocol reads it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def time(self) -> float:
        return time.time() + self.seconds


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Steps:
    made = Steps()
    monkeypatch.setattr("telethon.network.mtprotostate.time", made)
    monkeypatch.setattr("collector.telegram.unread.time", made)
    return made


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    world = small_world(chats={"alpha_chat": 40, "beta_chat": 200}, accounts=1)
    async with Sandbox(world) as sandbox:
        join_all(sandbox, [world.accounts[0].id], "alpha_chat")
        yield sandbox


@pytest.mark.parametrize("began", [0.0, 600.0, -86_400.0])
async def test_pushes_and_calls_go_on(
    database: Database,
    mongo_database: MongoDatabase,
    sandbox: Sandbox,
    wall: Steps,
    began: float,
) -> None:
    """Also where the clock was wrong when the connection was made."""
    wall.seconds = began
    await recruit(database, sandbox, sandbox.world.accounts)
    before = tops(sandbox, "alpha_chat")
    async with working(listener(database, sandbox, listening=PUSHED)):
        await listen(database, "@alpha_chat")
        connections = len(sandbox.counters.lines)
        for offset in STEPS:
            wall.seconds = offset
            sandbox.live.post("alpha_chat", times=3)
            await wait_until(lambda: same(mongo_database, sandbox, before), timeout=4)
            run = await start(database, "@beta_chat")
            assert await ended(database, run, timeout=8) == [RunState.DONE]
        assert len(sandbox.counters.lines) == connections
