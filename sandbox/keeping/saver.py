"""When to write: soon after a change, and never so often that it costs more than a twentieth."""

import asyncio
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger()
SOON = 0.3
SHARE = 20


class Saver:
    def __init__(self, write: Callable[[], None]) -> None:
        self._write = write
        self._pause = SOON
        self._timer: asyncio.TimerHandle | None = None

    def touch(self) -> None:
        """Something changed."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._pause, self._save)

    def finish(self) -> None:
        """Writes now, for the last time."""
        if self._timer is not None:
            self._timer.cancel()
        self._write()

    def _save(self) -> None:
        self._timer = None
        begun = time.perf_counter()
        try:
            self._write()
        except Exception:  # the edge of the process: a full disk never ends the server
            log.exception("sandbox.not_saved")
        self._pause = max(SOON, SHARE * (time.perf_counter() - begun))
