"""What every test may ask for: a real MongoDB, a database of its own, and time to wait."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import waiting
from abandoned import end_abandoned
from hypothesis import HealthCheck, settings

from app.embedded_mongo import EmbeddedMongo
from db.client import MongoDatabase, connect, database_of
from db.database import Database

settings.register_profile("local", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "local")

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def mongo_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the session's MongoDB; the workers of a parallel session share it."""
    base = tmp_path_factory.getbasetemp()
    session = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    end_abandoned(session.parent)
    return session / "session"


@pytest.fixture(scope="session")
def mongo_uri(mongo_data_dir: Path) -> Iterator[str]:
    """A real MongoDB: a replica set of one node, started at its first use."""
    mongo = EmbeddedMongo(mongo_data_dir)
    with asyncio.Runner() as runner:
        runner.run(mongo.__aenter__())
        try:
            yield mongo.uri
        finally:
            runner.run(mongo.__aexit__(None, None, None))


@pytest.fixture
async def database_name(mongo_uri: str) -> AsyncIterator[str]:
    """The name of a database that nobody else uses; dropped afterwards."""
    name = f"test_{os.getpid()}_{next(NUMBERS)}"
    yield name
    async with connect(mongo_uri) as client:
        await client.drop_database(name)


@pytest.fixture
async def mongo_database(mongo_uri: str, database_name: str) -> AsyncIterator[MongoDatabase]:
    """The bare database, without indexes, with majority writes."""
    async with connect(mongo_uri) as client:
        yield database_of(client, database_name)


@pytest.fixture
async def database(mongo_database: MongoDatabase) -> Database:
    """The repositories on a database of their own, indexes ensured."""
    database = Database(mongo_database)
    await database.prepare()
    return database


@pytest.fixture
def wait_until() -> object:
    """`await wait_until(predicate, timeout=5)`; also by `from waiting import wait_until`."""
    return waiting.wait_until
