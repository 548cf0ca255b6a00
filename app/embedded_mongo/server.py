"""The mongod of a data folder: whoever comes first starts it, the last to leave stops it."""

import asyncio
import itertools
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from subprocess import Popen
from typing import Self

import structlog

from app.embedded_mongo import founding
from app.embedded_mongo.binary import find_mongod, runnable, version_of
from app.embedded_mongo.failure import (
    DiskFull,
    FolderInUse,
    MongoFailure,
    PortTaken,
)
from app.embedded_mongo.folder import FileLock, Folder, Record
from app.embedded_mongo.launch import (
    PORTS,
    choose_port,
    disown,
    keeps_its_memory,
    launch,
    why_it_ends,
)
from app.embedded_mongo.process import birth_of, command_line, end
from app.ending import ENDING
from db import admin

log = structlog.get_logger()

NEEDED_BYTES = 700 * 2**20
LOCK_SECONDS = 90
POLL_SECONDS = 0.02
STOP_SECONDS = 6.0
"""What mongod has for its end when the last process leaves; then it is killed. All that it ever
confirmed is in its journal. One whose clock was set back waits for the time when it would end."""
REPLACE_SECONDS = 60.0
"""The same where it is started anew at once and nobody waits for an end."""
RACES = 3

WATCH_SECONDS = 0.2
STEADY_SECONDS = 60.0
"""A mongod that lived this long did not fail at once: whatever failed before is forgotten."""
RESTARTS = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds before each attempt in a row; after the last one it is given up."""

RESTART_ALL = (
    "an earlier version of Telecrew started this MongoDB, and anyone on this machine can read its "
    "memory: stop every telecrew process on this DATA_DIR, then start them again"
)

ROOM_SECONDS = 15.0
"""Seconds before each further attempt while the disk is full: that ends when somebody frees some
space, and giving up would not help him."""


class EmbeddedMongo:
    """A one-node replica set in `data_dir/mongo`, on 127.0.0.1 alone, behind a password.

    Entering starts it or joins the one that runs there; leaving stops it when nobody else is in.
    `make_room` is called before a start with the bytes that it needs on the disk.
    Its port stays as long as anybody is in. Raises a MongoFailure that says what to do. `uri`
    carries the credentials: never log it.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        binary: Path | None = None,
        ports: range = PORTS,
        needed_bytes: int = NEEDED_BYTES,
        make_room: Callable[[int], object] = lambda _: None,
    ) -> None:
        self._folder = Folder(data_dir)
        self._binary = binary
        self._ports = ports
        self._needed_bytes = needed_bytes
        self._make_room = make_room
        self._membership: FileLock | None = None
        self._child: Popen[bytes] | None = None
        self._withdraw: Callable[[], None] = lambda: None
        self.uri = ""
        self.pid = 0

    @property
    def founded(self) -> bool:
        """Whether it was ever started in this folder."""
        return self._folder.founded

    async def __aenter__(self) -> Self:
        self._folder.make()
        self._withdraw = ENDING.at_the_latest(self._kill_alone)
        try:
            async with self._alone():
                record = await self._join_or_start_wholly()
                self._membership = FileLock(self._folder.members)
                self._membership.share()
        except BaseException:
            self._withdraw()
            raise
        self.uri = founding.member_uri(self._folder, record.port)
        self.pid = record.pid or 0
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._membership is None:
            return
        try:
            async with self._alone():
                with self._membership as membership:
                    record = self._folder.read()
                    if membership.try_exclusive():
                        await self._stop(record)
                    elif self._child is not None:
                        disown(self._child)
            self._withdraw()
        finally:
            self._membership = None

    async def supervise(self) -> None:
        """While entered: start mongod again whenever it ends, until cancelled.

        Any number of members may do this: the first to notice starts it, the others join.
        Raises the MongoFailure that explains it when mongod cannot be kept up.
        """
        clock = asyncio.get_running_loop().time
        failures, up_since = 0, clock()
        while True:
            while self._folder.read().running:  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(WATCH_SECONDS)
            ended_at = clock()
            log.warning("mongod.ended", pid=self.pid, status=self._child and self._child.poll())
            if ended_at - up_since >= STEADY_SECONDS:
                failures = 0
            failures = await self._restart(failures)
            up_since = clock()
            log.warning("mongod.restarted", pid=self.pid, seconds=round(up_since - ended_at, 1))

    async def _restart(self, failures: int) -> int:
        """Try until it runs; how many attempts in a row that makes, those before included.

        A full disk is waited out, however long it takes.
        """
        failure = why_it_ends(self._folder, failures)
        for attempt in itertools.count(failures + 1):
            if attempt <= len(RESTARTS):
                await asyncio.sleep(RESTARTS[attempt - 1])
            elif isinstance(failure, DiskFull):
                await asyncio.sleep(ROOM_SECONDS)
            else:
                break
            try:
                async with self._alone():
                    record = await self._join_or_start()
            except MongoFailure as error:
                failure = error
                log.warning("mongod.not_restarted", attempt=attempt, error=str(error))
            else:
                self.pid = record.pid or 0
                return attempt
        raise failure

    def _kill_alone(self) -> None:
        """When the process ends with force: end a mongod that nobody else is in."""
        with suppress(OSError):
            record = self._folder.read()
            members = self._membership or FileLock(self._folder.members)
            if record.pid is not None and record.running and members.try_exclusive():
                os.kill(record.pid, signal.SIGKILL)

    async def _join_or_start_wholly(self) -> Record:
        """Under the lock, by one that is not in yet: one that is broken off leaves none behind."""
        try:
            return await self._join_or_start()
        except BaseException:
            record = self._folder.read()
            if self._child is not None and record.pid == self._child.pid:
                await self._stop(record)
            raise

    async def _join_or_start(self) -> Record:
        record = self._folder.read()
        if not record.running:
            record = self._folder.find_holder() or record
        if record.running and not await self._replaces(record):
            await self._greet(record)
            log.info("mongod.joined", pid=record.pid, port=record.port)
        else:
            record = await self._start(record)
            log.info("mongod.started", pid=record.pid, port=record.port)
        return record

    async def _replaces(self, record: Record) -> bool:
        """End a mongod that an earlier version left running with its memory open; while others are
        in it stays, and people are told."""
        if keeps_its_memory(command_line(record.pid or 0)):
            return False
        if self._somebody_is_in():
            log.warning("mongod.memory_open", pid=record.pid, advice=RESTART_ALL)
            return False
        log.info("mongod.replaced", pid=record.pid)
        await self._stop(record, patience=REPLACE_SECONDS)
        return True

    async def _start(self, kept: Record) -> Record:
        await asyncio.to_thread(self._make_room, self._needed_bytes)
        self._folder.furnish(self._needed_bytes)
        binary = runnable(self._binary or find_mongod(), self._folder.root)
        if self._child is not None:
            self._child.poll()
        self._child, port = await self._launch(binary, await version_of(binary), kept.port)
        record = Record(port=port, pid=self._child.pid, birth=birth_of(self._child.pid))
        self._folder.write(record)
        try:
            await self._greet(record)
        except BaseException:
            await self._stop(record)
            raise
        await self._let_data_follow(record)
        return record

    async def _let_data_follow(self, record: Record) -> None:
        """Let the data be those of this release, so that the next one can take them over."""
        try:
            raised = await admin.raise_compatibility(founding.direct_uri(self._folder, record.port))
        except admin.AdminError as error:
            log.warning("mongod.data_stay_old", error=str(error))
        else:
            if raised is not None:
                log.info("mongod.data_raised", version=raised)

    async def _launch(self, binary: Path, version: str, kept_port: int) -> tuple[Popen[bytes], int]:
        ports = self._ports
        if kept_port and self._somebody_is_in():
            ports = range(kept_port, kept_port + 1)
        for _ in range(RACES):
            port = choose_port(kept_port, ports)
            try:
                child = await launch(binary, version, self._folder, port)
            except PortTaken as error:
                lost = error
                continue
            if kept_port not in (0, port):
                log.warning("mongod.port_moved", kept=kept_port, port=port)
            return child, port
        raise lost

    def _somebody_is_in(self) -> bool:
        """Whether a process has the address and goes on with it."""
        with FileLock(self._folder.members) as members:
            return not members.try_exclusive()

    async def _greet(self, record: Record) -> None:
        """Sign in, found the set or correct its address, and wait until it takes writes."""
        await founding.greet(self._folder, record)
        self._folder.write(record)

    async def _stop(self, record: Record, *, patience: float = STOP_SECONDS) -> None:
        if record.pid is not None and record.birth is not None:
            if await end(record.pid, record.birth, patience=patience):
                log.info("mongod.stopped", pid=record.pid)
            else:
                log.warning("mongod.killed", pid=record.pid, after_seconds=patience)
        if self._child is not None:
            self._child.poll()
        self._folder.write(Record(port=record.port))

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        with FileLock(self._folder.lock) as lock:
            try:
                async with asyncio.timeout(LOCK_SECONDS):
                    while not lock.try_exclusive():  # noqa: ASYNC110 - held by a process
                        await asyncio.sleep(POLL_SECONDS)
            except TimeoutError as error:
                raise FolderInUse(self._folder.root, "another start that hangs") from error
            yield
