"""A chat whose messages are made when somebody asks for them."""

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from telethon.extensions import BinaryReader
from telethon.tl import types

from sandbox.entrance import OPEN, Entrance
from sandbox.moving import Moving
from sandbox.people import Person, passer_by

if TYPE_CHECKING:
    from sandbox.content.discussed import DiscussedWriter
    from sandbox.content.library import Librarian, Library
    from sandbox.content.writer import Writer
    from sandbox.threads import Discussion

FORUM_TOPICS = 5
BLOCK = 50
CACHED_BLOCKS = 240
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
class Chat(Moving):
    """`size` messages exist; `holes` is the share of deleted ids, and in `gaps` (oldest and newest
    id) there is nothing. Dates are unix seconds. Without a `username` it is private. `protected`:
    nothing may be saved or forwarded. `linked_id`: the discussion group of a channel, and the
    channel of that. `migrated_from`: the basic group that it was."""

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
    gaps: tuple[tuple[int, int], ...] = ()
    also_here: tuple[int, ...] = ()
    entrance: Entrance = OPEN
    protected: bool = False
    linked_id: int | None = None
    migrated_from: int | None = None

    library: "Library | None" = None

    def __post_init__(self) -> None:
        self._blocks: OrderedDict[int, list[Written]] = OrderedDict()
        self._born: dict[int, int] = {}
        self._own: dict[int, Written] = {}
        self._as_seeded = True
        self.discussion: Discussion | None = None
        self.by_topic: tuple[int, dict[int, list[int]]] = (0, {})

    @cached_property
    def _seeded(self) -> "array[int]":
        return array("i", sorted(self._choose_ids()))

    @cached_property
    def _ids(self) -> "array[int]":
        return self._seeded[:]

    @cached_property
    def seeded_top(self) -> int:
        """The last message of the history that was there from the start."""
        return self._seeded[-1] if self._seeded else 0

    def seeded_ids(self) -> Sequence[int]:
        """Ids of the history that was there from the start, ascending; deleted ones too."""
        return self._seeded

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
    def public(self) -> bool:
        return bool(self.username)

    def __contains__(self, message_id: int) -> bool:
        at = bisect_left(self._ids, message_id)
        return at < len(self._ids) and self._ids[at] == message_id

    def rank(self, message_id: int) -> int:
        """How many existing ids are below `message_id`."""
        return bisect_left(self._ids, message_id)

    def before(self, message_id: int, steps: int = 1) -> int:
        """The id `steps` earlier, or the first one: of those that ever existed, so that what was
        said stays as it is."""
        early = message_id - steps - self.seeded_top
        if early > 0:
            return message_id - steps
        if message_id > self.seeded_top:
            return self._seeded[max(0, len(self._seeded) - 1 + early)]
        return self._seeded[max(0, bisect_left(self._seeded, message_id) - steps)]

    def date(self, message_id: int) -> int:
        """Never falls with the id; the same for a whole album; also defined for holes."""
        return self.moment(self.album_of(message_id) or message_id)

    def moment(self, message_id: int) -> int:
        """The date of a message that belongs to no album."""
        if message_id > self.seeded_top:
            return self._born.get(message_id, self.newest)
        top, span, step = self._course
        even = self.created + span * (message_id - 1) // top
        return even + _mixed(message_id + self.id) % step

    @cached_property
    def _course(self) -> tuple[int, int, int]:
        """(ids, seconds from the first to the last, seconds for each)."""
        top, span = max(1, self.seeded_top), self.newest - self.created
        return top, span, max(1, span // top)

    def album_of(self, message_id: int) -> int | None:
        """The first id of the album that this message belongs to."""
        place = message_id % _ALBUM_BLOCK - _ALBUM_START
        if not 0 <= place < _ALBUM_SIZE:
            return None
        first = message_id - place
        size = _mixed(first + self.seed + self.id) % 14 - 4
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
        return self._current(message_id) if message_id in self else None

    def page(self, oldest: int, newest: int) -> list[Written]:
        """The messages of ranks `oldest` to `newest` (excluded), newest first."""
        if newest <= oldest:
            return []
        if not self._as_seeded:
            return [self._current(one) for one in self._ids[oldest:newest][::-1]]
        first, last = oldest // BLOCK, (newest - 1) // BLOCK
        found: list[Written] = []
        for number in range(first, last + 1):
            found += self._block(number)
        begin = oldest - first * BLOCK
        return found[begin : begin + newest - oldest][::-1]

    def _current(self, message_id: int) -> Written:
        """A message that exists, as it reads now."""
        known = self._own.get(message_id)
        if known is not None:
            return known
        if message_id > self.seeded_top:
            return self._writer.write(message_id)
        rank = bisect_left(self._seeded, message_id)
        return self._block(rank // BLOCK)[rank % BLOCK]

    def _block(self, number: int) -> list[Written]:
        known = self._blocks.get(number)
        if known is not None:
            return known
        ids = self._seeded[number * BLOCK : (number + 1) * BLOCK]
        made = self._blocks[number] = [self._writer.write(message_id) for message_id in ids]
        if len(self._blocks) > CACHED_BLOCKS:
            self._blocks.popitem(last=False)
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
        for message_id in tuple(self._ids):
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
        return _mixed(message_id) % (FORUM_TOPICS + 1)

    def topic_id_of(self, message_id: int) -> int:
        """The topic as it is named: by the message that made it; General is 1."""
        if message_id <= FORUM_TOPICS + 1:
            return message_id
        return 1 if self.is_service(message_id) else self.topic_of(message_id) + 1

    def is_service(self, message_id: int) -> bool:
        """Whether what follows from the seed for this id is a service message."""
        return self._writer.is_service(message_id)

    @cached_property
    def newest_of_topics(self) -> dict[int, int]:
        """Topic id -> its newest message."""
        newest: dict[int, int] = {}
        for message_id in reversed(self._ids):
            newest.setdefault(self.topic_id_of(message_id), message_id)
            if len(newest) > FORUM_TOPICS:
                break
        return newest

    def prepare(self) -> None:
        """Makes now what the first message would make."""
        self._writer.prepare()

    @cached_property
    def _writer(self) -> "Writer | DiscussedWriter | Librarian":
        from sandbox.content.discussed import DiscussedWriter
        from sandbox.content.library import Librarian
        from sandbox.content.writer import Writer

        if self.library is not None:
            return Librarian(self, self.library)
        plain = Writer(self)
        return DiscussedWriter(self, plain, self.discussion) if self.discussion else plain

    def _choose_ids(self) -> set[int]:
        missing = sum(high - low + 1 for low, high in self.gaps)
        top = max(self.size, int(self.size / (1 - self.holes))) + missing
        founding = 6 if self.kind is ChatKind.FORUM else 1
        kept = set(range(1, min(founding, self.size) + 1)) | ({top} if self.size else set())
        rest: Sequence[int] = range(founding + 1, top)
        if self.gaps:
            rest = [one for one in rest if not any(low <= one <= high for low, high in self.gaps)]
        dice = Random(f"ids:{self.seed}:{self.id}")
        return kept | set(dice.sample(rest, self.size - len(kept)))


def _mixed(number: int) -> int:
    """16 bits that look like chance."""
    number = (number ^ number >> 15) * _KNUTH & 0xFFFFFFFF
    return (number ^ number >> 13) * _KNUTH >> 12 & 0xFFFF
