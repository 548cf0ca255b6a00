"""Work that outlives the press that began it, inside the bot's own task group."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger(__name__)


class Background:
    """A room for pieces of work that may fail without taking the bot with them."""

    def __init__(self) -> None:
        self._group: asyncio.TaskGroup | None = None
        self._names: set[str] = set()

    def open(self, group: asyncio.TaskGroup) -> None:
        """Work goes into `group` from now on, and ends with it."""
        self._group = group

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> bool:
        """Begin a piece of work; False when one of that name is at it already."""
        if self._group is None or name in self._names:
            work.close()
            return False
        self._names.add(name)
        self._group.create_task(self._guard(name, work), name=name)
        return True

    async def _guard(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("background.failed", work=name)
        finally:
            self._names.discard(name)
