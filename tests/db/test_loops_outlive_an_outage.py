"""While MongoDB is away the loops of a process wait, go on by themselves, and say little."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs
from waiting import wait_until

from core.errors import StoreError
from db.client import connect, database_of
from db.database import Database
from db.outage import Outage


@asynccontextmanager
async def away() -> AsyncIterator[Database]:
    """A database at an address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        uri = f"mongodb://127.0.0.1:{taken.getsockname()[1]}/?directConnection=true"
        async with connect(uri, timeout_ms=20) as client:
            yield Database(database_of(client, "none"))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.outage.PAUSE_SECONDS", 0.01)


@pytest.mark.usefixtures("impatient")
async def test_many_loops_fail_often_and_say_it_once() -> None:
    failures = 0

    async def loop(database: Database) -> None:
        nonlocal failures
        while True:
            worked = await database.outage.attempt("jobs", database.jobs.running)
            failures += not worked

    with capture_logs() as logs:
        async with away() as database, asyncio.TaskGroup() as group:
            loops = [group.create_task(loop(database)) for _ in range(12)]
            await wait_until(lambda: failures > 20)
            for one in loops:
                one.cancel()
    assert [entry["event"] for entry in logs] == ["store.unavailable"]
    assert "ServerSelectionTimeoutError" in logs[0]["error"]


@pytest.mark.usefixtures("impatient")
async def test_the_end_of_an_outage_is_told_once(database: Database) -> None:
    outage = Outage()

    async def ask(place: Database) -> None:
        await place.ping()

    with capture_logs() as logs:
        async with away() as elsewhere:
            for name in ("jobs", "runs"):
                assert not await outage.attempt(name, lambda: ask(elsewhere))
        for name in ("jobs", "runs", "runs"):
            assert await outage.attempt(name, lambda: ask(database))
    assert [entry["event"] for entry in logs] == ["store.unavailable", "store.again"]


@pytest.mark.usefixtures("impatient")
async def test_what_must_be_known_is_asked_until_it_is(database: Database) -> None:
    outage = Outage()
    asked = 0
    async with away() as elsewhere:

        async def ask() -> int:
            nonlocal asked
            asked += 1
            return await (elsewhere if asked < 3 else database).runs.count_open()

        assert await outage.insist("runs", ask) == 0
    assert asked == 3


async def test_an_answer_is_not_waited_for_longer_than_a_second() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"mongodb://127.0.0.1:{silent.getsockname()[1]}/?directConnection=true"
        async with connect(uri) as client:
            began = asyncio.get_running_loop().time()
            with pytest.raises(StoreError):
                await Database(database_of(client, "none")).ping()
            assert asyncio.get_running_loop().time() - began < 3
