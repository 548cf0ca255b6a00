"""The first process on a folder starts its MongoDB, others join, the last to leave stops it.

A process that is killed leaves it running, and the next one takes it over.
"""

import asyncio
import os
import signal
import stat
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from abandoned import end_abandoned
from waiting import wait_until

from app.embedded_mongo import EmbeddedMongo
from app.embedded_mongo.folder import Folder
from app.embedded_mongo.process import birth_of, command_line, end
from db import admin
from db.client import connect

MEMBER = Path(__file__).with_name("mongo_member.py")


@asynccontextmanager
async def member(data_dir: Path) -> AsyncIterator[tuple[Process, int, str]]:
    """Another process that is in: (the process, mongod's pid, the address)."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, MEMBER, data_dir, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    assert process.stdout is not None
    assert process.stdin is not None
    while b"mongodb://" not in (line := await process.stdout.readline()):
        assert line, "the member ended before it was in"
    pid, uri = line.decode().split()
    try:
        yield process, int(pid), uri
    finally:
        process.stdin.close()
        await process.communicate()


@pytest.fixture
async def data_dir(tmp_path: Path) -> AsyncIterator[Path]:
    """A folder of the test's own, whose mongod does not outlive the test."""
    yield tmp_path
    record = Folder(tmp_path).read()
    if record.pid is not None and record.birth is not None:
        await end(record.pid, record.birth, patience=10)


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


def runs(pid: int) -> bool:
    return birth_of(pid) is not None


async def test_it_is_a_replica_set_of_one_behind_a_password(mongo_uri: str) -> None:
    report = await admin.inspect(mongo_uri)
    assert report.set_name == "telecrew"
    assert report.writable
    async with connect("mongodb://" + mongo_uri.rpartition("@")[2]) as stranger:
        with pytest.raises(Exception, match="requires authentication"):
            await stranger.some.things.find_one()


async def test_it_listens_on_this_machine_alone_with_few_resources(data_dir: Path) -> None:
    async with EmbeddedMongo(data_dir) as mongo:
        words = command_line(mongo.pid)
        for option, value in [
            ("--bind_ip", "127.0.0.1"),
            ("--oplogSize", "256"),
            ("--wiredTigerCacheSizeGB", "0.25"),
        ]:
            assert words[words.index(option) + 1] == value
        assert os.getsid(mongo.pid) not in (os.getsid(0), os.getsid(os.getpid()))


async def test_a_used_folder_keeps_its_port_its_password_and_its_data(data_dir: Path) -> None:
    async with EmbeddedMongo(data_dir) as first, connect(first.uri) as client:
        await client.some.things.insert_one({"_id": 1})
    assert not runs(first.pid)
    async with EmbeddedMongo(data_dir) as second, connect(second.uri) as client:
        assert second.uri == first.uri
        assert await client.some.things.find_one() == {"_id": 1}


async def test_a_port_that_was_taken_meanwhile_is_replaced(data_dir: Path) -> None:
    async with EmbeddedMongo(data_dir) as first, connect(first.uri) as client:
        await client.some.things.insert_one({"_id": 1})
    port = Folder(data_dir).read().port
    stranger = await asyncio.start_server(hang_up, "127.0.0.1", port)
    async with stranger, EmbeddedMongo(data_dir) as second, connect(second.uri) as client:
        assert f":{port}/" not in second.uri
        assert await client.some.things.find_one() == {"_id": 1}
        await client.some.things.insert_one({"_id": 2})


async def test_secrets_are_for_this_user_alone(data_dir: Path) -> None:
    async with EmbeddedMongo(data_dir):
        root = data_dir / "mongo"
        assert stat.S_IMODE(root.stat().st_mode) == 0o700
        for name in ("password", "keyfile"):
            assert stat.S_IMODE((root / name).stat().st_mode) == 0o600


async def test_the_last_of_several_processes_stops_it(data_dir: Path) -> None:
    async with member(data_dir) as (_, pid, uri):
        async with EmbeddedMongo(data_dir) as mongo:
            assert (mongo.pid, mongo.uri) == (pid, uri)
            async with EmbeddedMongo(data_dir) as again:
                assert again.pid == pid
            assert runs(pid)
        assert runs(pid)
        assert (await admin.inspect(uri)).writable
    assert not runs(pid)


