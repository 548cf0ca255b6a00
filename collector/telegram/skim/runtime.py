"""What the generated readers stand on: tables by constructor, and the loops worth a hand."""

import struct
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from collector.gateway import Page
from collector.telegram.mapping import ACTION_NAMES
from collector.telegram.media import PLAIN_KINDS
from collector.telegram.text import links_of_records
from core.record import ForwardRecord, ReactionRecord, Record, SenderRecord

MOST_NAMES = 20_000
"""How many people, and how many chats, are remembered; each takes about half a kilobyte."""

_HEAD = 28
"""Bytes of a user or channel until its access hash ends: they tell almost any two apart."""

MOST_COUNTS = 5_000
"""How many reactions, each with a count, are remembered."""

_COUNT = 24
"""Bytes of a plain emoji with a count: a constructor's id, flags, the emoji, the count."""

_BOOLS = (0x997275B5, 0xBC799737)
_INT = struct.Struct("<i").unpack_from


class Unfamiliar(Exception):  # no error: Telethon is asked instead
    """A page has something that skimming does not know. `key` is a constructor's four bytes."""

    def __init__(self, key: bytes) -> None:
        super().__init__(key.hex())
        self.key = key


class Table(dict[bytes, Any]):
    """By the four bytes of a constructor."""

    def __missing__(self, key: bytes) -> Any:
        raise Unfamiliar(key)


class Draft:
    """A page that is being read."""

    __slots__ = (
        "box",
        "chat",
        "chats",
        "empty",
        "foreign",
        "found",
        "nameless",
        "pts",
        "senders",
        "total",
        "users",
    )

    def __init__(self, chat: int, box: str) -> None:
        self.chat = chat
        self.box = box
        self.total = 0
        self.foreign = 0
        self.pts: int | None = None
        self.found: list[Record] = []
        self.empty: list[int] = []
        self.nameless: list[ForwardRecord] = []
        self.senders: dict[int, SenderRecord] = {}
        self.chats: dict[int, str | None] = {}
        self.users: dict[int, str | None] = {}

    def sender(self, marked: int) -> SenderRecord:
        """A new one; its name comes with the users, which come last."""
        sender = self.senders[marked] = {"id": marked}
        return sender

    def page(self) -> Page:
        """The page, with its names: nobody has seen these values before."""
        names = {**self.users, **self.chats}
        for marked, sender in self.senders.items():
            if (name := names.get(marked)) is not None:
                sender["name"] = name
        for forward in self.nameless:
            if (name := names.get(forward["sender"])) is not None:
                forward["name"] = name
        return Page(
            messages=tuple(self.found), empty=tuple(self.empty), total=self.total, pts=self.pts
        )


def key_of(cls: Any) -> bytes:
    """A constructor as it begins on the wire."""
    return int(cls.CONSTRUCTOR_ID).to_bytes(4, "little")


def long_string(data: bytes, pos: int) -> tuple[str, int]:
    """A string of 254 bytes or more."""
    size = int.from_bytes(data[pos + 1 : pos + 4], "little")
    return data[pos + 4 : pos + 4 + size].decode("utf-8", "replace"), (pos + 7 + size) & -4


def ints(data: bytes, pos: int) -> tuple[tuple[int, ...], int]:
    """A vector of them."""
    count = max(0, _INT(data, pos + 4)[0])
    if count > len(data):
        raise IndexError("a vector longer than its page")
    return struct.unpack_from(f"<{count}i", data, pos + 8), pos + 8 + 4 * count


class Counts:
    """Reads vectors of reactions with their counts. Most take the same few bytes, and recur."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._known: dict[bytes, ReactionRecord] = {}

    def __call__(self, data: bytes, pos: int) -> tuple[list[ReactionRecord], int]:
        count = _INT(data, pos + 4)[0]
        pos += 8
        found = []
        for _ in range(count):
            raw = data[pos : pos + _COUNT]
            reaction = self._known.get(raw)
            if reaction is None:
                reaction, end = self._table[raw[:4]](data, pos + 4)
                if end == pos + _COUNT == pos + len(raw):
                    self._remember(raw, reaction)
                pos = end
            else:
                pos += _COUNT
            found.append(reaction)
        return found, pos

    def _remember(self, raw: bytes, reaction: ReactionRecord) -> None:
        if len(self._known) >= MOST_COUNTS:
            self._known.clear()
        self._known[raw] = reaction


class Names:
    """Reads vectors of people or chats. The same bytes mean the same, so they are read once."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._known: dict[bytes, tuple[bytes, int, str | None]] = {}

    def __call__(self, data: bytes, pos: int, names: dict[int, str | None]) -> int:
        known = self._known
        count = _INT(data, pos + 4)[0]
        pos += 8
        for _ in range(count):
            head = data[pos : pos + _HEAD]
            entry = known.get(head)
            if entry is None or not data.startswith(entry[0], pos):
                entry = known[head] = self._read(data, pos)
            raw, marked, name = entry
            pos += len(raw)
            names[marked] = name
        return pos

    def _read(self, data: bytes, pos: int) -> tuple[bytes, int, str | None]:
        (marked, name), end = self._table[data[pos : pos + 4]](data, pos + 4)
        if end > len(data):
            raise IndexError("a name beyond the end of its page")
        if len(self._known) >= MOST_NAMES:
            self._known.clear()
        return data[pos:end], marked, name


def namespace(skips: Table) -> dict[str, Any]:
    """The names that generated code uses, but for the tables that it fills itself."""
    peers = (types.PeerUser, types.PeerChat, types.PeerChannel)
    counts, chats, users = Table(), Table(), Table()
    names: dict[str, Any] = {
        "ACTIONS": Table({key_of(cls): name for cls, name in ACTION_NAMES.items()}),
        "BOOLS": Table({number.to_bytes(4, "little"): None for number in _BOOLS}),
        "CHANNEL": key_of(types.PeerChannel),
        "CHATS": chats,
        "COUNTED": Counts(counts),
        "COUNTS": counts,
        "DATE": datetime.fromtimestamp,
        "GROUP": key_of(types.PeerChat),
        "INTS": ints,
        "LINKS": links_of_records,
        "LONG_STRING": long_string,
        "NAMED_CHATS": Names(chats),
        "NAMED_USERS": Names(users),
        "PEERS": Table({key_of(cls): None for cls in peers}),
        "PLAIN": {kind: {"kind": kind} for kind in PLAIN_KINDS.values()},
        "SKIP": skips,
        "USER": key_of(types.PeerUser),
        "USERS": users,
        "UTC": UTC,
        "Unfamiliar": Unfamiliar,
    }
    return names
