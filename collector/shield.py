"""Writing endings: they are finished even when whoever writes them is cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger(__name__)

LONGEST_ENDING = 5.0


def obey_cancellation() -> None:
    """Raise CancelledError if this task was cancelled, whoever swallowed it on the way.

    A TaskGroup whose children fail while it is being cancelled raises their errors instead.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def finish(ending: Coroutine[Any, Any, Any]) -> None:
    """Run `ending` to its end; a cancellation is passed on only after that (or 5 s)."""
    inner = asyncio.ensure_future(ending)  # noqa: TID251 - the one task that outlives its caller
    try:
        await asyncio.shield(inner)
    except asyncio.CancelledError:
        await asyncio.wait([inner], timeout=LONGEST_ENDING)
        if inner.done() and not inner.cancelled() and (error := inner.exception()) is not None:
            log.warning("ending.failed", error=str(error))
        raise
