"""However many jobs wait, a worker has at most so many at once over all of its accounts."""

import asyncio

from service import ended, make_worker, recruit, start, stored_ids, working, world_ids

from collector.worker import Worker, WorkerLimits
from core.run import RunState
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHATS = {f"chat_number_{n}": 200 for n in range(10)}
MOST = 2


async def test_two_of_many_jobs_at_once_on_two_accounts(database: Database) -> None:
    async with Sandbox(small_world(chats=CHATS, accounts=2)) as sandbox:
        sandbox.faults.delay(0.1, method="messages.getHistory")
        await recruit(database, sandbox, sandbox.world.accounts)
        crew = make_worker(database, sandbox)._crew
        worker = Worker(crew, WorkerLimits(id="w1", lease_seconds=3.0, jobs=MOST))
        seen: list[int] = []

        async def watch() -> None:
            while True:
                seen.append(len(await database.jobs.running()))
                await asyncio.sleep(0.05)

        runs = [await start(database, *(f"@{name}" for name in CHATS))]
        async with working(worker), asyncio.TaskGroup() as group:
            watching = group.create_task(watch())
            assert await ended(database, *runs, timeout=60) == [RunState.DONE]
            watching.cancel()
        assert max(seen) == MOST
        for name in CHATS:
            assert await stored_ids(database, sandbox, name) == world_ids(sandbox, name)
