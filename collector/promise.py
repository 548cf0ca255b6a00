"""What a job may count on at its account's pacer, from its claim to its end."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from core.job import Family


class Promises:
    """The calls of an account that jobs were begun for and have not made yet."""

    def __init__(self) -> None:
        self._open: dict[Family, int] = {}

    def make(self, families: Iterable[Family]) -> "Promise":
        """Keep a call of each family for one job."""
        promise = Promise(self, families)
        for family in promise.left:
            self._open[family] = self._open.get(family, 0) + 1
        return promise

    def of(self, family: Family) -> int:
        """How many calls of a family are kept."""
        return self._open.get(family, 0)

    def keep(self, family: Family) -> None:
        """One of them is made, or not wanted any more."""
        self._open[family] -= 1


class Promise:
    """One job's. Who works under it waits for the account's own pace as long as that takes: its
    work was begun, and given back it would only begin anew.
    """

    def __init__(self, promises: Promises, families: Iterable[Family]) -> None:
        self._promises = promises
        self.left = set(families)

    def called(self, family: Family) -> None:
        """The job takes its turn."""
        if family in self.left:
            self.left.discard(family)
            self._promises.keep(family)

    def drop(self) -> None:
        """The job has ended. Again changes nothing."""
        for family in list(self.left):
            self.called(family)

    @contextmanager
    def held(self) -> Iterator[None]:
        """The calls of the block are the job's."""
        token = _HELD.set(self)
        try:
            yield
        finally:
            _HELD.reset(token)


_HELD: ContextVar[Promise | None] = ContextVar("promise", default=None)


def held() -> Promise | None:
    """Under which promise the present call is made; None of what is no job's."""
    return _HELD.get()
