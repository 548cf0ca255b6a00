"""The service as a process of its own, in a test: what the soak uses too, and a crew of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from nursery import Born, Nursery
from waiting import wait_until

from bench.soak.service import Service, environment, recruit_by_login, settings_of
from db.database import Database
from sandbox.server import Sandbox

__all__ = [
    "Crew",
    "Forked",
    "Service",
    "answering",
    "environment",
    "recruit_by_login",
    "settings_of",
]


class Forked(Service):
    """A service that begins with its imports done."""

    def __init__(
        self,
        nursery: Nursery,
        environment: dict[str, str],
        role: str = "run",
        *,
        crash_at: str | None = None,
        log: Path | None = None,
    ) -> None:
        super().__init__(environment, role, crash_at=crash_at, log=log)
        self._nursery = nursery

    async def _begin(self, environment: dict[str, str], said: BinaryIO | None) -> Born:
        if said is None:
            return await self._nursery.spawn(*self._words, env=environment)
        streams = (None, said.fileno(), said.fileno())
        return await self._nursery.spawn(*self._words, env=environment, streams=streams)


async def answering(sandbox: Sandbox, *, after: int = 0, timeout: float = 60) -> None:
    """Until the bot fetches updates (again, when it did `after` times before)."""
    await wait_until(lambda: sandbox.counters.bot_totals["getUpdates"] > after, timeout=timeout)


@dataclass
class Crew:
    """What an end-to-end test works with."""

    sandbox: Sandbox
    database: Database
    settings: dict[str, str]
    nursery: Nursery
    services: list[Service]

    async def start(
        self, role: str = "run", *, crash_at: str | None = None, **settings: str
    ) -> Service:
        """One more process of the service; it is ended with the test."""
        service = Forked(self.nursery, self.settings | settings, role, crash_at=crash_at)
        await service.start()
        self.services.append(service)
        return service

    async def end(self) -> None:
        for service in self.services:
            if service.alive:
                await service.kill()
