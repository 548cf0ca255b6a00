"""Processes that a benchmark starts, and what they cost."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")
STOP_SECONDS = 30
ANSWER_LIMIT = 2**24


def cpu_of(pid: int) -> float:
    """Seconds of user and system time of a process so far, of all its threads."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / TICKS


class Child:
    """A Python module in a process of its own, which answers lines of JSON with lines of JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    def cpu(self) -> float:
        """Seconds of user and system time so far, of all its threads."""
        return cpu_of(self.pid)

    def resident(self) -> int:
        """Bytes of memory that are in use."""
        status = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))

    async def ask(self, question: object) -> Any:
        """Send a line and read the answer."""
        if self._process.stdin is None:
            raise RuntimeError("this process is not asked")
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        return await self.hear()

    async def hear(self) -> Any:
        """The next line that it says."""
        if self._process.stdout is None:
            raise RuntimeError("this process does not answer")
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"process {self.pid} ended with {await self._process.wait()}")
        return json.loads(line)

    async def stop(self) -> None:
        """SIGTERM; SIGKILL for one that does not go."""
        if self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def child(
    *words: str, environment: Mapping[str, str] | None = None, talks: bool = True
) -> AsyncIterator[Child]:
    """`python -m words...`, ended with the block. `talks`: by lines of JSON."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    pipe = asyncio.subprocess.PIPE if talks else None
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *words),
        env={**kept, **(environment or {})},
        stdin=pipe,
        stdout=pipe,
        limit=ANSWER_LIMIT,
        start_new_session=True,
    )
    started = Child(process)
    try:
        yield started
    finally:
        await started.stop()
