"""How much of each chat is stored: what is proven, beside what is there."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from core.coverage import NOTHING, Coverage, Regions, filled, measure, regions
from core.span import IntervalSet, scope_of
from db.client import Document, MongoDatabase
from db.errors import translates_errors
from db.indexes import MESSAGE_KEY
from db.memberships import Memberships
from db.messages import Messages
from db.spans import Spans
from db.tallies import Tallies
from db.topics import of_topic
from db.undecoded import UndecodedMessages

SHORT, TOGETHER = 100, 1_000
"""Ids of a range that is not asked for alone, and ids that are asked for at once: what is unknown
is often a few ids here and there."""


@translates_errors
class Coverages:
    """Reads `spans`, `memberships`, `messages` and `undecoded`, and writes nothing."""

    def __init__(
        self, database: MongoDatabase, spans: Spans, messages: Messages, tallies: Tallies
    ) -> None:
        self._collection = database["messages"]
        self._memberships = Memberships(database)
        self._spans = spans
        self._messages = messages
        self._tallies = tallies
        self._undecoded = UndecodedMessages(database)

    async def of_chat(
        self, chat: int, box: str, *, top: int | None = None, topic: int | None = None
    ) -> Coverage:
        """From the first id to the newest that was seen: `top`, or what is stored or proven."""
        proven = await self._spans.coverage(chat, box, scope_of(topic))
        newest = [number for number, _ in await self._messages.newest(chat, box, limit=1)]
        hi = max([top or 0, *newest, *(last for _, last in proven.ranges[-1:])])
        parted = regions(1, hi, proven, await self._memberships.floors(chat))
        return await self._measured(chat, box, topic, hi, parted)

    async def stored(
        self, chat: int, box: str, *, lo: int, hi: int, topic: int | None = None
    ) -> int:
        """How many messages of an id range are stored, of a whole chat or of one topic: each of
        them is looked at."""
        if topic is None:
            return await self._messages.count(chat, box, lo=lo, hi=hi)
        return await self._counted(_query(chat, box, topic, {"$gte": lo, "$lte": hi}))

    async def _measured(
        self, chat: int, box: str, topic: int | None, hi: int, parted: Regions
    ) -> Coverage:
        in_hidden = sum(await self._within(chat, box, topic, parted.hidden))
        in_gaps = await self._within(chat, box, topic, parted.gaps)
        every = await self.shown(chat, box, topic, 1, hi) if hi else 0
        lost = await self._lost(chat, box, topic)
        known = [
            count + sum(last - first + 1 for first, last in lost.within(*gap).ranges)
            for gap, count in zip(parted.gaps.ranges, in_gaps, strict=True)
        ]
        return measure(
            1,
            hi,
            parted,
            in_proven=max(every - in_hidden - sum(in_gaps), 0),
            in_hidden=in_hidden,
            in_gaps=sum(in_gaps),
            undecoded=lost,
            stored_gaps=filled(parted.gaps, known),
        )

    async def _lost(self, chat: int, box: str, topic: int | None) -> IntervalSet:
        """What is not understood, and so of no topic; not what is stored from before its edit."""
        if topic is not None:
            return NOTHING
        ids = [one.id for one in await self._undecoded.of_chat(chat, box)]
        stored = await self._messages.held(chat, box, ids)
        return IntervalSet.of((number, number) for number in ids if number not in stored)

    async def _within(self, chat: int, box: str, topic: int | None, part: IntervalSet) -> list[int]:
        """How many messages are stored in each range."""
        short = [
            number for lo, hi in part.ranges if hi - lo < SHORT for number in range(lo, hi + 1)
        ]
        there = await self._there(chat, box, topic, short)
        return [
            bisect_right(there, hi) - bisect_left(there, lo)
            if hi - lo < SHORT
            else await self.shown(chat, box, topic, lo, hi)
            for lo, hi in part.ranges
        ]

    async def _there(self, chat: int, box: str, topic: int | None, ids: Sequence[int]) -> list[int]:
        """Which of these ids are stored, ascending."""
        found: list[int] = []
        for start in range(0, len(ids), TOGETHER):
            some = {"$in": list(ids[start : start + TOGETHER])}
            query = _query(chat, box, topic, some)
            cursor = self._collection.find(query, {"_id": 0, "id": 1}).hint(MESSAGE_KEY)
            found += [one["id"] async for one in cursor]
        return sorted(found)

    async def shown(self, chat: int, box: str, topic: int | None, lo: int, hi: int) -> int:
        """How many messages of an id range are stored, by counts that are kept, but of a topic."""
        if topic is None:
            return await self._tallies.stored(chat, box, lo=lo, hi=hi)
        return await self.stored(chat, box, lo=lo, hi=hi, topic=topic)

    async def _counted(self, query: Document) -> int:
        return int(await self._collection.count_documents(query, hint=MESSAGE_KEY))


def _query(chat: int, box: str, topic: int | None, ids: Document) -> Document:
    """Messages with a body; one without a topic is of the general one."""
    return {"chat": chat, "box": box, "id": ids, **of_topic(topic), "body": None}
