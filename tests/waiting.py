"""Waiting for a state of the world, instead of sleeping and hoping."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def wait_until(
    predicate: Callable[[], T | Awaitable[T]], timeout: float = 5.0, every: float = 0.01
) -> T:
    """The first true value of `predicate` (plain or async); fails after `timeout` seconds."""
    last = None
    try:
        async with asyncio.timeout(timeout):
            while True:
                last = predicate()
                if inspect.isawaitable(last):
                    last = await last
                if last:
                    return last
                await asyncio.sleep(every)
    except TimeoutError:
        raise AssertionError(f"not within {timeout:g} s; the last value was {last!r}") from None
