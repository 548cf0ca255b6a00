"""A door between a program and MongoDB that falls shut at a chosen command."""

import asyncio

from pymongo.uri_parser import parse_uri

CARRIED_OUT = 0.1
"""Seconds in which MongoDB does what it was asked for last."""


class Gate:
    """Passes bytes on to MongoDB. Cuts every line once `trap` is asked for, and stays shut until
    it is opened; `falls` counts how often. Where `carries_out` is set MongoDB gets the trapped
    command, and only its answer is lost.
    """

    def __init__(self, mongo_uri: str) -> None:
        self._mongod = parse_uri(mongo_uri)["nodelist"][0]
        self._lines: set[asyncio.StreamWriter] = set()
        self.trap: bytes | None = None
        self.carries_out = False
        self.is_open = True
        self.falls = 0
        self._flows = asyncio.Event()
        self._flows.set()

    def instead_of(self, mongo_uri: str, port: int) -> str:
        """The URI that leads through the gate, and never past it to the address MongoDB tells."""
        way = mongo_uri.replace(f":{self._mongod[1]}/", f":{port}/")
        return way.replace("replicaSet=telecrew", "directConnection=true")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One line of a client."""
        if not self.is_open:
            writer.transport.abort()
            return
        falls = self.falls
        from_mongod, to_mongod = await asyncio.open_connection(*self._mongod)
        if not self.is_open or self.falls > falls:
            writer.transport.abort()
            to_mongod.transport.abort()
            return
        self._lines |= {writer, to_mongod}
        async with asyncio.TaskGroup() as both:
            both.create_task(self._pass(reader, to_mongod, watched=True))
            both.create_task(self._pass(from_mongod, writer, watched=False))

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, watched: bool
    ) -> None:
        try:
            while piece := await reader.read(65_536):
                await self._flows.wait()
                if watched and self.trap is not None and self.trap in piece:
                    if self.carries_out:
                        self.is_open = False
                        writer.write(piece)
                        await asyncio.sleep(CARRIED_OUT)
                    self.fall()
                    return
                if watched or self.is_open:
                    writer.write(piece)
                    await writer.drain()
        except OSError:
            return
        finally:
            writer.close()

    def hold(self) -> None:
        """Keep every byte, as a mongod that is stopped does: lines are taken and nobody answers."""
        self._flows.clear()

    def fall(self) -> None:
        """Cut everything."""
        self.is_open = False
        self._flows.set()
        self.falls += 1
        for line in self._lines:
            line.transport.abort()
        self._lines.clear()

    def open(self, *, trap: bytes | None = None, carries_out: bool = False) -> None:
        """Let lines through again, with a trap or without."""
        self.trap, self.carries_out, self.is_open = trap, carries_out, True
        self._flows.set()
