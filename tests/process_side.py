"""The service as a process of its own, pointed at a sandbox by its settings alone."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from waiting import wait_until

from app.login import login
from collector.telegram.vault import SessionVault
from core.settings import Settings, load_settings
from db.database import Database
from sandbox.people import Person
from sandbox.server import Sandbox

CRASHING = str(Path(__file__).parent / "faults" / "crashing.py")


class Service:
    """`telecrew run` (or `bot`, or `collector`), started and ended by its process id."""

    def __init__(
        self, environment: dict[str, str], role: str = "run", *, crash_at: str | None = None
    ) -> None:
        self._environment = environment
        words = ["-m", "app.cli"] if crash_at is None else [CRASHING, crash_at]
        self._words = [*words, role, "--no-env-file"]
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._words,
            env={**kept, **self._environment},
            start_new_session=True,
        )

    async def kill(self) -> None:
        """kill -9: no goodbye to anybody."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def ended(self, timeout: float = 60) -> int:
        """What it exits with by itself; negative for a signal."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), timeout)

    async def stop(self) -> int:
        """SIGTERM, and what it exits with."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._process.wait(), 20)

    async def resident_bytes(self) -> int:
        """Memory of the process that is not shared out."""
        status = await asyncio.to_thread(Path(f"/proc/{self.pid}/status").read_text)
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024


def environment(sandbox: Sandbox, mongo_uri: str, name: str, data_dir: Path) -> dict[str, str]:
    """Settings of a service on this sandbox and this database."""
    return {
        **sandbox.environment(),
        "MONGODB_URI": mongo_uri,
        "MONGODB_DB": name,
        "DATA_DIR": str(data_dir),
        "SESSION_KEYS": SessionVault.new_key(),
        "PACE": "off",
        "LEASE_SECONDS": "3",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }


def settings_of(given: dict[str, str]) -> Settings:
    return load_settings(None, **given)


async def answering(sandbox: Sandbox, *, after: int = 0, timeout: float = 60) -> None:
    """Until the bot fetches updates (again, when it did `after` times before)."""
    await wait_until(lambda: sandbox.counters.bot_totals["getUpdates"] > after, timeout=timeout)


class Owner:
    """Answers the questions of `telecrew login` as an account's owner would."""

    def __init__(self, person: Person) -> None:
        self._person = person

    def ask(self, question: str, *, secret: bool = False) -> str:
        return self._person.password or "" if secret else self._person.login_code

    def say(self, text: str) -> None: ...


async def recruit_by_login(given: dict[str, str], people: Iterable[Person]) -> None:
    """Sign people in as `telecrew login` does."""
    for person in people:
        await login(settings_of(given), Owner(person), person.phone)


@dataclass
class Crew:
    """What an end-to-end test works with."""

    sandbox: Sandbox
    database: Database
    settings: dict[str, str]
    services: list[Service]

    async def start(
        self, role: str = "run", *, crash_at: str | None = None, **settings: str
    ) -> Service:
        """One more process of the service; it is ended with the test.

        `crash_at`: it dies at the n-th event of this name, as in `page.stored:2`.
        """
        service = Service(self.settings | settings, role, crash_at=crash_at)
        await service.start()
        self.services.append(service)
        return service

    async def end(self) -> None:
        for service in self.services:
            if service.alive:
                await service.kill()
