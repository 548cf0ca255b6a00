"""A way to a server on which a test can let everything vanish: no answer, and no end either."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PIECE = 65_536


class Road:
    """Forwards what comes to `port`, unless it is `blocked`: then bytes go nowhere."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._open = asyncio.Event()
        self._open.set()
        self._pumps: set[asyncio.Task[None]] = set()
        self.port = 0
        self.tried = 0

    @property
    def blocked(self) -> bool:
        return not self._open.is_set()

    def block(self) -> None:
        """What is open stays open, and what is new is taken; nothing gets through."""
        self._open.clear()

    def unblock(self) -> None:
        self._open.set()

    @asynccontextmanager
    async def built(self) -> AsyncIterator["Road"]:
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for pump in self._pumps:
                pump.cancel()
            if self._pumps:
                await asyncio.wait(self._pumps)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tried += 1
        task = asyncio.current_task()
        assert task is not None
        self._pumps.add(task)
        back: asyncio.StreamWriter | None = None
        try:
            await self._open.wait()
            there, back = await asyncio.open_connection(*self._to)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, back))
                group.create_task(self._pump(there, writer))
        except* (OSError, asyncio.CancelledError):
            pass
        finally:
            self._pumps.discard(task)
            for end in (writer, back):
                if end is not None:
                    end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(PIECE):
            await self._open.wait()
            writer.write(piece)
            await writer.drain()
        writer.close()
