"""Several calls of the store at once, with the error that one of them alone would raise."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

from core.errors import StoreError


async def together(calls: Iterable[Coroutine[Any, Any, object]]) -> None:
    """Wait for all of them; StoreError when one raised it, and the others are cancelled."""
    failed: ExceptionGroup[StoreError] | None = None
    try:
        async with asyncio.TaskGroup() as group:
            for call in calls:
                group.create_task(call)
    except* StoreError as errors:
        failed = errors
    if failed is not None:
        raise StoreError(str(failed.exceptions[0])) from failed
