"""What is proven of each chat."""

from core.job import JobKey
from core.span import WHOLE_CHAT, IntervalSet, Span
from db.client import MongoDatabase
from db.codec import part
from db.errors import translates_errors

FEW = 20
"""Spans of one owner that need not be put together."""


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
        """The union of a chat's spans; those of the whole chat prove each topic, too."""
        cursor = self._spans.find(
            {"chat": chat, "box": box, "scope": {"$in": list({scope, WHOLE_CHAT})}},
            {"_id": 0, "lo": 1, "hi": 1},
        )
        return IntervalSet.of([(row["lo"], row["hi"]) async for row in cursor])

    async def join(self, chat: int, box: str, owner: str, *, above: int = FEW) -> int:
        """Put the spans whose job is `owner` together, if there are more than `above`; how many
        went. Nobody may be extending one of them. What is proven stays proven all the while.
        """
        query = {"chat": chat, "box": box, "scope": WHOLE_CHAT}
        mine = [
            span async for span in self._spans.find(query) if span["_id"].startswith(f"{owner}:")
        ]
        if len(mine) <= above:
            return 0
        newest = max(mine, key=lambda span: span["read_at"])
        whole = IntervalSet.of((span["lo"], span["hi"]) for span in mine)
        kept = {f"{owner}:joined:{lo}:{hi}": (lo, hi) for lo, hi in whole.ranges}
        for name, (lo, hi) in kept.items():
            joined = {**newest, "lo": lo, "hi": hi}
            joined.pop("_id")
            await self._spans.replace_one({"_id": name}, joined, upsert=True)
        gone = [span["_id"] for span in mine if span["_id"] not in kept]
        await self._spans.delete_many({"_id": {"$in": gone}})
        return len(gone)

    async def cut(self, chat: int, box: str, last: int) -> None:
        """Nothing up to the id `last` is proven any more."""
        where = {"chat": chat, "box": box}
        await self._spans.delete_many({**where, "hi": {"$lte": last}})
        await self._spans.update_many({**where, "lo": {"$lte": last}}, {"$set": {"lo": last + 1}})

    async def readers(self, chat: int) -> set[int]:
        """The accounts that proved something of a chat."""
        return {int(account) for account in await self._spans.distinct("account", {"chat": chat})}

    async def forget(self, chat: int) -> int:
        """Nothing of a chat is proven any more; how many spans went."""
        result = await self._spans.delete_many({"chat": chat})
        return int(result.deleted_count)
