"""Nobody on the machine reads from the embedded MongoDB without its password: neither what is
stored, nor what lies in its memory (CVE-2025-14847), nor as its first user.

The same attack on the same mongod without our option gets stored texts out of it, so it works.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import memory_attack as attack
import pytest
from pymongo.errors import OperationFailure
from structlog.testing import capture_logs

from app.doctor import State
from app.doctor.database import look_at_mongodb
from app.embedded_mongo import EmbeddedMongo, binary, founding, launch
from app.embedded_mongo.folder import FileLock, Folder, Record
from app.embedded_mongo.process import birth_of
from core.settings import load_settings
from db import admin
from db.client import connect

CANARY = "what-nobody-else-may-read-%06d "
LONGEST = 120.0
ROUNDS = 3
TEXTS = 3_000


@pytest.fixture
def packaged() -> Path:
    """The mongod that comes with the product: one on PATH may be mended already."""
    found = binary._packaged()
    assert found is not None
    return found


@pytest.fixture
def unprotected(monkeypatch: pytest.MonkeyPatch) -> None:
    earlier(monkeypatch)


def earlier(patch: pytest.MonkeyPatch) -> None:
    """Start mongod as the releases did that left its compressors on."""
    protected = launch._arguments

    def without(folder: Folder, port: int) -> list[str]:
        words = protected(folder, port)
        at = words.index("--networkMessageCompressors")
        return [*words[:at], *words[at + 2 :]]

    patch.setattr(launch, "_arguments", without)


@asynccontextmanager
async def busy(mongo: EmbeddedMongo) -> AsyncIterator[None]:
    """While the texts are stored and read, as the product's processes do it."""
    async with connect(mongo.uri) as client, asyncio.TaskGroup() as group:
        texts = [{"_id": one, "text": (CANARY % one) * (1 + one % 200)} for one in range(TEXTS)]
        await client.telecrew.messages.insert_many(texts)
        readers = [group.create_task(read(mongo.uri)) for _ in range(2)]
        yield
        for reader in readers:
            reader.cancel()


async def read(uri: str) -> None:
    dice = random.Random(7)
    while True:
        async with connect(uri) as client:
            for _ in range(20):
                size = dice.choice((1, 5, 20, 100))
                found = client.telecrew.messages.find({"_id": {"$gte": dice.randrange(TEXTS)}})
                assert await found.limit(size).to_list(size)


class Loot:
    """What an attack got."""

    def __init__(self) -> None:
        self.answers = self.refused = self.leaks = 0
        self.texts: list[bytes] = []

    def rob(self, port: int, compressor: int) -> None:
        for probe in attack.probes(compressor):
            try:
                answer = attack.ask(port, probe)
            except attack.Refused:
                self.refused += 1
                continue
            self.answers += 1
            stolen = attack.leaked(answer)
            self.leaks += bool(stolen)
            if b"nobody-else-may-read" in stolen:
                self.texts.append(stolen)


async def test_the_attack_gets_stored_texts_out_of_a_mongod_without_the_option(
    tmp_path: Path, packaged: Path, unprotected: None
) -> None:
    loot, until = Loot(), time.monotonic() + LONGEST
    async with EmbeddedMongo(tmp_path, binary=packaged) as mongo, busy(mongo):
        port = Folder(tmp_path).read().port
        while not loot.texts and time.monotonic() < until:
            await asyncio.to_thread(loot.rob, port, attack.ZLIB)
    assert loot.leaks
    assert loot.texts, f"only {loot.leaks} leaks of other memory"


async def test_it_gets_nothing_out_of_the_embedded_one(tmp_path: Path, packaged: Path) -> None:
    """By none of the compressors that a message can name, known or not."""
    loot, named = Loot(), (attack.ZLIB, attack.SNAPPY, attack.ZSTD, attack.NOOP)
    async with EmbeddedMongo(tmp_path, binary=packaged) as mongo, busy(mongo):
        port = Folder(tmp_path).read().port
        for _ in range(ROUNDS):
            for compressor in named:
                await asyncio.to_thread(loot.rob, port, compressor)
        for compressor in attack.COMPRESSORS:
            probe = attack.compressed(attack.body_of(attack.OP_MSG, 500), 600, compressor, 2013)
            with pytest.raises(attack.Refused):
                await asyncio.to_thread(attack.ask, port, probe)
    assert loot.refused == ROUNDS * len(named) * len(list(attack.probes(attack.ZLIB)))
    assert (loot.answers, loot.leaks) == (0, 0)


