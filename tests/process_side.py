"""The service as a process of its own, in a test: what the soak uses too, and a crew of them."""

from dataclasses import dataclass

from waiting import wait_until

from bench.nursery import Nursery
from bench.soak.service import Service, environment, recruit_by_login, settings_of
from db.database import Database
from sandbox.server import Sandbox

__all__ = [
    "Crew",
    "Service",
    "answering",
    "environment",
    "recruit_by_login",
    "settings_of",
]


async def answering(sandbox: Sandbox, *, timeout: float = 60) -> None:
    """Until the bot fetches updates."""
    await wait_until(lambda: sandbox.bot_api.polls > 0, timeout=timeout)


@dataclass
class Crew:
    """What an end-to-end test works with."""

    sandbox: Sandbox
    database: Database
    settings: dict[str, str]
    nursery: Nursery
    services: list[Service]

    async def start(self, role: str = "run", **settings: str) -> Service:
        """One more process of the service; it is ended with the test."""
        given = self.settings | settings
        service = Service(given, role, nursery=self.nursery)
        await service.start()
        self.services.append(service)
        return service

    async def end(self) -> None:
        for service in self.services:
            if service.alive:
                await service.kill()
