"""What every test may ask for: a real MongoDB, a database of its own, and time to wait."""

import asyncio
import itertools
import os
import ssl
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
import structlog
import waiting
from abandoned import end_abandoned
from hypothesis import HealthCheck, settings

from app.embedded_mongo import EmbeddedMongo
from bench.nursery import Nursery
from db.client import Client, Collection, MongoDatabase, connect, database_of
from db.database import Database

settings.register_profile("local", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "local")

NUMBERS = itertools.count(1)

IN_TURN = 5
"""Databases that are used again and again: making one with its indexes takes half a second, and
what the last test still writes while it ends is in none that is in use."""

MANY = 3000
"""Documents from which on a database is dropped sooner than emptied."""

HEAVY = ("end_to_end", "faults", "bench")
"""Where a file keeps a whole processor busy, for up to two minutes."""

LIGHT = ("bot", "app", "collector", "sandbox", "repo")
"""Where a file takes long and mostly waits."""

CALM = ("test_a_full_store_answers_at_once.py",)
"""Files that measure time: they come last, when little else runs."""

BESIDE = 2
"""Light files between two heavy ones: what runs at the same time leaves each enough."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, so that no worker is left alone with one at the end; heavy ones apart, and
    what measures time behind all."""
    items.sort(key=place)
    heavy = deque(dict.fromkeys(item.path for item in items if folder_of(item) in HEAVY))
    light = deque(dict.fromkeys(item.path for item in items if folder_of(item) not in HEAVY))
    turns: dict[Path, int] = {}
    while heavy or light:
        for files, count in ((heavy, 1), (light, BESIDE)):
            for _ in range(min(count, len(files))):
                turns[files.popleft()] = len(turns)
    items.sort(key=lambda item: (item.path.name in CALM, turns[item.path]))


def place(item: pytest.Item) -> int:
    """Where an item stands in its kind."""
    folder, order = folder_of(item), (*HEAVY, *LIGHT)
    return order.index(folder) if folder in order else len(order)


def folder_of(item: pytest.Item) -> str:
    """The folder of `tests` in which an item is."""
    return item.path.relative_to(Path(__file__).parent).parts[0]


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


@pytest.fixture(scope="session")
def kept_databases() -> deque[str]:
    """The databases that have their indexes; the one that rested longest is first."""
    return deque()


@pytest.fixture
async def database_name(
    mongo_uri: str, kept_databases: deque[str], request: pytest.FixtureRequest
) -> AsyncIterator[str]:
    """The name of a database that nobody else uses and that has no documents.

    It is entirely new for a test that does not ask for `database`.
    """
    fresh = f"test_{os.getpid()}_{next(NUMBERS)}"
    if "database" not in request.fixturenames:
        yield fresh
        async with connect(mongo_uri) as client:
            await client.drop_database(fresh)
        return
    name = kept_databases.popleft() if len(kept_databases) >= IN_TURN else fresh
    async with connect(mongo_uri) as client:
        await empty(client, name)
    yield name
    kept_databases.append(name)


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


async def empty(client: Client, name: str) -> None:
    """Take every document away; indexes stay unless there is much to take, or a view."""
    database = database_of(client, name)
    found = await database.list_collection_names()
    collections = [database[one] for one in found]
    special = any(one.startswith("system.") for one in found)
    if special or await documents(collections) > MANY:
        await client.drop_database(name)
        return
    for collection in collections:
        await collection.delete_many({})


async def documents(collections: list[Collection]) -> int:
    return sum([await collection.estimated_document_count() for collection in collections])


@pytest.fixture(scope="session", autouse=True)
def certificates() -> Iterator[None]:
    """Authorities are read once: each of aiogram's sessions reads them, for 40 ms, and none of them
    here goes to a server that has a certificate."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="session", autouse=True)
def loggers_that_can_be_captured() -> Iterator[None]:
    """A logger that is used while a test has configured logging would keep that configuration, and
    no later test could capture what it says."""
    configure = structlog.configure
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            structlog,
            "configure",
            lambda **given: configure(**{**given, "cache_logger_on_first_use": False}),
        )
        yield


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where processes begin with the product imported; one for each worker of the session."""
    with closing(Nursery()) as made:
        yield made


@pytest.fixture
def wait_until() -> object:
    """`await wait_until(predicate, timeout=5)`; also by `from waiting import wait_until`."""
    return waiting.wait_until