async def test_messages_that_are_not_compressed_give_nothing_away_either(
    tmp_path: Path, packaged: Path
) -> None:
    async with EmbeddedMongo(tmp_path, binary=packaged) as mongo, busy(mongo):
        port = Folder(tmp_path).read().port
        for kind in (attack.OP_MSG, attack.OP_QUERY):
            for claim in attack.CLAIMS:
                probe = attack.message(kind, attack.body_of(kind, claim))
                try:
                    answer = await asyncio.to_thread(attack.ask, port, probe)
                except attack.Refused:
                    continue
                assert not attack.leaked(answer)


async def test_a_client_that_offers_compression_is_served_without(tmp_path: Path) -> None:
    async with EmbeddedMongo(tmp_path) as mongo:
        async with connect(f"{mongo.uri}&compressors=zlib") as client:
            await client.some.things.insert_one({"_id": 1, "text": "x" * 10_000})
            assert await client.some.things.count_documents({}) == 1
            hello = await client.admin.command({"hello": 1, "compression": ["zlib", "snappy"]})
        assert not hello.get("compression")


async def test_nobody_becomes_its_first_user_before_us(tmp_path: Path, packaged: Path) -> None:
    """Not even while it has none, at its very first start."""
    folder = Folder(tmp_path)
    folder.make()
    folder.furnish(0)
    port = launch.choose_port(0, launch.PORTS)
    process = await launch.launch(packaged, "6.0.5", folder, port)
    record = Record(port=port, pid=process.pid, birth=birth_of(process.pid))
    try:
        async with connect(f"mongodb://127.0.0.1:{port}/?directConnection=true") as stranger:
            for command in (
                {"replSetInitiate": {"_id": "mine", "members": []}},
                {"createUser": "mallory", "pwd": "x", "roles": ["root"]},
                {"listDatabases": 1},
                {"getLog": "global"},
                {"serverStatus": 1},
            ):
                with pytest.raises(OperationFailure, match="authentication"):
                    await stranger.admin.command(command)
            await founding.greet(folder, record)
            with pytest.raises(OperationFailure, match="authentication"):
                await stranger.admin.command({"createUser": "m", "pwd": "x", "roles": ["root"]})
        async with connect(founding.member_uri(folder, port)) as client:
            users = (await client.admin.command("usersInfo"))["users"]
        assert [one["user"] for one in users] == ["telecrew"]
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


async def test_one_that_an_earlier_version_left_behind_is_replaced(
    tmp_path: Path, packaged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = await left_by_an_earlier_version(tmp_path, packaged, monkeypatch)
    async with EmbeddedMongo(tmp_path, binary=packaged) as mongo, connect(mongo.uri) as client:
        assert mongo.pid != left
        assert birth_of(left) is None
        assert await client.some.things.count_documents({}) == 1
        assert not (await admin.inspect(mongo.uri)).unzips


async def test_one_that_others_still_use_stays_and_is_told(
    tmp_path: Path, packaged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = await left_by_an_earlier_version(tmp_path, packaged, monkeypatch)
    with FileLock(Folder(tmp_path).members) as other:
        other.share()
        with capture_logs() as logs:
            async with EmbeddedMongo(tmp_path, binary=packaged) as mongo:
                assert mongo.pid == left
                assert (await admin.inspect(mongo.uri)).unzips
        told = [one for one in logs if one["event"] == "mongod.memory_open"]
        assert "stop every telecrew process" in told[0]["advice"]
        finding = next(
            one
            for one in await look_at_mongodb(load_settings(None, data_dir=str(tmp_path)))
            if one.state is State.FAIL
        )
        assert "CVE-2025-14847" in finding.detail
        assert "stop every telecrew process" in finding.advice
    async with EmbeddedMongo(tmp_path, binary=packaged) as mongo:
        assert mongo.pid != left


async def left_by_an_earlier_version(
    data_dir: Path, packaged: Path, monkeypatch: pytest.MonkeyPatch
) -> int:
    """A mongod of the release before, with a document, whose process was killed; its pid."""
    with monkeypatch.context() as patch:
        earlier(patch)
        mongo = EmbeddedMongo(data_dir, binary=packaged)
        await mongo.__aenter__()
        async with connect(mongo.uri) as client:
            await client.some.things.insert_one({"_id": 1})
        assert mongo._membership is not None
        assert mongo._child is not None
        mongo._membership.close()
        launch.disown(mongo._child)
        return mongo.pid
