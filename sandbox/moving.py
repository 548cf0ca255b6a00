"""How a chat goes on: new messages, edits and deletions after what was there from the start."""

import time
from array import array
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from sandbox.ledger import Kind, Ledger

if TYPE_CHECKING:
    from sandbox.chat import Written


class Moving:
    """The part of a `Chat` that changes it. Every change goes into `ledger`."""

    newest: int
    seeded_top: int
    _ids: "array[int]"
    _born: dict[int, int]
    _own: "dict[int, Written]"
    _as_seeded: bool

    @cached_property
    def ledger(self) -> Ledger:
        """What happened since the start."""
        return Ledger(self.seeded_top + 1)

    @property
    def pts(self) -> int:
        """The chat's update state."""
        return self.ledger.pts

    def post(
        self, make: "Callable[[int], Written] | None" = None, *, date: int | None = None
    ) -> int:
        """A new message, now or at `date` (never before the newest); unless `make` gives it,
        it follows from the seed and its id. Returns the id."""
        message_id = self.seeded_top + len(self._born) + 1
        newest = self.date(self._ids[-1]) if self._ids else self.newest
        self._born[message_id] = max(date or int(time.time()), newest)
        if make is not None:
            self._own[message_id] = make(message_id)
        self._ids.append(message_id)
        self._happened(Kind.NEW, message_id)
        return message_id

    def replace(self, message_id: int, made: "Written") -> None:
        """The message is edited: it reads like this from now on."""
        self._own[message_id] = made
        self._happened(Kind.EDITED, message_id)

    def delete(self, *ids: int) -> tuple[int, ...]:
        """Those of the ids that exist are gone. Returns them."""
        gone = tuple(one for one in dict.fromkeys(ids) if one in self)
        for one in gone:
            self._own.pop(one, None)
            del self._ids[self.rank(one)]
        if gone:
            self._happened(Kind.DELETED, *gone)
        return gone

    def _happened(self, kind: Kind, *ids: int) -> None:
        self._as_seeded = False
        self.__dict__.pop("newest_of_topics", None)
        self.ledger.note(kind, *ids)
