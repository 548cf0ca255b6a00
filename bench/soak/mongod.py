"""A real mongod to be mistreated: nobody starts it again but whoever mistreats it."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Self

from app.embedded_mongo import EmbeddedMongo


class Mongod:
    """Runs inside `async with`. Each fault is over, and mongod writable, when its call returns."""

    def __init__(self, folder: Path) -> None:
        self._mongo = EmbeddedMongo(folder)
        self.away = 0
        """How many faults go on now."""
        self.faults = 0
        """How many there were."""

    @property
    def uri(self) -> str:
        return self._mongo.uri

    async def __aenter__(self) -> Self:
        await self._mongo.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._mongo.__aexit__()

    async def kill(self, seconds: float) -> None:
        """kill -9, and a start after `seconds`."""
        os.kill(self._mongo.pid, signal.SIGKILL)
        await self.stop(seconds)

    async def stop(self, seconds: float) -> None:
        """A clean stop, and a start after `seconds`."""
        self.away, self.faults = self.away + 1, self.faults + 1
        try:
            await self._mongo.__aexit__()
            await asyncio.sleep(seconds)
        finally:
            await self._mongo.__aenter__()
            self.away -= 1

    async def freeze(self, seconds: float) -> None:
        """SIGSTOP: connections stay and nothing answers."""
        self.away, self.faults = self.away + 1, self.faults + 1
        os.kill(self._mongo.pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            os.kill(self._mongo.pid, signal.SIGCONT)
            self.away -= 1
