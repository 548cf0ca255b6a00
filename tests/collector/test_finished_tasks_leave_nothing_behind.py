"""Tasks that are over, well or not, leave no asyncio task, no file and no object behind."""

import asyncio
import gc
from collections import Counter, deque
from dataclasses import dataclass
from pathlib import Path

from service import ended, make_worker, recruit, start, working
from telethon.network.requeststate import RequestState
from telethon.tl.types import MsgsAck
from waiting import wait_until

from core.run import RunState
from db.client import MongoDatabase
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHATS = {f"source_{number:02d}": 250 for number in range(16)}
UNKNOWN = ("@nobody_has_it", "@nobody_at_all", "@nobody_there", "@nobody_more")
TASKS = len(CHATS) + len(UNKNOWN)
OURS = ("collector.", "core.", "db.", "telethon.")
REMEMBERED = ("telethon.tl.types.InputPeer", "telethon.tl.types.MsgsAck")
"""A session keeps how to address the chats that it met, up to a bound, and a connection its last
ten receipts."""


@dataclass(frozen=True)
class Left:
    """What is there while no task runs."""

    tasks: Counter[str]
    files: int
    objects: Counter[str]

    def more_than(self, before: "Left") -> dict[str, int]:
        """Kinds of objects of which there is one more for every second task, or more."""
        grown = self.objects - before.objects
        return {kind: count for kind, count in grown.items() if count >= TASKS // 2}


def running() -> Counter[str]:
    return Counter(task.get_coro().__qualname__ for task in asyncio.all_tasks())


def is_receipt(one: object) -> bool:
    """Whether it is a call that is a receipt."""
    return type(one) is RequestState and type(one.request) is MsgsAck


def look() -> Left:
    gc.collect()
    kinds = (type(one) for one in gc.get_objects() if not is_receipt(one))
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in kinds)
    return Left(
        tasks=running(),
        files=sum(1 for _ in Path("/proc/self/fd").iterdir()),
        objects=Counter(
            name for name in names if name.startswith(OURS) and not name.startswith(REMEMBERED)
        ),
    )


async def at_rest() -> Left:
    """What is there once nothing came or went for a second."""
    looks: deque[Counter[str]] = deque(maxlen=6)

    def still() -> bool:
        looks.append(running())
        return len(looks) == looks.maxlen and all(one == looks[0] for one in looks)

    await wait_until(still, timeout=20, every=0.2)
    return look()


async def test_the_second_twenty_tasks_leave_what_the_first_left(
    database: Database, mongo_database: MongoDatabase
) -> None:
    async with Sandbox(small_world(chats=CHATS, accounts=4)) as sandbox:
        accounts = await recruit(database, sandbox, sandbox.world.accounts)

        async def work() -> None:
            await mongo_database["messages"].delete_many({})
            await mongo_database["spans"].delete_many({})
            sandbox.faults.fail(method="messages.getHistory", times=2)
            known = [await start(database, f"@{name}") for name in CHATS]
            unknown = [await start(database, name) for name in UNKNOWN]
            sandbox.faults.cut(sandbox.world.accounts[0].id)
            assert set(await ended(database, *known)) == {RunState.DONE}
            assert set(await ended(database, *unknown)) == {RunState.FAILED}

        async with working(make_worker(database, sandbox)) as worker:

            def connected() -> bool:
                return worker.connected() == len(accounts)

            await wait_until(connected)
            await work()
            await wait_until(connected)
            before = await at_rest()
            await work()
            await wait_until(connected)
            after = await at_rest()
    assert after.tasks == before.tasks
    assert after.files - before.files < TASKS // 2
    assert after.more_than(before) == {}
