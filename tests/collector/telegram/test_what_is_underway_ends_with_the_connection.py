"""What was written to a connection and did not leave the machine is never sent once it is closed:
by then the account may be another collector's."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from telegram_side import OpenGateway, Right
from waiting import wait_until

from collector.telegram.connection import LeasedConnection, WriteGuard, leased
from core.lease_watch import LONGEST_MARGIN, MARGIN, underway
from sandbox.server import Sandbox

PIECE = 65_536
PIECES = 400
"""Far more than the buffers of both sides hold."""


class Deaf:
    """A server that takes a connection and reads nothing, until it is asked what had come."""

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self._door.setblocking(False)
        self.port: int = self._door.getsockname()[1]
        self._line: socket.socket | None = None

    async def take(self) -> None:
        loop = asyncio.get_running_loop()
        self._line, _ = await loop.sock_accept(self._door)

    async def read_all(self) -> int:
        """How many bytes come until the end; ConnectionResetError when it is cut."""
        loop, count = asyncio.get_running_loop(), 0
        while piece := await loop.sock_recv(self._line, PIECE):
            count += len(piece)
        return count

    def close(self) -> None:
        self._door.close()
        if self._line is not None:
            self._line.close()


@pytest.fixture
def deaf() -> object:
    with contextlib.closing(Deaf()) as server:
        yield server


@asynccontextmanager
async def filled(deaf: Deaf, right: Right) -> AsyncIterator[tuple[LeasedConnection, WriteGuard]]:
    """A connection that has more to send than the other side takes."""
    guard = WriteGuard(right)
    line = leased(guard)("127.0.0.1", deaf.port, 2, loggers=defaultdict(logging.getLogger))
    await line.connect()
    await deaf.take()
    sending = asyncio.ensure_future(fill(line))  # noqa: TID251
    await asyncio.sleep(0.3)
    try:
        yield line, guard
    finally:
        sending.cancel()


async def fill(line: LeasedConnection) -> None:
    with contextlib.suppress(ConnectionError):
        for _ in range(PIECES):
            await line.send(bytes(PIECE))


async def disconnected(line: LeasedConnection, guard: WriteGuard) -> None:
    """In good order. Telethon waits for the last bytes for ten seconds; nobody here does."""
    leaving = asyncio.ensure_future(line.disconnect())  # noqa: TID251
    await asyncio.sleep(0.2)
    guard.cut()
    await leaving


async def cut(_: LeasedConnection, guard: WriteGuard) -> None:
    guard.cut()


async def cut_as_anothers(_: LeasedConnection, guard: WriteGuard) -> None:
    guard.cut_unless_ours()


@pytest.mark.parametrize("end", [disconnected, cut, cut_as_anothers])
async def test_nothing_is_sent_after_a_connection_was_closed(
    deaf: Deaf, end: Callable[[LeasedConnection, WriteGuard], Awaitable[None]]
) -> None:
    right = Right()
    async with filled(deaf, right) as (line, guard):
        right.held = False
        await end(line, guard)
        with pytest.raises(ConnectionResetError):
            await deaf.read_all()


WRITER = """
import asyncio, logging, sys
from collections import defaultdict
from collector.telegram.connection import WriteGuard, leased

async def main():
    made = leased(WriteGuard(lambda: True))
    line = made("127.0.0.1", int(sys.argv[1]), 2, loggers=defaultdict(logging.getLogger))
    await line.connect()
    for _ in range(8):
        await line.send(bytes(65_536))
    print("written", flush=True)
    for _ in range(400):
        await line.send(bytes(65_536))

asyncio.run(main())
"""


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGTERM])
async def test_nothing_is_sent_after_a_process_has_ended(deaf: Deaf, way: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WRITER, str(deaf.port)), stdout=asyncio.subprocess.PIPE
    )
    await deaf.take()
    assert await process.stdout.readline() == b"written\n"
    await asyncio.sleep(0.3)
    os.kill(process.pid, way)
    await process.wait()
    with pytest.raises(ConnectionResetError):
        await deaf.read_all()


async def test_one_that_keeps_the_lease_is_not_cut(deaf: Deaf) -> None:
    async with filled(deaf, Right()) as (line, guard):
        guard.cut_unless_ours()
        reading = asyncio.ensure_future(deaf.read_all())  # noqa: TID251
        await wait_until(line._send_queue.empty, timeout=20)
        reading.cancel()


async def test_every_connection_of_an_account_gives_up_what_nobody_confirms(
    sandbox: Sandbox, open_gateway: OpenGateway
) -> None:
    gateway = await open_gateway(1, underway=8.0)
    connection = gateway._client._sender._connection
    line = connection._writer.get_extra_info("socket")
    assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 8_000
    assert line.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == b"\1\0\0\0\0\0\0\0"


@pytest.mark.parametrize("seconds", [1.0, 5.0, 30.0, 300.0])
def test_the_last_bytes_are_given_up_before_another_takes_the_account(seconds: float) -> None:
    deadline = seconds * (1 - MARGIN)
    taken_at = seconds + min(seconds * MARGIN, LONGEST_MARGIN)
    assert deadline + underway(seconds) <= taken_at + 1e-9
