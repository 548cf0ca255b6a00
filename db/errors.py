"""One translation of the driver's errors, so that nobody else has to know the driver."""

import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from pymongo.errors import BulkWriteError, ConnectionFailure, PyMongoError

from core.errors import StoreError

C = TypeVar("C", bound=type)

DUPLICATE_KEY = 11000


def refused_as_known(error: BulkWriteError) -> set[int]:
    """The places in a bulk of what was there already; any other failure is raised again."""
    details = error.details or {}
    failed = details.get("writeErrors", [])
    if details.get("writeConcernErrors") or any(e["code"] != DUPLICATE_KEY for e in failed):
        raise error
    return {failure["index"] for failure in failed}


def is_away(error: StoreError) -> bool:
    """Whether nobody answered or the server is on its way in or out, so that waiting may help."""
    return isinstance(error.__cause__, ConnectionFailure)


def translates_errors(repository: C) -> C:
    """Let every public verb of a repository, inherited ones too, raise StoreError instead of the
    driver's errors.
    """
    for name, verb in inspect.getmembers(repository, inspect.isfunction):
        if name.startswith("_"):
            continue
        if inspect.iscoroutinefunction(verb):
            setattr(repository, name, _translated(verb))
        elif inspect.isasyncgenfunction(verb):
            setattr(repository, name, _translated_stream(verb))
    return repository


def _translated(verb: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(verb)
    async def call(*args: Any, **named: Any) -> Any:
        try:
            return await verb(*args, **named)
        except PyMongoError as error:
            raise _store_error(error) from error

    return call


def _translated_stream(
    verb: Callable[..., AsyncIterator[Any]],
) -> Callable[..., AsyncIterator[Any]]:
    @functools.wraps(verb)
    async def stream(*args: Any, **named: Any) -> AsyncIterator[Any]:
        try:
            async for item in verb(*args, **named):
                yield item
        except PyMongoError as error:
            raise _store_error(error) from error

    return stream


def _store_error(error: PyMongoError) -> StoreError:
    return StoreError(f"{type(error).__name__}: {_brief(str(error))}")


def _brief(text: str) -> str:
    """The driver's words without the settings, the topology and the documents that it appends."""
    for appended in (" (configured timeouts", ", Timeout:", ", full error:"):
        text = text.partition(appended)[0]
    return text
