"""A mongod that ends while processes use it is started again, on its port, by one of them."""

import asyncio
import os
import re
import shutil
import signal
import socket
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from waiting import wait_until

from app.embedded_mongo import EmbeddedMongo, MongoFailure
from app.embedded_mongo.failure import KeepsEnding, NoBinary, PortTaken
from app.embedded_mongo.folder import Folder
from app.embedded_mongo.process import birth_of
from db import admin
from db.client import connect

QUICK = (0.0, 0.0, 0.05)


@asynccontextmanager
async def supervised(*mongos: EmbeddedMongo) -> AsyncIterator[list[asyncio.Task[None]]]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(mongo.supervise()) for mongo in mongos]
        yield tasks
        for task in tasks:
            task.cancel()


async def kill(pid: int, number: int = signal.SIGKILL) -> None:
    os.kill(pid, number)
    await wait_until(lambda: birth_of(pid) is None)


async def back(mongo: EmbeddedMongo, pid: int) -> None:
    await wait_until(lambda: mongo.pid != pid, timeout=20)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_with_its_data_at_the_same_address(tmp_path: Path, number: int) -> None:
    mongo = EmbeddedMongo(tmp_path)
    async with mongo, connect(mongo.uri) as client, supervised(mongo):
        await client.some.things.insert_one({"_id": 1})
        uri, pid = mongo.uri, mongo.pid
        with capture_logs() as logs:
            await kill(pid, number)
            await back(mongo, pid)
        assert mongo.uri == uri
        await client.some.things.insert_one({"_id": 2})
        assert await client.some.things.count_documents({}) == 2
        assert [one["event"] for one in logs if one["log_level"] == "warning"] == [
            "mongod.ended",
            "mongod.restarted",
        ]
    assert birth_of(mongo.pid) is None


async def test_started_by_one_of_its_members(tmp_path: Path) -> None:
    one, other = EmbeddedMongo(tmp_path), EmbeddedMongo(tmp_path)
    async with one, other, supervised(one, other):
        pid = one.pid
        with capture_logs() as logs:
            await kill(pid)
            await back(one, pid)
            await back(other, pid)
        assert one.pid == other.pid
        starts = [entry["event"] for entry in logs if entry["log_level"] == "info"]
        assert sorted(starts) in (["mongod.joined", "mongod.started"], ["mongod.started"])


async def test_once_its_port_is_free_again(tmp_path: Path) -> None:
    mongo = EmbeddedMongo(tmp_path)
    async with mongo, supervised(mongo):
        pid, port = mongo.pid, Folder(tmp_path).read().port
        with capture_logs() as logs:
            with taken(port, mongo.pid):
                await wait_until(
                    lambda: [one for one in logs if one["event"] == "mongod.not_restarted"],
                    timeout=20,
                )
            await back(mongo, pid)
        assert Folder(tmp_path).read().port == port
        assert (await admin.inspect(mongo.uri)).writable


async def test_a_newcomer_starts_it_where_the_others_expect_it(tmp_path: Path) -> None:
    async with EmbeddedMongo(tmp_path) as staying:
        with taken(Folder(tmp_path).read().port, staying.pid), pytest.raises(PortTaken):
            await EmbeddedMongo(tmp_path).__aenter__()
        async with EmbeddedMongo(tmp_path) as newcomer:
            assert newcomer.uri == staying.uri
            assert (await admin.inspect(staying.uri)).writable


def taken(port: int, mongod: int) -> socket.socket:
    """End a mongod and be quicker than its next one."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    os.kill(mongod, signal.SIGKILL)
    while birth_of(mongod) is not None:
        os.sched_yield()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener


async def test_unless_it_cannot_be_started_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.embedded_mongo.server.RESTARTS", QUICK)
    async with EmbeddedMongo(tmp_path) as mongo:
        mongo._binary = tmp_path / "gone"
        with capture_logs() as logs, pytest.raises(NoBinary, match=r"gone does not exist"):
            await supervise_after(mongo)
        assert attempts(logs) == [1, 2, 3]


async def test_a_full_disk_is_waited_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.embedded_mongo.server.RESTARTS", QUICK)
    monkeypatch.setattr("app.embedded_mongo.server.ROOM_SECONDS", 0.05)
    mongo = EmbeddedMongo(tmp_path)
    async with mongo, connect(mongo.uri) as client, supervised(mongo):
        await client.some.things.insert_one({"_id": 1})
        pid, mongo._needed_bytes = mongo.pid, shutil.disk_usage(tmp_path).total * 2
        with capture_logs() as logs:
            await kill(pid)
            await wait_until(lambda: len(attempts(logs)) > 2 * len(QUICK))
            mongo._needed_bytes = 0
            await back(mongo, pid)
        assert all("Free some space" in one["error"] for one in logs if "attempt" in one)
        assert await client.some.things.count_documents({}) == 1


def attempts(logs: list[MutableMapping[str, Any]]) -> list[int]:
    return [one["attempt"] for one in logs if one["event"] == "mongod.not_restarted"]


async def test_unless_it_does_not_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.embedded_mongo.server.RESTARTS", QUICK)
    async with EmbeddedMongo(tmp_path) as mongo, asyncio.TaskGroup() as group:
        supervision = group.create_task(failure_of(mongo))
        while not supervision.done():
            pid = mongo.pid
            await kill(pid)
            await wait_until(lambda pid=pid: mongo.pid != pid or supervision.done(), timeout=20)
    assert isinstance(supervision.result(), KeepsEnding)
    assert re.search(r"3 times in a row.*mongod\.log:\n.+", str(supervision.result()))


async def failure_of(mongo: EmbeddedMongo) -> MongoFailure:
    with pytest.raises(MongoFailure) as caught:
        await mongo.supervise()
    return caught.value


async def supervise_after(mongo: EmbeddedMongo) -> None:
    await kill(mongo.pid)
    await mongo.supervise()
