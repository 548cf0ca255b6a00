"""A house that the last release made: its settings, its accounts, its store."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from house import House, signed_in_by
from process_side import environment
from releases import FORERUNNER, LAST, unpack

from bench.nursery import Nursery
from db.client import MongoDatabase
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox, SandboxConfig

StartHouse = Callable[..., Awaitable[House]]


@pytest.fixture(scope="session")
def last_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the program before this one."""
    return unpack(LAST, tmp_path_factory.mktemp("last"))


@pytest.fixture(scope="session")
def forerunner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a program of long before."""
    return unpack(FORERUNNER, tmp_path_factory.mktemp("forerunner"))


@pytest.fixture(scope="session")
def sandbox_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keeps the sandbox's key, which takes long to make."""
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture
async def make_house(
    mongo_database: MongoDatabase,
    database_name: str,
    mongo_uri: str,
    tmp_path: Path,
    sandbox_key: Path,
    last_release: Path,
    nursery: Nursery,
) -> AsyncIterator[StartHouse]:
    """`await make_house({chat: size}, accounts=2)`: signed in by the last release, nothing runs."""
    assert Path(sys.prefix) != Path(sys.base_prefix), "run it from the project's own environment"
    async with AsyncExitStack() as stack:

        async def make(chats: Mapping[str, int], *, accounts: int = 2, **settings: str) -> House:
            world = small_world(chats=chats, accounts=max(accounts, 3))
            sandbox = await stack.enter_async_context(
                Sandbox(world, SandboxConfig(data_dir=sandbox_key))
            )
            given = environment(sandbox, mongo_uri, database_name, tmp_path) | settings
            for person in world.accounts[:accounts]:
                await signed_in_by(last_release, given, person)
            house = House(
                sandbox=sandbox,
                database=Database(mongo_database),
                bare=mongo_database,
                settings=given,
                folder=tmp_path,
                nursery=nursery,
                old=last_release,
            )
            stack.push_async_callback(house.end)
            return house

        yield make
