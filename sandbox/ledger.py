"""What happened in a chat or an account's box lately, numbered as Telegram does it."""

import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

KEPT_EVENTS = 5_000


class Kind(StrEnum):
    NEW = "new"
    EDITED = "edited"
    DELETED = "deleted"


class Happened(NamedTuple):
    """One event. `pts`: the state after it, which it moved by `len(ids)`. `at`: unix seconds."""

    kind: Kind
    ids: tuple[int, ...]
    pts: int
    at: float


class Ledger:
    """`pts` starts at `pts` and moves with every event; the newest `keep` events are remembered.
    `told` is called with each event as it happens."""

    def __init__(self, pts: int = 1, *, keep: int = KEPT_EVENTS) -> None:
        self.pts = pts
        self._floor = pts
        self._events: deque[Happened] = deque()
        self._keep = keep
        self.told: Callable[[Happened], None] = lambda _: None

    @property
    def moved_at(self) -> float:
        """Unix seconds of the newest event; 0 when there was none."""
        return self._events[-1].at if self._events else 0.0

    def note(self, kind: Kind, *ids: int) -> Happened:
        """Adds an event about these messages and tells of it."""
        self.pts += len(ids)
        event = Happened(kind, ids, self.pts, time.time())
        self._events.append(event)
        if len(self._events) > self._keep:
            self._floor = self._events.popleft().pts
        self.told(event)
        return event

    def since(self, pts: int) -> list[Happened] | None:
        """The events after that state, oldest first; None when some are forgotten."""
        if pts < self._floor:
            return None
        found = []
        for event in reversed(self._events):
            if event.pts <= pts:
                break
            found.append(event)
        return found[::-1]

    def state(self) -> int:
        """What a restart must not lose; the events are forgotten."""
        return self.pts

    def restore(self, pts: int) -> None:
        self.pts = self._floor = pts
        self._events.clear()
