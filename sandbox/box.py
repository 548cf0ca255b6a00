"""An account's own messages: private chats and basic groups, with ids of that account alone."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import NamedTuple

from telethon.extensions import BinaryReader
from telethon.tl import TLObject

from sandbox.basic_group import BasicGroup
from sandbox.chat import Written
from sandbox.dice import Dice
from sandbox.ledger import Kind, Ledger
from sandbox.reading import Reading

WIDEST_HOLE = 3


class Peer(NamedTuple):
    """`kind` is "chat" (a basic group) or "user"."""

    kind: str
    id: int


class Box:
    """It begins with what its `groups` said, and grows by what is posted. Every change goes into
    `ledger`, and from there to the account's sessions."""

    def __init__(self, owner: int, *, seed: int = 0, groups: Iterable[BasicGroup] = ()) -> None:
        self.owner = owner
        self.ledger = Ledger()
        self._made: dict[int, Written] = {}
        self._sources: dict[int, tuple[BasicGroup, int]] = {}
        self._known_as: dict[int, dict[int, int]] = {}
        self._peers: dict[int, Peer] = {}
        self._dates: dict[int, int] = {}
        self._ids: dict[Peer, list[int]] = {}
        self._top = 0
        self._fill(Dice(f"box:{seed}:{owner}"), tuple(groups))

    @property
    def top_id(self) -> int:
        return self._top

    def peers(self) -> list[Peer]:
        """Everybody with whom something was written and is left."""
        return [peer for peer, ids in self._ids.items() if ids]

    def ids(self, peer: Peer) -> list[int]:
        """Ascending; grows as messages come."""
        return self._ids.setdefault(peer, [])

    def reading(self, peer: Peer, *, above: int = 0) -> Reading:
        """What is left with somebody, to be read by pages."""
        return Reading([one for one in self.ids(peer) if one > above], self.written, self.date)

    def peer(self, message_id: int) -> Peer | None:
        return self._peers.get(message_id)

    def date(self, message_id: int) -> int:
        return self._dates[message_id]

    def written(self, message_id: int) -> Written | None:
        """None: it never was, or is deleted."""
        known = self._made.get(message_id)
        if known is None and message_id in self._sources:
            group, source_id = self._sources[message_id]
            known = self._made[message_id] = group.written(source_id, self._known_as[group.id])
        return known

    def message(self, message_id: int) -> TLObject | None:
        """As an object: the truth for checks."""
        made = self.written(message_id)
        if made is None:
            return None
        with BinaryReader(made.raw) as reader:
            return reader.tgread_object()

    def post(self, peer: Peer, date: int, make: Callable[[int], Written]) -> int:
        """A new message; `make` is told its id. Returns the id. Channels of a `Written` here may
        be basic groups too."""
        self._top += 1
        self._made[self._top] = make(self._top)
        self._file(self._top, peer, date)
        self.ledger.note(Kind.NEW, self._top)
        return self._top

    def edit(self, message_id: int, made: Written) -> None:
        """Raises KeyError when there is none."""
        _ = self._peers[message_id]
        self._made[message_id] = made
        self.ledger.note(Kind.EDITED, message_id)

    def delete(self, *ids: int) -> None:
        """Those that exist are gone."""
        gone = [one for one in dict.fromkeys(ids) if one in self._peers]
        for one in gone:
            self._made.pop(one, None)
            self._sources.pop(one, None)
            there = self._ids[self._peers.pop(one)]
            del there[bisect_left(there, one)]
        if gone:
            self.ledger.note(Kind.DELETED, *gone)

    def _fill(self, dice: Dice, groups: tuple[BasicGroup, ...]) -> None:
        known = {group.id: group for group in groups}
        said = sorted(
            (group.date(source_id), group.id, source_id)
            for group in groups
            for source_id in group.ids()
        )
        for date, group_id, source_id in said:
            self._top += dice.between(1, WIDEST_HOLE)
            self._sources[self._top] = known[group_id], source_id
            self._known_as.setdefault(group_id, {})[source_id] = self._top
            self._file(self._top, Peer("chat", group_id), date)

    def _file(self, message_id: int, peer: Peer, date: int) -> None:
        self._ids.setdefault(peer, []).append(message_id)
        self._peers[message_id], self._dates[message_id] = peer, date
