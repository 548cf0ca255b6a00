"""The service as a process of its own, pointed at a local Telegram by its settings alone."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from app.login import login
from bench.nursery import Born, Nursery
from collector.telegram.vault import SessionVault
from core.settings import Settings, load_settings
from sandbox.people import Person
from sandbox.server import Sandbox

ROOT = Path(__file__).parents[2]
STOP_SECONDS = 30


class Service:
    """`telecrew run` (or `bot`, or `collector`), started and ended by its process id.

    `crash_at`: it dies at the n-th event of this name, as in `page.stored:2`. `log`: the file that
    takes what it says, instead of the terminal. `nursery`: where it begins with its imports done.
    `folder`: where the program is; another release is never born in a nursery. `before`: the words
    before the command, which take it to another host.
    """

    def __init__(
        self,
        environment: dict[str, str],
        role: str = "run",
        *,
        crash_at: str | None = None,
        log: Path | None = None,
        nursery: Nursery | None = None,
        folder: Path = ROOT,
        before: Sequence[str] = (),
    ) -> None:
        self._environment = environment
        words = ["app.cli"] if crash_at is None else ["bench.soak.crashing", crash_at]
        self._words = [*words, role, "--no-env-file"]
        self._log = log
        self._nursery = nursery
        self._folder = folder
        self._before = before
        self._process: asyncio.subprocess.Process | Born | None = None

    @property
    def process(self) -> asyncio.subprocess.Process | Born:
        assert self._process is not None
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        said = None if self._log is None else self._log.open("ab")
        try:
            self._process = await self._begin({**kept, **self._environment}, said)
        finally:
            if said is not None:
                said.close()

    async def _begin(
        self, environment: dict[str, str], said: BinaryIO | None
    ) -> asyncio.subprocess.Process | Born:
        if self._nursery is not None:
            streams = (None, *((1, 2) if said is None else (said.fileno(), said.fileno())))
            return await self._nursery.spawn(*self._words, env=environment, streams=streams)
        return await asyncio.create_subprocess_exec(
            *self._before,
            sys.executable,
            "-m",
            *self._words,
            env=environment,
            stdout=said,
            stderr=said,
            cwd=self._folder,
            start_new_session=True,
        )

    def signal(self, number: signal.Signals) -> None:
        """SIGSTOP, SIGCONT, or any other; nothing to a process that has ended."""
        if self.alive:
            self.process.send_signal(number)

    async def kill(self) -> None:
        """kill -9: no goodbye to anybody."""
        self.signal(signal.SIGKILL)
        await self.process.wait()

    async def ended(self, timeout: float | None = 60) -> int:
        """What it exits with by itself; negative for a signal."""
        return await asyncio.wait_for(self.process.wait(), timeout)

    async def stop(self) -> int:
        """SIGTERM, and what it exits with."""
        self.signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), STOP_SECONDS)

    async def stop_politely(self) -> int:
        """SIGTERM to one that may have begun just now: once it has a handler for it."""
        async with asyncio.timeout(STOP_SECONDS):
            while self.alive and not self._heeds(signal.SIGTERM):  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.05)
        return await self.stop()

    def _heeds(self, number: int) -> bool:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        caught = next(line for line in lines if line.startswith("SigCgt"))
        return bool(int(caught.split()[1], 16) >> (number - 1) & 1)

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


class Owner:
    """Answers the questions of `telecrew login` as an account's owner would."""

    def __init__(self, person: Person) -> None:
        self._person = person

    def ask(self, question: str, *, secret: bool = False) -> str:  # noqa: ARG002
        return self._person.password or "" if secret else self._person.login_code

    def say(self, text: str) -> None: ...


async def recruit_by_login(given: dict[str, str], people: Iterable[Person]) -> None:
    """Sign people in as `telecrew login` does."""
    for person in people:
        await login(settings_of(given), Owner(person), person.phone)
