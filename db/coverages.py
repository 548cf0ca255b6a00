"""How much of each chat is stored: what is proven, beside what is there."""

from core.coverage import Coverage, Regions, measure, regions
from core.span import IntervalSet, scope_of
from db.client import Document, MongoDatabase
from db.errors import translates_errors
from db.indexes import MESSAGE_KEY
from db.memberships import Memberships
from db.messages import Messages
from db.spans import Spans

GENERAL = 1
"""The topic of messages that name none."""


@translates_errors
class Coverages:
    """Reads `spans`, `memberships` and `messages`, and writes nothing."""

    def __init__(self, database: MongoDatabase, messages: Messages, spans: Spans) -> None:
        self._collection = database["messages"]
        self._memberships = Memberships(database)
        self._messages = messages
        self._spans = spans

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
        """How many messages of an id range are stored, of a whole chat or of one topic."""
        if topic is None:
            return await self._messages.count(chat, box, lo=lo, hi=hi)
        query: Document = {
            "chat": chat,
            "box": box,
            "id": {"$gte": lo, "$lte": hi},
            "topic": {"$in": [GENERAL, None]} if topic == GENERAL else topic,
            "body": None,
        }
        return int(await self._collection.count_documents(query, hint=MESSAGE_KEY))

    async def _measured(
        self, chat: int, box: str, topic: int | None, hi: int, parted: Regions
    ) -> Coverage:
        async def count(part: IntervalSet) -> int:
            return sum(
                [
                    await self.stored(chat, box, lo=first, hi=last, topic=topic)
                    for first, last in part.ranges
                ]
            )

        in_hidden, in_gaps = await count(parted.hidden), await count(parted.gaps)
        every = await self.stored(chat, box, lo=1, hi=hi, topic=topic) if hi else 0
        in_proven = max(every - in_hidden - in_gaps, 0)
        return measure(1, hi, parted, in_proven=in_proven, in_hidden=in_hidden, in_gaps=in_gaps)
