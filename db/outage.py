"""While MongoDB is away: loops wait instead of ending, and say so now and then."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from core.errors import StoreError
from db.errors import is_away

log = structlog.get_logger(__name__)

T = TypeVar("T")

PAUSE_SECONDS = 1.0
TELL_SECONDS = 10.0


class Outage:
    """What all loops of a process do about a store that does not answer."""

    def __init__(self) -> None:
        self._failing: dict[str, float] = {}
        self._told_at = -TELL_SECONDS
        self._untold = 0

    async def attempt(self, name: str, work: Callable[[], Awaitable[object]]) -> bool:
        """Do `work`; False when the store did not answer, after a pause of a second."""
        try:
            await work()
        except StoreError as error:
            self._failed(name, error)
            await asyncio.sleep(PAUSE_SECONDS)
            return False
        self._worked(name)
        return True

    async def insist(self, name: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do `work` until the store answers; its result."""
        while True:
            try:
                result = await work()
            except StoreError as error:
                self._failed(name, error)
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                self._worked(name)
                return result

    async def begin(
        self, name: str, work: Callable[[], Awaitable[T]], *, waits: Callable[[], bool]
    ) -> T:
        """Do `work` once the server can be reached; its result.

        Raises StoreError when the server refuses it, and when it is still away and `waits` says no.
        """
        while True:
            try:
                result = await work()
            except StoreError as error:
                if not (is_away(error) and waits()):
                    raise
                self._failed(name, error)
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                self._worked(name)
                return result

    def _failed(self, name: str, error: StoreError) -> None:
        now = time.monotonic()
        self._failing.setdefault(name, now)
        if now - self._told_at < TELL_SECONDS:
            self._untold += 1
            return
        log.warning("store.unavailable", step=name, untold=self._untold, error=str(error))
        self._told_at, self._untold = now, 0

    def _worked(self, name: str) -> None:
        since = self._failing.pop(name, None)
        if since is not None and not self._failing:
            log.warning("store.again", seconds=round(time.monotonic() - since, 1))
