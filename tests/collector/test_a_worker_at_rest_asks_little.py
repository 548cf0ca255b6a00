"""With nothing to do a worker sends MongoDB at most three commands a second in all: two questions,
and one that keeps the stream of changes. Time runs five times as fast here.
"""

import asyncio
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandListener
from service import make_worker, recruit, working
from waiting import wait_until

from db.client import database_of
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

FASTER = 5
LEASE_SECONDS = 30.0
WINDOW = 15.0
"""Seconds of the worker's time: each of its loops looks once in them."""

MOST = 2.0
STREAM = "getMore"
RENEWAL = ("update", "accounts")
"""The one thing that changes: the stream tells it."""


class Tap(CommandListener):
    """Catches the names of what a client sends, and of which collection."""

    def __init__(self) -> None:
        self.caught: list[tuple[str, str]] = []

    def started(self, event: Any) -> None:
        self.caught.append((event.command_name, str(event.command.get(event.command_name))))

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """All periods of a worker at rest, shorter."""
    for name, seconds in (
        ("collector.worker.POLL", 1.0),
        ("collector.worker.SWEEP", 2.0),
        ("collector.worker.QUIET", 15.0),
        ("collector.worker.UNTOLD", 8.0),
        ("collector.keeping.heartbeat.EVERY", 5.0),
    ):
        monkeypatch.setattr(name, seconds / FASTER)


@pytest.mark.usefixtures("database", "hurried")
async def test_three_commands_a_second(mongo_uri: str, database_name: str) -> None:
    tap = Tap()
    client = AsyncIOMotorClient(mongo_uri, tz_aware=True, event_listeners=[tap])
    database = Database(database_of(client, database_name))
    async with Sandbox(small_world(chats={"alpha_chat": 10}, accounts=3)) as sandbox:
        accounts = await recruit(database, sandbox, sandbox.world.accounts)
        worker = make_worker(database, sandbox, lease_seconds=LEASE_SECONDS / FASTER)
        worker._lease_pause = 2.0 / FASTER
        async with working(worker):
            await wait_until(lambda: worker.connected() == len(accounts))
            await wait_until(database.changes.lively)
            await asyncio.sleep(1.0)
            tap.caught.clear()
            await wait_until(lambda: any(of == "lookups" for _, of in tap.caught), timeout=10)
            await asyncio.sleep(0.5)
            tap.caught.clear()
            await asyncio.sleep(WINDOW / FASTER)
            caught = list(tap.caught)
    client.close()
    stream = [one for one in caught if one[0] == STREAM]
    questions = [one for one in caught if one[0] != STREAM]
    assert len(stream) <= 1 + WINDOW / FASTER + questions.count(RENEWAL)
    assert 5 < len(questions) <= MOST * WINDOW, sorted(questions)
