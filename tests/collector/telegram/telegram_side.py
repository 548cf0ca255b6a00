"""What stands beside a gateway in tests: a pace, a right to write, ways to get one connected."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from collector.telegram.gateway import TelethonGateway
from collector.telegram.sign_in import SignedInAs
from core.data_centre import DataCentre
from core.job import Family

PASSWORD = "correct horse"


class Turns:
    """A pace that never waits and remembers who asked."""

    def __init__(self) -> None:
        self.families: list[Family] = []
        self.floods: list[tuple[str, float]] = []
        self.refuse: Exception | None = None

    async def __call__(self, family: Family) -> None:
        self.families.append(family)
        if self.refuse is not None:
            raise self.refuse

    async def flooded(self, family: str, seconds: float) -> None:
        self.floods.append((family, seconds))


class Right:
    """A lease's permission to write, which a test may take away."""

    def __init__(self) -> None:
        self.held = True

    def __call__(self) -> bool:
        return self.held


SignInAccount = Callable[[int], Awaitable[SignedInAs]]
OpenGateway = Callable[..., Awaitable[TelethonGateway]]


class Tap:
    """Counts what a client sends a server, and how often it comes; `open` cleared, all stands."""

    def __init__(self, server: DataCentre) -> None:
        self._server = server
        self.sent = 0
        self.visits = 0
        self.open = asyncio.Event()
        self.open.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side ends it."""
        self.visits += 1
        up_reader, up_writer = await asyncio.open_connection(self._server.host, self._server.port)
        async with asyncio.TaskGroup() as room:
            room.create_task(self._pipe(reader, up_writer, counted=True))
            room.create_task(self._pipe(up_reader, writer, counted=False))

    async def _pipe(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, counted: bool
    ) -> None:
        try:
            while data := await source.read(65536):
                await self.open.wait()
                self.sent += len(data) if counted else 0
                target.write(data)
        except ConnectionError:
            pass
        finally:
            target.close()


@asynccontextmanager
async def tapped(server: DataCentre) -> AsyncIterator[tuple[Tap, DataCentre]]:
    """A tap before `server`, and where to connect instead."""
    tap = Tap(server)
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    sock.bind(("127.0.0.1", 0))
    listening = await asyncio.start_server(tap.carry, sock=sock)
    async with listening:
        yield tap, replace(server, port=listening.sockets[0].getsockname()[1])
