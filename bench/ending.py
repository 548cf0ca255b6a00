"""How a benchmark and the soak end when they are asked to: nothing that they started stays."""

import ctypes
import os
import signal
from contextlib import suppress
from pathlib import Path

from app.ending import ENDING

PR_SET_CHILD_SUBREAPER = 36


def heed() -> None:
    """From now on: a signal ends this process as it ends `telecrew`, and with it whatever it began,
    even what a process that is gone had begun.
    """
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    ENDING.heed()
    ENDING.at_the_latest(kill_all_begun)


def kill_all_begun() -> None:
    """kill -9 for all processes that stem from this one, mongods among them."""
    while begun := descendants(os.getpid()):
        for pid in begun:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def descendants(pid: int) -> set[int]:
    """The processes that stem from one and have not ended."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                state, parent, *_ = (entry / "stat").read_text().rpartition(")")[2].split()
                if state not in "ZX":
                    parents[int(entry.name)] = int(parent)
    found = {pid}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}
