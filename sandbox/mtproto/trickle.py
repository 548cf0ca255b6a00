"""Writes that come slowly."""

import asyncio
from collections.abc import Callable

STEP_SECONDS = 0.05


class Trickle:
    """Lets bytes out at `rate` a second; None: all at once. What follows queues behind."""

    def __init__(self, write: Callable[[bytes], None], rate: Callable[[], float | None]) -> None:
        self._write = write
        self._rate = rate
        self._held = bytearray()
        self._credit = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        return self._timer is not None

    def feed(self, data: bytes) -> None:
        self._held += data
        if self._timer is None:
            self._step()

    def stop(self) -> None:
        self._held.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _step(self) -> None:
        self._timer = None
        rate = self._rate()
        self._credit += len(self._held) if rate is None else rate * STEP_SECONDS
        if ready := bytes(self._held[: int(self._credit)]):
            self._credit -= len(ready)
            del self._held[: len(ready)]
            self._write(ready)
        if self._held:
            self._timer = asyncio.get_running_loop().call_later(STEP_SECONDS, self._step)
        else:
            self._credit = 0.0
