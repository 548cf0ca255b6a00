"""What a process holds, seen from outside: `/proc`, and the metrics that it serves."""

import asyncio
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from app.metrics import LAG_SECONDS

TASKS = "telecrew_asyncio_tasks"
WORST_LAG = "telecrew_loop_lag_worst_seconds"
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """Counts of what must come back to where it was. `files` are no sockets."""

    tasks: int
    threads: int
    files: int
    connections: int

    def __str__(self) -> str:
        return (
            f"{self.tasks} asyncio tasks, {self.threads} threads, {self.files} open files, "
            f"{self.connections} connections"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """A look at a process: `memory` in MB, swapped out or not; `stall` in seconds since its start,
    rounded up to what the measurement may have missed."""

    holds: Holdings
    memory: float
    stall: float


class Patient:
    """A process that serves its metrics on `port`."""

    def __init__(self, pid: int, port: int) -> None:
        self._folder = Path(f"/proc/{pid}")
        self._port = port

    async def vitals(self) -> Vitals:
        """How it is now. The asking itself adds the same to every answer."""
        figures = await self._figures()
        status = self._status()
        sockets, files = self._open()
        return Vitals(
            holds=Holdings(
                tasks=int(figures[TASKS]),
                threads=int(status["Threads"]),
                files=files,
                connections=sockets,
            ),
            memory=self.memory(),
            stall=figures[WORST_LAG] + LAG_SECONDS,
        )

    def memory(self) -> float:
        """Megabytes that it uses."""
        status = self._status()
        kilobytes = (int(status[name].split()[0]) for name in ("VmRSS", "VmSwap"))
        return sum(kilobytes) * 1024 / MEGABYTE

    async def _figures(self) -> dict[str, float]:
        """Samples without labels. Its own connection is closed at the other end, too, when this
        returns, and counts nowhere.
        """
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        with closing(writer):
            writer.write(b"GET /metrics HTTP/1.0\r\n\r\n")
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        if b" 200 " not in head.partition(b"\r\n")[0]:
            raise ConnectionError(head.decode())
        text = body.decode()
        return {
            sample.name: sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if not sample.labels
        }

    def _status(self) -> Mapping[str, str]:
        lines = (self._folder / "status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def _open(self) -> tuple[int, int]:
        """Sockets and other files."""
        targets = []
        for entry in (self._folder / "fd").iterdir():
            try:
                targets.append(str(entry.readlink()))
            except FileNotFoundError:
                continue
        sockets = sum(target.startswith("socket:") for target in targets)
        return sockets, len(targets) - sockets


async def awake(patient: Patient, *, seconds: float = 30.0) -> None:
    """Until it serves its metrics; TimeoutError."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                await patient.vitals()
            except (OSError, KeyError):
                await asyncio.sleep(0.1)
            else:
                return
