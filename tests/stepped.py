"""A database whose calls can be stopped between: before each one something else may happen."""

from collections.abc import Awaitable, Callable
from typing import Any

CALLS = frozenset(
    {
        "aggregate",
        "bulk_write",
        "count_documents",
        "delete_many",
        "delete_one",
        "find",
        "find_one",
        "find_one_and_update",
        "insert_many",
        "insert_one",
        "update_many",
        "update_one",
    }
)
AT_ONCE = frozenset({"aggregate", "find"})
"""Calls that make a cursor: what happens before one happens before its first document."""


class Steps:
    """Counts the calls; before number `at` (from 0) `between` is awaited, once."""

    def __init__(self, at: int, between: Callable[[], Awaitable[None]]) -> None:
        self.count, self._at, self._between = 0, at, between
        self.done = False
        self.asked: set[str] = set()
        """The collections that were asked before."""

    async def next(self, collection: str) -> None:
        here, self.count = self.count, self.count + 1
        if here == self._at:
            self.done = True
            await self._between()
        elif not self.done:
            self.asked.add(collection)


class SteppedDatabase:
    """A MongoDB database, for `Database`."""

    def __init__(self, database: Any, steps: Steps) -> None:
        self._database, self._steps = database, steps

    def __getitem__(self, name: str) -> Any:
        return SteppedCollection(name, self._database[name], self._steps)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


class SteppedCollection:
    """A collection each of whose calls is a step."""

    def __init__(self, name: str, collection: Any, steps: Steps) -> None:
        self._name, self._collection, self._steps = name, collection, steps

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._collection, name)
        if name not in CALLS:
            return found
        if name in AT_ONCE:
            return lambda *given, **named: SteppedCursor(
                self._name, found(*given, **named), self._steps
            )

        async def call(*given: Any, **named: Any) -> Any:
            await self._steps.next(self._name)
            return await found(*given, **named)

        return call


class SteppedCursor:
    """A cursor whose first document is a step."""

    def __init__(self, name: str, cursor: Any, steps: Steps) -> None:
        self._name, self._cursor, self._steps = name, cursor, steps

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._cursor, name)
        if name not in {"sort", "limit", "skip", "hint"}:
            return found

        def same(*given: Any, **named: Any) -> "SteppedCursor":
            found(*given, **named)
            return self

        return same

    async def __aiter__(self) -> Any:
        await self._steps.next(self._name)
        async for document in self._cursor:
            yield document