async def test_the_one_that_started_it_may_leave_first(data_dir: Path) -> None:
    async with member(data_dir) as (_, pid, _uri):
        staying = EmbeddedMongo(data_dir)
        await staying.__aenter__()
    assert runs(pid)
    assert (await admin.inspect(staying.uri)).writable
    await staying.__aexit__(None, None, None)
    assert not runs(pid)


async def test_processes_that_come_at_once_start_one(data_dir: Path) -> None:
    async with asyncio.TaskGroup() as group:
        arrivals = [group.create_task(EmbeddedMongo(data_dir).__aenter__()) for _ in range(3)]
    members = [arrival.result() for arrival in arrivals]
    assert len({mongo.pid for mongo in members}) == 1
    for mongo in members:
        assert runs(mongo.pid)
        await mongo.__aexit__(None, None, None)
    assert not runs(members[0].pid)


async def test_after_a_kill_the_next_process_takes_it_over(data_dir: Path) -> None:
    async with member(data_dir) as (process, pid, _uri):
        process.send_signal(signal.SIGKILL)
        await process.wait()
    assert runs(pid)
    async with EmbeddedMongo(data_dir) as mongo:
        assert mongo.pid == pid
        assert (await admin.inspect(mongo.uri)).writable
    assert not runs(pid)


async def test_what_a_killed_test_session_left_is_ended_and_nothing_else(tmp_path: Path) -> None:
    used, left = tmp_path / "pytest-1" / "session", tmp_path / "pytest-2" / "session"
    for folder in (used, left):
        folder.mkdir(parents=True)
    async with member(used) as (_, used_pid, _), member(left) as (process, left_pid, _):
        assert await asyncio.to_thread(end_abandoned, tmp_path) == []
        process.send_signal(signal.SIGKILL)
        await process.wait()
        assert await asyncio.to_thread(end_abandoned, tmp_path) == [left_pid]
        assert not runs(left_pid)
        assert runs(used_pid)


async def test_a_killed_starter_that_wrote_no_note_is_taken_over_too(data_dir: Path) -> None:
    async with member(data_dir) as (process, pid, _uri):
        process.send_signal(signal.SIGKILL)
        await process.wait()
    (data_dir / "mongo" / "server.json").unlink()
    async with EmbeddedMongo(data_dir) as mongo:
        assert mongo.pid == pid
    assert not runs(pid)


async def test_a_killed_mongod_is_started_again_with_its_data(data_dir: Path) -> None:
    async with member(data_dir) as (process, pid, uri):
        async with connect(uri) as client:
            await client.some.get_collection("things").insert_one({"_id": 1})
        process.send_signal(signal.SIGKILL)
        await process.wait()
        os.kill(pid, signal.SIGKILL)
        await wait_until(lambda: not runs(pid))
    async with EmbeddedMongo(data_dir) as mongo, connect(mongo.uri) as client:
        assert mongo.pid != pid
        assert await client.some.things.find_one() == {"_id": 1}


async def test_a_note_about_a_process_that_is_another_now_is_not_believed(data_dir: Path) -> None:
    async with EmbeddedMongo(data_dir):
        pass
    folder = Folder(data_dir)
    note = folder.read()
    for birth in ("an older boot:1", None):
        folder.write(type(note)(port=note.port, pid=os.getpid(), birth=birth))
        async with EmbeddedMongo(data_dir) as mongo:
            assert mongo.pid != os.getpid()


async def test_a_start_that_is_cut_short_leaves_nothing_running(data_dir: Path) -> None:
    for patience in (0.2, 0.45, 0.6):
        mongo = EmbeddedMongo(data_dir)
        try:
            async with asyncio.timeout(patience):
                await mongo.__aenter__()
        except TimeoutError:
            continue
        await mongo.__aexit__(None, None, None)
    async with EmbeddedMongo(data_dir) as mongo:
        assert (await admin.inspect(mongo.uri)).writable
    assert not runs(mongo.pid)
