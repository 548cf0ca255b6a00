"""A MongoDB of three members on three hosts, to be mistreated."""

import asyncio
import contextlib
import signal
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from pymongo.errors import PyMongoError

from app.embedded_mongo.binary import find_mongod, runnable
from bench.soak.hosts import Hosts
from db.client import connect

PORT = 27_017
SET = "house"
OPLOG_MB = 16
PATIENCE = 60.0
ELECTION_MS = 2_000
JUNK_BYTES = 900_000


class Member:
    """One mongod on one host, with its data in a folder; killed and started as wanted."""

    def __init__(self, hosts: Hosts, host: str, folder: Path) -> None:
        self.host = host
        self.place = f"{hosts.address(host)}:{PORT}"
        self._words = (
            *hosts.inside(host),
            str(runnable(find_mongod(), folder)),
            *("--dbpath", str(folder / host), "--logpath", str(folder / f"{host}.log")),
            *("--bind_ip", f"127.0.0.1,{hosts.address(host)}", "--port", str(PORT)),
            *("--replSet", SET, "--oplogSize", str(OPLOG_MB), "--wiredTigerCacheSizeGB", "0.25"),
            *("--nounixsocket", "--logappend", "--networkMessageCompressors", "disabled"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        )
        (folder / host).mkdir(parents=True, exist_ok=True)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin; it answers some time later."""
        self._process = subprocess.Popen(
            self._words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def send(self, number: signal.Signals) -> None:
        """A signal to it, if it lives: `ip netns exec` becomes what it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """kill -9; over when it returns."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class ReplicaSet:
    """Three members. `uri` names all of them."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = members
        places = ",".join(member.place for member in members)
        self.uri = f"mongodb://{places}/?replicaSet={SET}"

    async def found(self) -> None:
        """Start the members and make them a set."""
        for member in self.members:
            member.start()
        members = [
            {"_id": number, "host": member.place} for number, member in enumerate(self.members)
        ]
        configuration = {
            "_id": SET,
            "members": members,
            "settings": {"electionTimeoutMillis": ELECTION_MS, "heartbeatIntervalMillis": 500},
        }
        await self._insist(self.members[0], {"replSetInitiate": configuration})
        await self.primary()

    async def primary(self) -> Member:
        """The member that takes writes, as a majority sees it."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for member in self.members:
                    hello = await self._asked(member, {"hello": 1})
                    place = (hello or {}).get("primary")
                    if hello and hello.get("isWritablePrimary") and place == member.place:
                        return member
                await asyncio.sleep(0.1)

    async def step_down(self, seconds: int = 10) -> None:
        """The primary gives its place up, and may not have it again for so long."""
        primary = await self.primary()
        order = {"replSetStepDown": seconds, "secondaryCatchUpPeriodSecs": 2, "force": True}
        await self._asked(primary, order)

    async def roll_oplog(self) -> None:
        """Write until nothing of before is left in the oplog: no stream can go on from there."""
        async with connect(self.uri, timeout_ms=10_000) as client:
            junk = client["junk"]["junk"]
            for _ in range(4 * OPLOG_MB):
                await junk.insert_one({"_id": 1, "of": b"." * JUNK_BYTES})
                await junk.delete_one({"_id": 1})

    async def _insist(self, member: Member, order: dict[str, Any]) -> None:
        async with asyncio.timeout(PATIENCE):
            while await self._asked(member, order) is None:  # noqa: ASYNC110 - it only answers
                await asyncio.sleep(0.2)

    async def _asked(self, member: Member, order: dict[str, Any]) -> dict[str, Any] | None:
        """What one member answers; None where it does not."""
        uri = f"mongodb://{member.place}/?directConnection=true"
        with contextlib.suppress(PyMongoError, TimeoutError):
            async with asyncio.timeout(5), connect(uri, timeout_ms=1_000) as client:
                return dict(await client.admin.command(order))
        return None


@asynccontextmanager
async def open_replica_set(
    hosts: Hosts, names: Sequence[str], folder: Path
) -> AsyncIterator[ReplicaSet]:
    """A set of these hosts, writable; its members are ended with the block."""
    async with AsyncExitStack() as stack:
        members = [Member(hosts, name, folder) for name in names]
        for member in members:
            stack.callback(member.kill)
        replica_set = ReplicaSet(members)
        await replica_set.found()
        yield replica_set
