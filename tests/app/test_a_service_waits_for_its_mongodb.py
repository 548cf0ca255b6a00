"""A service that is started while MongoDB is on its way waits for it; one that MongoDB refuses, or
that is stopped meanwhile, ends at once.
"""

import socket
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from process_side import Service, environment
from structlog.testing import capture_logs
from waiting import wait_until

from app.embedded_mongo import EmbeddedMongo
from bench.nursery import Nursery
from core.errors import StoreError
from db.client import connect
from db.database import open_database
from sandbox.seed import small_world
from sandbox.server import Sandbox

STOPS_WITHIN = 20.0
"""Far above the five or six seconds that are seen, and below the patience of a start."""
UNHEARD = "mongodb://127.0.0.1:{port}/?directConnection=true"


@pytest.fixture
def nobody() -> str:
    """The URI of a server that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return UNHEARD.format(port=taken.getsockname()[1])


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that gives up soon, and short pauses after that."""
    monkeypatch.setattr("db.database.connect", partial(connect, timeout_ms=50))
    monkeypatch.setattr("db.outage.PAUSE_SECONDS", 0.01)


def times(count: int) -> Callable[[], bool]:
    """Patience for so many attempts more."""
    left = iter(range(count))
    return lambda: next(left, None) is not None


@pytest.mark.usefixtures("impatient")
async def test_it_asks_again_until_its_patience_is_over(nobody: str) -> None:
    asked = 0

    def waits() -> bool:
        nonlocal asked
        asked += 1
        return asked < 3

    with capture_logs() as logs, pytest.raises(StoreError, match="ServerSelectionTimeout"):
        async with open_database(nobody, "none", waits=waits):
            pass
    assert asked == 3
    assert [one["event"] for one in logs] == ["store.unavailable"]


async def test_it_does_not_ask_again_when_it_is_refused(mongo_uri: str) -> None:
    user, _, place = mongo_uri.removeprefix("mongodb://").partition(":")
    wrong = f"mongodb://{user}:wrong@{place.partition('@')[2]}"
    began = time.monotonic()
    with pytest.raises(StoreError, match=r"Authentication failed"):
        async with open_database(wrong, "none", waits=times(1_000)):
            pass
    assert time.monotonic() - began < 5


@pytest.mark.usefixtures("impatient")
async def test_who_asks_once_is_told_at_once(nobody: str) -> None:
    with pytest.raises(StoreError):
        async with open_database(nobody, "none"):
            pass


async def test_one_is_stopped_while_it_waits_and_another_goes_on(
    tmp_path: Path, nursery: Nursery
) -> None:
    mongo = EmbeddedMongo(tmp_path)
    async with mongo:
        uri = mongo.uri
    async with Sandbox(small_world(chats={"alpha_chat": 10}, accounts=1)) as sandbox:
        logs = [tmp_path / "stopped.log", tmp_path / "patient.log"]
        stopped, patient = services = [
            Service(
                environment(sandbox, uri, "late", log.with_suffix("")),
                "collector",
                log=log,
                nursery=nursery,
            )
            for log in logs
        ]
        try:
            for one in services:
                await one.start()
            await wait_until(lambda: all(waits(log) for log in logs), timeout=30, every=0.05)
            began = time.monotonic()
            assert await stopped.stop() == 0
            assert time.monotonic() - began < STOPS_WITHIN
            async with EmbeddedMongo(tmp_path), open_database(uri, "late") as database:

                async def works() -> bool:
                    return (await database.workers.page())[1] == 1

                await wait_until(works, timeout=30, every=0.05)
                assert await patient.stop() == 0
        finally:
            for one in services:
                if one.alive:
                    await one.kill()


def waits(log: Path) -> bool:
    return log.exists() and "store.unavailable" in log.read_text()
