from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from bot_door import bot_api
from bot_rig import Rig, Worker, settings

from db.client import MongoDatabase
from db.database import Database


@pytest.fixture
async def idle(
    database: Database,
    mongo_database: MongoDatabase,
    database_name: str,
    mongo_uri: str,
    tmp_path: Path,
) -> AsyncIterator[Rig]:
    """Everything but the bot itself: two ready accounts, nobody holds them."""
    async with AsyncExitStack() as stack:
        door, url, gateway = await stack.enter_async_context(bot_api())
        world = door.world
        wanted = settings(
            url,
            mongo_uri,
            database_name,
            tmp_path,
            world.control_bot.token,
            [world.operator.id],
        )
        worker = Worker(database, mongo_database)
        await worker.account("Anna", number=1)
        await worker.account("Boris", number=2)
        yield Rig(door, url, database, worker, wanted, stack, gateway)


@pytest.fixture
async def rig(idle: Rig) -> AsyncIterator[Rig]:
    """A running bot, and a worker that holds every account."""
    await idle.worker.lease()
    async with idle.running() as bot:
        idle.bot = bot
        yield idle
