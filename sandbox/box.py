"""An account's own messages: private chats and basic groups, with ids of that account alone."""

from bisect import bisect_left
from collections.abc import Callable

from telethon.tl import TLObject

from sandbox.chat import Written
from sandbox.ledger import Kind, Ledger

Peer = tuple[str, int]
"""("user", id) or ("chat", id)."""


class Box:
    """Every change goes into `ledger`, and from there to the account's sessions."""

    def __init__(self, owner: int) -> None:
        self.owner = owner
        self.ledger = Ledger()
        self._messages: dict[int, Written] = {}
        self._peers: dict[int, Peer] = {}
        self._dates: dict[int, int] = {}
        self._ids: dict[Peer, list[int]] = {}
        self._top = 0

    def add(
        self,
        peer: Peer,
        make: Callable[[int], TLObject | bytes],
        *,
        date: int,
        users: tuple[int, ...] = (),
        channels: tuple[int, ...] = (),
    ) -> int:
        """A new message: `make` gets its id and gives it whole. `users` and `channels` are the
        ids (those of basic groups among the channels) that an answer must describe with it."""
        self._top += 1
        self._messages[self._top] = Written(_raw(make(self._top)), users, channels)
        self._peers[self._top], self._dates[self._top] = peer, date
        self._ids.setdefault(peer, []).append(self._top)
        self.ledger.note(Kind.NEW, self._top)
        return self._top

    def edit(self, message_id: int, message: TLObject | bytes) -> None:
        """Raises KeyError when there is none."""
        old = self._messages[message_id]
        self._messages[message_id] = old._replace(raw=_raw(message))
        self.ledger.note(Kind.EDITED, message_id)

    def delete(self, *ids: int) -> None:
        """Those that exist are gone."""
        gone = [one for one in ids if self._messages.pop(one, None)]
        for one in gone:
            there = self._ids[self._peers.pop(one)]
            del there[bisect_left(there, one)]
        if gone:
            self.ledger.note(Kind.DELETED, *gone)

    def written(self, message_id: int) -> Written | None:
        return self._messages.get(message_id)

    def date(self, message_id: int) -> int:
        return self._dates[message_id]

    def peer(self, message_id: int) -> Peer | None:
        return self._peers.get(message_id)

    def peers(self) -> list[Peer]:
        """Everybody with whom something was written and is left."""
        return [peer for peer, ids in self._ids.items() if ids]

    def ids(self, peer: Peer) -> list[int]:
        """Ascending; grows as messages come."""
        return self._ids.setdefault(peer, [])

    @property
    def top_id(self) -> int:
        return self._top


def _raw(message: TLObject | bytes) -> bytes:
    return message if isinstance(message, bytes) else bytes(message)
