"""However small what it reads, a job asks MongoDB little: from its run's opening to its end."""

from commands import Tap
from motor.motor_asyncio import AsyncIOMotorClient
from service import ended, make_worker, recruit, start, working
from waiting import wait_until

from core.run import RunState
from db.client import MongoDatabase, database_of
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

RUNS, EACH, SIZE = 6, 8, 20
MOST = 22.0
"""Commands a job, whatever else the worker asks included."""


async def test_of_twenty_messages(
    database: Database, mongo_database: MongoDatabase, mongo_uri: str, database_name: str
) -> None:
    names = [f"small_{place:02d}" for place in range(RUNS * EACH)]
    tap = Tap()
    client = AsyncIOMotorClient(mongo_uri, tz_aware=True, event_listeners=[tap])
    tapped = Database(database_of(client, database_name))
    async with Sandbox(small_world(chats=dict.fromkeys(names, SIZE), accounts=2)) as sandbox:
        accounts = await recruit(database, sandbox, sandbox.world.accounts)
        async with working(make_worker(tapped, sandbox)) as worker:
            await wait_until(lambda: worker.connected() == len(accounts), timeout=30)
            await wait_until(tapped.changes.lively, timeout=30)
            tap.caught.clear()
            runs = [
                await start(database, *(f"@{name}" for name in names[at : at + EACH]))
                for at in range(0, len(names), EACH)
            ]
            assert set(await ended(database, *runs, timeout=60)) == {RunState.DONE}
            caught = tap.caught.copy()
    client.close()
    assert await mongo_database["messages"].count_documents({}) == len(names) * SIZE
    assert caught.total() / len(names) <= MOST, caught
