"""Small numbers that people read, and the queue's virtual time."""

from typing import cast

from pymongo import ReturnDocument, WriteConcern

from db.client import MongoDatabase
from db.errors import translates_errors


@translates_errors
class Sequences:
    """Counters in one collection; each call is one atomic update."""

    def __init__(self, database: MongoDatabase) -> None:
        self._counters = database["sequences"]
        self._marks = self._counters.with_options(write_concern=WriteConcern(w=1))

    async def next(self, name: str) -> int:
        """The next number of a sequence, from 1."""
        document = await self._counters.find_one_and_update(
            {"_id": name},
            {"$inc": {"value": 1}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return cast("int", document["value"])

    async def raise_to(self, name: str, value: float) -> None:
        """Move a mark up to `value`; never down. A failover may take it back a little."""
        await self._marks.update_one({"_id": name}, {"$max": {"value": value}}, upsert=True)

    async def read(self, name: str) -> float:
        """The mark, 0 when it was never moved."""
        document = await self._counters.find_one({"_id": name})
        return 0.0 if document is None else float(document["value"])
