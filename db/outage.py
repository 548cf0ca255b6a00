"""While MongoDB is away: loops wait instead of ending, and say so once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from core.errors import StoreError
from core.told_once import ToldOnce
from db.errors import is_away

log = structlog.get_logger(__name__)

T = TypeVar("T")

PAUSE_SECONDS = 1.0
AWAY = "away"
"""The trouble that all steps share. A step that the store refuses has one of its own."""


class Outage:
    """What all loops of a process do about a store that does not answer. Each trouble is told when
    it begins and when it is over, however many loops have it.
    """

    def __init__(self) -> None:
        self._failing: dict[str, str] = {}
        self._troubles: dict[str, ToldOnce] = {}

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

    def _failed(self, step: str, error: StoreError) -> None:
        trouble = AWAY if is_away(error) else step
        if self._failing.get(step, trouble) != trouble:
            self._worked(step)
        self._failing[step] = trouble
        if self._troubles.setdefault(trouble, ToldOnce()).failed(trouble):
            log.warning("store.unavailable", step=step, error=str(error))

    def _worked(self, step: str) -> None:
        trouble = self._failing.pop(step, None)
        if trouble is None or trouble in self._failing.values():
            return
        if (told := self._troubles.pop(trouble).worked()) is not None:
            log.warning("store.again", step=step, **told)
