"""Commands of `telecrew` that are to be ended by signals, and what must not be left of them."""

import asyncio
import contextlib
import fcntl
import itertools
import os
import pty
import signal
import sys
import termios
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from waiting import wait_until

from bench.nursery import Born, Nursery

END_SECONDS = 10.0
ROOT = Path(__file__).parents[2]
NUMBERS = itertools.count()


@dataclass
class Started:
    """A command that runs. `home`: its folder of data; `said`: the file of what it says."""

    process: asyncio.subprocess.Process | Born
    home: Path
    said: Path
    terminal: int | None = None

    @property
    def pid(self) -> int:
        return self.process.pid

    def text(self) -> str:
        """What it said so far."""
        if self.terminal is not None:
            with contextlib.suppress(OSError), self.said.open("ab") as file:
                while new := os.read(self.terminal, 4096):
                    file.write(new)
        return self.said.read_text(errors="replace") if self.said.exists() else ""

    async def says(self, words: str, timeout: float = 60) -> None:
        await wait_until(lambda: words in self.text() or self.ended(), timeout=timeout, every=0.02)
        assert words in self.text(), self.text()

    def echoes(self) -> bool:
        """Whether its terminal shows what is typed."""
        assert self.terminal is not None
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)

    def ended(self) -> bool:
        return self.process.returncode is not None

    def hang_up(self) -> None:
        """The terminal is closed."""
        assert self.terminal is not None
        os.close(self.terminal)
        self.terminal = None

    async def ends(self) -> int:
        """What it exits with; it does so in time, and leaves no other process behind."""
        since = time.monotonic()
        try:
            status = await asyncio.wait_for(self.process.wait(), 3 * END_SECONDS)
        except TimeoutError:
            raise AssertionError(f"it goes on: {self.text()[-2000:]}") from None
        assert time.monotonic() - since < END_SECONDS, self.text()
        assert left_in(self.home) == []
        assert "Traceback" not in self.text(), self.text()
        return status

    async def clear(self) -> None:
        """Whatever went wrong, nothing stays."""
        if not self.ended():
            self.process.kill()
            await self.process.wait()
        for pid in left_in(self.home):
            os.kill(pid, signal.SIGKILL)
        if self.terminal is not None:
            os.close(self.terminal)


def left_in(home: Path) -> list[int]:
    """The processes of this machine that work for this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes() + b"\0"
                about = words + (entry / "environ").read_bytes()
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                if bytes(home) + b"/" in about and state not in "ZX":
                    found.append(int(entry.name))
    return found


def heeds(pid: int) -> bool:
    """Whether a process has begun to heed signals."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return False
    caught = next((line for line in lines if line.startswith("SigCgt")), "SigCgt: 0")
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def by_default() -> None:
    """As a shell starts what is in the foreground."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def with_terminal() -> None:
    by_default()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def known() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


@dataclass
class Machine:
    """Starts commands, each with a folder of data of its own."""

    folder: Path
    nursery: Nursery
    started: list[Started]

    def _home(self) -> tuple[Path, Path]:
        home = self.folder / f"home{next(NUMBERS)}"
        home.mkdir()
        return home, home.with_suffix(".said")

    async def born(
        self,
        *words: str,
        settings: Mapping[str, str],
        answers: int | None = None,
        out: int | None = None,
    ) -> Started:
        """With its imports done; `answers` and `out`: files that are its input and output."""
        home, said = self._home()
        with said.open("wb") as file:
            process = await self.nursery.spawn(
                "app.cli",
                *words,
                env=known() | settings | {"DATA_DIR": f"{home}/data"},
                folder=home,
                streams=(answers, file.fileno() if out is None else out, file.fileno()),
            )
        return self._keep(Started(process, home, said))

    async def begun(
        self,
        *words: str,
        settings: Mapping[str, str],
        before: tuple[str, ...] = (),
        answers: int = asyncio.subprocess.DEVNULL,
    ) -> Started:
        """From the first line on."""
        home, said = self._home()
        with said.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *(*before, sys.executable, "-m", "app.cli", *words),
                env=known() | settings | {"DATA_DIR": f"{home}/data", "PYTHONPATH": str(ROOT)},
                stdin=answers,
                stdout=file,
                stderr=file,
                cwd=home,
                start_new_session=True,
                preexec_fn=by_default,
            )
        return self._keep(Started(process, home, said))

    async def at_terminal(self, *words: str, settings: Mapping[str, str]) -> Started:
        """In front of somebody, from the first line on."""
        home, said = self._home()
        terminal, its = pty.openpty()
        os.set_blocking(terminal, False)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app.cli", *words),
            env=known() | settings | {"DATA_DIR": f"{home}/data", "PYTHONPATH": str(ROOT)},
            stdin=its,
            stdout=its,
            stderr=its,
            cwd=home,
            start_new_session=True,
            preexec_fn=with_terminal,
        )
        os.close(its)
        return self._keep(Started(process, home, said, terminal))

    def _keep(self, made: Started) -> Started:
        self.started.append(made)
        return made
