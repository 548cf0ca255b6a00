"""What is proven of each chat."""

from core.job import JobKey
from core.span import WHOLE_CHAT, IntervalSet, Span
from db.client import MongoDatabase
from db.codec import part
from db.errors import translates_errors


@translates_errors
class Spans:
    """The `spans` collection: one open document per job, token and range, growing downwards."""

    def __init__(self, database: MongoDatabase) -> None:
        self._spans = database["spans"]

    async def extend(self, key: JobKey, span: Span) -> None:
        """Record that `span` is proven; a later call with the same `hi` moves its `lo` down.

        Only after every message in it was acknowledged by a majority.
        """
        fields = part(span)
        lo = fields.pop("lo")
        await self._spans.update_one(
            {"_id": f"{key.job}:{key.token}:{span.hi}"},
            {"$set": fields, "$min": {"lo": lo}},
            upsert=True,
        )

    async def coverage(self, chat: int, box: str, scope: str = WHOLE_CHAT) -> IntervalSet:
        """The union of a chat's spans."""
        cursor = self._spans.find(
            {"chat": chat, "box": box, "scope": scope}, {"_id": 0, "lo": 1, "hi": 1}
        )
        return IntervalSet.of([(row["lo"], row["hi"]) async for row in cursor])

    async def forget(self, chat: int) -> int:
        """Nothing of a chat is proven any more; how many spans went."""
        result = await self._spans.delete_many({"chat": chat})
        return int(result.deleted_count)
