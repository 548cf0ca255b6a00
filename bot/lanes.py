"""Updates of one operator in order, of several operators at once."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextvars import ContextVar

import structlog

log = structlog.get_logger(__name__)

PERSON: ContextVar[int | None] = ContextVar("person", default=None)
"""For whom a piece of work is done; what it starts in the background is done for them, too."""

Piece = Callable[[], Awaitable[object]]


class Lanes:
    """A queue per person. A failing piece of work is logged and stops nothing."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self._waiting: dict[int, deque[Piece]] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, person: int, piece: Piece) -> None:
        """Work to be done after everything else of that person."""
        if person in self._waiting:
            self._waiting[person].append(piece)
            return
        self._waiting[person] = deque([piece])
        self._idle.clear()
        self._group.create_task(self._walk(person), name=f"lane-{person}")

    async def drain(self, timeout: float) -> bool:
        """Wait until nothing is left to do; False when `timeout` seconds were not enough."""
        try:
            async with asyncio.timeout(timeout):
                await self._idle.wait()
        except TimeoutError:
            log.warning("lanes.not_drained", seconds=timeout, lanes=len(self._waiting))
            return False
        return True

    async def _walk(self, person: int) -> None:
        PERSON.set(person)
        queue = self._waiting[person]
        try:
            while queue:
                await self._do(queue.popleft())
        finally:
            del self._waiting[person]
            if not self._waiting:
                self._idle.set()

    async def _do(self, piece: Piece) -> None:
        try:
            await piece()
        except Exception:
            log.exception("update.failed")
