"""Processes of this machine, told apart by when they were born: a number alone is used again."""

import asyncio
import os
import signal
from pathlib import Path

POLL_SECONDS = 0.01
PROC = Path("/proc")


def birth_of(pid: int) -> str | None:
    """The boot and the clock tick in which the process began; None when it does not run.

    A zombie does not run, unless threads of it are still on their way out.
    """
    try:
        threads = len(list((PROC / str(pid) / "task").iterdir()))
        stat = (PROC / str(pid) / "stat").read_text()
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in "ZX" and threads <= 1 else f"{boot}:{fields[18]}"


def command_line(pid: int) -> list[str]:
    """The words that started the process; empty when it does not run."""
    try:
        return (PROC / str(pid) / "cmdline").read_text().split("\0")
    except OSError:
        return []


async def end(pid: int, birth: str, *, patience: float) -> bool:
    """Ask the process to stop, and kill it when it has not within `patience` seconds; whether it
    stopped by itself.
    """
    for order in (signal.SIGTERM, signal.SIGKILL):
        if birth_of(pid) != birth:
            return True
        os.kill(pid, order)
        if await _gone(pid, birth, patience):
            return order is signal.SIGTERM
    return False


async def _gone(pid: int, birth: str, patience: float) -> bool:
    try:
        async with asyncio.timeout(patience):
            while birth_of(pid) == birth:  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        return False
    return True
