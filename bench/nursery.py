"""Processes that begin with the product imported: a fork of one that is ready takes no time.

Importing bot and collector costs seconds of processor time, which a storm or a test that starts
the service often would pay each time. This file, run as a program, imports them once and then forks
a process for each order; `Nursery` is its other end. What is forked is a session of its own, runs
`python -m MODULE WORDS...` from the first line of MODULE on, and is ended by its process id.

Forking is safe because nothing runs yet: one thread (the program makes sure), no event loop, no
connection, no lock file, no configured log. `random` and ObjectId seed themselves anew in a fork.
"""

import asyncio
import contextlib
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
READY = ("app.cli", "app.service", "app.crew", "bot.app", "app.login", "rich.console")
"""Not the terminal of the product, which looks at the environment as it is imported."""

LARGEST_ORDER = 65_536
END_SECONDS = 10


class Born(asyncio.Protocol):
    """A process of the nursery, with the verbs of `asyncio.subprocess.Process`."""

    def __init__(self) -> None:
        self.pid = 0
        self.returncode: int | None = None
        self.begun = asyncio.Event()
        self._ended = asyncio.Event()
        self._told = b""

    def data_received(self, data: bytes) -> None:
        """The first line is its number, the second one what it exited with."""
        self._told += data
        told = self._told.split(b"\n")[:-1]
        if told:
            self.pid = int(told[0])
            self.begun.set()
        if len(told) > 1:
            self.returncode = int(told[1])

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        self.begun.set()
        self._ended.set()

    def send_signal(self, number: int) -> None:
        """Nothing to one that has ended, though its end may not have been told yet."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """What it exits with; negative for a signal."""
        await self._ended.wait()
        if self.returncode is None:
            raise RuntimeError("the nursery went away")
        return self.returncode


class Nursery:
    """Makes itself ready in the background; `close` kills whoever still runs."""

    def __init__(self) -> None:
        self._door, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            self._server = subprocess.Popen(
                [sys.executable, __file__, str(its.fileno())], pass_fds=[its.fileno()], cwd=ROOT
            )

    def close(self) -> None:
        self._door.close()
        self._server.wait(END_SECONDS)

    async def spawn(
        self,
        *words: str,
        env: dict[str, str],
        folder: Path = ROOT,
        streams: tuple[int | None, int, int] = (None, 1, 2),
    ) -> Born:
        """Run `python -m *words` with this environment, in this folder.

        `streams`: the files that are its standard input (None: empty), output and errors.
        """
        line, its = socket.socketpair()
        order = json.dumps({"words": words, "env": env, "folder": str(folder)}).encode()
        with its, open(os.devnull) as nothing:  # noqa: ASYNC230, PTH123 - nothing to wait for
            given, *others = streams
            files = [its.fileno(), nothing.fileno() if given is None else given, *others]
            socket.send_fds(self._door, [order], files)
        _, born = await asyncio.get_running_loop().create_unix_connection(Born, sock=line)
        await born.begun.wait()
        return born


def serve(door: socket.socket) -> dict[str, Any]:
    """Fork for each order until the door is closed. In a new process: the order, to be done."""
    lines: dict[int, socket.socket] = {}
    bell, ringing = socket.socketpair()
    with door, bell, ringing, selectors.DefaultSelector() as looking:
        for one in (bell, ringing):
            one.setblocking(False)  # noqa: FBT003 - the socket's own
        signal.set_wakeup_fd(ringing.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for one in (door, bell):
            looking.register(one, selectors.EVENT_READ)
        while True:
            for key, _ in looking.select():
                if key.fileobj is bell:
                    bell.recv(4096)
                    tell_the_dead(lines)
                elif (order := take(door, lines)) is not None:
                    signal.set_wakeup_fd(-1)
                    return order


def take(door: socket.socket, lines: dict[int, socket.socket]) -> dict[str, Any] | None:
    """Take an order and fork; the order in the new process, None in the old one."""
    text, (*files,), _, _ = socket.recv_fds(door, LARGEST_ORDER, 4)
    if not text:
        end(lines)
    line = socket.socket(fileno=files.pop(0))
    if pid := os.fork():
        lines[pid] = line
        line.sendall(f"{pid}\n".encode())
        for file in files:
            os.close(file)
        return None
    os.setsid()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    for other in (line, *lines.values()):
        other.close()
    return json.loads(text)


def tell_the_dead(lines: dict[int, socket.socket]) -> None:
    while lines:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with lines.pop(pid) as line:
            try:
                line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
            except BrokenPipeError:
                continue


def end(lines: dict[int, socket.socket]) -> None:
    for pid in lines:
        os.kill(pid, signal.SIGKILL)
    os._exit(0)


def become(order: dict[str, Any]) -> None:
    """Run the order as a new interpreter would."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    module, *words = order["words"]
    sys.argv = [module, *words]
    sys.path[0] = order["folder"]
    gc.unfreeze()
    sys.modules.pop(module, None)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def get_ready() -> None:
    """Raises RuntimeError where a fork would take over half of something."""
    sys.path[0] = str(ROOT)
    for name in READY:
        importlib.import_module(name)
    threads = list(Path("/proc/self/task").iterdir())
    if len(threads) > 1:
        raise RuntimeError(f"imports have begun {len(threads) - 1} threads")
    gc.freeze()


if __name__ == "__main__":
    get_ready()
    become(serve(socket.socket(fileno=int(sys.argv[1]))))
