"""A thread that watches the event loop: it names what blocks it, and ends a process that is lost.

Past its leases' deadline a worker whose loop is blocked can neither renew nor disconnect, while
another worker may connect the same keys. Then the process ends itself: its sockets go with it.
"""

import asyncio
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from core.clock import Clock

log = structlog.get_logger(__name__)

BEAT = 0.2
STALL = 1.0
"""Seconds without a beat after which the culprit is named."""

LOST_STATUS = 70
"""What a process exits with that outlived its leases without noticing."""


class Watchdog:
    """Beats in the loop, looks from a thread. `patience` in seconds of `clock.elapsed`."""

    def __init__(
        self, clock: Clock, *, patience: float, end: Callable[[int], None] = os._exit
    ) -> None:
        self._clock = clock
        self._patience = patience
        self._end = end
        self._beat_at = 0.0
        self._named_at = -1.0
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = threading.Event()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch the running loop inside the block."""
        loop = asyncio.get_running_loop()
        self._beat_at = self._clock.elapsed()
        self._beat(loop)
        thread = threading.Thread(target=self._look, args=(loop,), name="watchdog", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            if self._timer is not None:
                self._timer.cancel()

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        """Whoever wakes first after a long stop, the loop or the thread, sees that it was long."""
        now = self._clock.elapsed()
        if now - self._beat_at > self._patience:
            self._lost(loop, now - self._beat_at)
        self._beat_at = now
        self._timer = loop.call_later(BEAT, self._beat, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        main = threading.main_thread().ident or 0
        while not self._stopped.wait(BEAT):
            silent = self._clock.elapsed() - self._beat_at
            if silent > self._patience:
                self._lost(loop, silent)
            elif silent > STALL and self._named_at != self._beat_at:
                self._named_at = self._beat_at
                log.error("loop.blocked", seconds=round(silent, 1), task=_name(loop), at=_at(main))

    def _lost(self, loop: asyncio.AbstractEventLoop, silent: float) -> None:
        log.critical("loop.lost", seconds=round(silent, 1), task=_name(loop))
        self._end(LOST_STATUS)


def _name(loop: asyncio.AbstractEventLoop) -> str:
    task = asyncio.current_task(loop)
    return "none" if task is None else task.get_name()


def _at(thread: int) -> list[str]:
    frame = sys._current_frames().get(thread)  # noqa: SLF001 - the documented way to see a thread
    lines = traceback.extract_stack(frame, limit=4) if frame is not None else []
    return [f"{line.filename}:{line.lineno} {line.name}" for line in lines]
