"""A public chat whose messages are made when somebody asks for them."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from telethon.extensions import BinaryReader
from telethon.tl import types

from sandbox.dice import Dice
from sandbox.people import Person, passer_by

if TYPE_CHECKING:
    from sandbox.content.writer import Writer

CACHED_MESSAGES = 12_000
_KNUTH = 2654435761
_ALBUM_BLOCK, _ALBUM_START, _ALBUM_SIZE = 30, 10, 6


class ChatKind(StrEnum):
    SUPERGROUP = "supergroup"
    FORUM = "forum"
    CHANNEL = "channel"


class Written(NamedTuple):
    """A serialized message, and the users and channels that an answer must describe with it."""

    raw: bytes
    users: tuple[int, ...]
    channels: tuple[int, ...]


@dataclass(kw_only=True)
class Chat:
    """`size` messages exist; `holes` is the share of deleted ids. Dates are unix seconds."""

    id: int
    username: str
    title: str
    about: str
    kind: ChatKind
    language: str
    topic: str
    seed: int
    size: int
    members: int
    created: int
    newest: int
    holes: float = 0.06
    also_here: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self._cache: dict[int, Written] = {}

    @cached_property
    def _ids(self) -> "array[int]":
        return array("i", sorted(self._choose_ids()))

    def ids(self) -> Sequence[int]:
        """Existing ids, ascending; service messages too."""
        return self._ids

    @property
    def count(self) -> int:
        return len(self._ids)

    @property
    def top_id(self) -> int:
        return self._ids[-1] if self._ids else 0

    @property
    def pts(self) -> int:
        """The chat's update state: fixed, since nothing happens in it."""
        return self.top_id + 1

    def __contains__(self, message_id: int) -> bool:
        at = bisect_left(self._ids, message_id)
        return at < len(self._ids) and self._ids[at] == message_id

    def rank(self, message_id: int) -> int:
        """How many existing ids are below `message_id`."""
        return bisect_left(self._ids, message_id)

    def before(self, message_id: int, steps: int = 1) -> int:
        """The existing id `steps` earlier, or the first one."""
        return self._ids[max(0, self.rank(message_id) - steps)]

    def date(self, message_id: int) -> int:
        """Never falls with the id; the same for a whole album; also defined for holes."""
        at = self.album_of(message_id) or message_id
        return self.created + (self.newest - self.created) * at // max(1, self.top_id)

    def album_of(self, message_id: int) -> int | None:
        """The first id of the album that this message belongs to."""
        place = message_id % _ALBUM_BLOCK - _ALBUM_START
        if not 0 <= place < _ALBUM_SIZE:
            return None
        first = message_id - place
        size = Dice(f"album:{self.seed}:{self.id}:{first}").below(14) - 4
        return first if size > 1 and place < size else None

    def first_id_since(self, date: int) -> int:
        """The lowest existing id of that date or later; above the top when there is none."""
        at = bisect_left(self._ids, date, key=self.date)
        return self._ids[at] if at < len(self._ids) else self.top_id + 1

    def newer_than(self, message_id: int) -> int:
        """How many existing ids are above `message_id`."""
        return len(self._ids) - bisect_right(self._ids, message_id)

    def written(self, message_id: int) -> Written | None:
        """The message as clients get it, or None where there is a hole."""
        known = self._cache.get(message_id)
        if known is not None:
            return known
        if message_id not in self:
            return None
        made = self._writer.write(message_id)
        while len(self._cache) >= CACHED_MESSAGES:
            del self._cache[next(iter(self._cache))]
        self._cache[message_id] = made
        return made

    def message(self, message_id: int) -> types.Message | types.MessageService | None:
        """The same as an object: the truth for checks."""
        made = self.written(message_id)
        if made is None:
            return None
        with BinaryReader(made.raw) as reader:
            return reader.tgread_object()

    def messages(self) -> Iterator[types.Message | types.MessageService]:
        """All, ascending; made one by one."""
        for message_id in self._ids:
            message = self.message(message_id)
            if message is not None:
                yield message

    @cached_property
    def senders(self) -> dict[int, Person]:
        """Who writes here, by user id."""
        first = 500_000_000 + (self.id % 10_000) * 10_000
        many = min(240, 12 + self.size // 40)
        chinese = self.language == "zh"
        people = (passer_by(self.seed, first + at, chinese=chinese) for at in range(many))
        return {person.id: person for person in people}

    def topic_of(self, message_id: int) -> int:
        """Number of the forum's topic; 0 is General."""
        from sandbox.content.service import TOPICS

        return (message_id * _KNUTH >> 9) % (len(TOPICS[self.language]) + 1)

    @cached_property
    def _writer(self) -> "Writer":
        from sandbox.content.writer import Writer

        return Writer(self)

    def _choose_ids(self) -> set[int]:
        top = max(self.size, int(self.size / (1 - self.holes)))
        founding = 6 if self.kind is ChatKind.FORUM else 1
        kept = set(range(1, min(founding, self.size) + 1)) | ({top} if self.size else set())
        rest = range(founding + 1, top)
        dice = Random(f"ids:{self.seed}:{self.id}")
        return kept | set(dice.sample(rest, self.size - len(kept)))
