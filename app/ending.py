"""How a process ends when it is asked to: at any moment, in order, and soon.

Loaded before anything heavy, so that a signal is heeded from the first milliseconds on; the first
process of a container gets none that it has no handler for. The first signal cancels the command,
whose blocks close what they opened; more of them change nothing. What still runs after `LATEST`
seconds is ended with force. Nothing that was confirmed is lost by that: a crash does no more.
"""

import _thread
import os
import signal
import sys
import termios
import time
from collections.abc import Callable, Collection, Coroutine
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")

LASTING = frozenset({"run", "bot", "collector", "demo", "sandbox"})
"""Commands that are to go on until somebody ends them: then they are done, with status 0. Another
one that is broken off ends with 128 and the signal's number."""

FAULTS = ("SIGILL", "SIGTRAP", "SIGBUS", "SIGFPE", "SIGSEGV", "SIGSYS")
"""A process that went wrong in itself cannot clean up: it leaves a core."""

ELSEWHERE = ("SIGKILL", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGCONT")
"""What nobody can heed, and what a shell stops and continues its jobs with."""

NO_END = ("SIGCHLD", "SIGURG", "SIGWINCH", "SIGPIPE", "SIGXFSZ")
"""What ends no process, or what Python turns into an error of the write."""

OTHERS = frozenset(getattr(signal, name, None) for name in (*FAULTS, *ELSEWHERE, *NO_END))

SLOW = 6.0
LATEST = 9.0
"""Seconds after the signal: what is waited for is told; it is waited for no longer."""


def ending_signals() -> Collection[int]:
    """The numbers of all signals whose meaning is that a process is to end."""
    return sorted(int(one) for one in signal.valid_signals() if one not in OTHERS)


class Ending:
    """One process's. `asked`: by which signal it was asked to end, None while it was not."""

    def __init__(self) -> None:
        self.asked: int | None = None
        self._begin: Callable[[], None] | None = None
        self._last: list[Callable[[], None]] = []
        self._terminals: tuple[int, ...] = ()
        self._modes: list[Any] | None = None

    def heed(self) -> None:
        """From now on a signal that ends processes ends this one well; again at will."""
        self._terminals = tuple(number for number in (0, 1, 2) if os.isatty(number))
        if 0 in self._terminals and self._modes is None:
            self._modes = termios.tcgetattr(0)
        for number in ending_signals():
            if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # started by nohup
            signal.signal(number, self._on_signal)

    def at_the_latest(self, act: Callable[[], None]) -> Callable[[], None]:
        """Have `act` done if the process is ended with force, the last one first; what is returned
        takes it back. It may run in any thread, and must neither wait nor raise.
        """
        self._last.append(act)

        def withdraw() -> None:
            if act in self._last:
                self._last.remove(act)

        return withdraw

    def run(self, job: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """As `asyncio.run`, but a signal cancels the job, and then ends the process."""
        import asyncio

        async def until_asked() -> T:
            task, loop = asyncio.current_task(), asyncio.get_running_loop()

            def cancel() -> None:
                if task is not None:
                    task.cancel()
                loop.call_later(SLOW, _name_the_slow)

            def begin() -> None:
                loop.call_soon_threadsafe(cancel)

            self._begin = begin
            try:
                return await job()
            except asyncio.CancelledError:
                if self.asked is None:
                    raise
                self.leave()
            finally:
                self._begin = None

        return asyncio.run(until_asked())

    def leave(self) -> NoReturn:
        """End now, whatever threads do: one may wait for an answer that nobody types."""
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, RuntimeError):
                stream.flush()
        self._end()

    def _end(self) -> NoReturn:
        while self._last:
            self._last.pop()()
        self._let_terminal_be()
        lasting = bool(LASTING.intersection(sys.argv[1:2]))
        os._exit(0 if lasting else 128 + (self.asked or 0))

    def _end_in_time(self) -> NoReturn:
        time.sleep(LATEST)
        self._end()

    def _on_signal(self, number: int, _: object) -> None:
        if self.asked is not None:
            return
        self.asked = number
        if number == signal.SIGHUP:
            self._forget_terminal()
        if self._begin is None:
            self.leave()
        _thread.start_new_thread(self._end_in_time, ())  # takes no lock that may be held just now
        self._begin()

    def _let_terminal_be(self) -> None:
        """A question for a password may have made it silent."""
        if self._modes is not None:
            with suppress(termios.error):
                signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
                termios.tcsetattr(0, termios.TCSANOW, self._modes)

    def _forget_terminal(self) -> None:
        """Where it was closed each further write would be an error."""
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in self._terminals:
            os.dup2(nothing, number)


def is_telecrew(words: list[str]) -> bool:
    """Whether an interpreter that was started by these words is to run the command line."""
    if "-m" in words[:-1]:
        return words[words.index("-m") + 1] == "app.cli"
    return len(words) > 1 and os.path.basename(words[1]) == "telecrew"  # noqa: PTH119 - no pathlib


def _name_the_slow() -> None:
    """Say what keeps the process from ending."""
    import asyncio

    import structlog

    log = structlog.get_logger(__name__)
    for task in asyncio.all_tasks():
        frames = [f"{frame.f_code.co_qualname}:{frame.f_lineno}" for frame in task.get_stack()]
        log.warning("service.stops_slowly", task=task.get_name(), where=frames[-1:])


ENDING = Ending()
