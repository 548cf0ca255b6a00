"""Messages that are stored and not understood, until a newer version reads them."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import UpdateOne

from core.age import FIRST
from core.undecoded import Undecoded
from db.client import Document, MongoDatabase
from db.codec import from_document, part
from db.errors import translates_errors

MOST_ASKED = 1_000
"""Messages of which it is looked at once in which chats they are."""


@translates_errors
class UndecodedMessages:
    """The `undecoded` collection, unique by (chat, box, id). None of them is in `messages`, but
    where an edit made of a message that was read one that is not understood."""

    def __init__(self, database: MongoDatabase) -> None:
        self._undecoded = database["undecoded"]

    async def keep(self, batch: Sequence[Undecoded], at: datetime) -> int:
        """Store them, each as it came last; how many were not known. Returns after a majority
        acknowledged all of it."""
        if not batch:
            return 0
        changes = [
            UpdateOne(_key(one), {"$set": part(one), "$setOnInsert": {"at": at}}, upsert=True)
            for one in batch
        ]
        return int((await self._undecoded.bulk_write(changes, ordered=False)).upserted_count)

    async def of_chat(self, chat: int, box: str) -> list[Undecoded]:
        """Those of a chat, in the order of their ids."""
        cursor = self._undecoded.find({"chat": chat, "box": box}).sort("id", 1)
        return [from_document(Undecoded, document) async for document in cursor]

    async def count(
        self,
        chat: int,
        box: str,
        *,
        lo: int = 1,
        hi: int = 2**31,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> int:
        """How many of an id range there are; one whose date is not known is of any time."""
        query, dates = _range(chat, box, lo, hi), {"$gte": since, "$lte": until}
        if bounds := {name: date for name, date in dates.items() if date is not None}:
            query["$or"] = [{"date": None}, {"date": bounds}]
        return int(await self._undecoded.count_documents(query))

    async def boxes(self, chat: int) -> list[str]:
        """The boxes of a chat that hold any."""
        return list(await self._undecoded.distinct("box", {"chat": chat}))

    async def older(self, decoder: str, *, limit: int) -> list[tuple[int, str]]:
        """Chats and boxes with messages that another version than `decoder` did not understand."""
        stages: list[Document] = [
            {"$match": {"decoder": {"$ne": decoder}}},
            {"$limit": MOST_ASKED},
            {"$group": {"_id": {"chat": "$chat", "box": "$box"}}},
            {"$limit": limit},
        ]
        cursor = self._undecoded.aggregate(stages)
        return [(one["_id"]["chat"], one["_id"]["box"]) async for one in cursor]

    async def unasked(self, chat: int, box: str, decoder: str, *, limit: int) -> list[int]:
        """The ids of a chat that `decoder` has not tried, newest first."""
        query = {"chat": chat, "box": box, "decoder": {"$ne": decoder}}
        cursor = self._undecoded.find(query, {"_id": 0, "id": 1}).sort("id", -1).limit(limit)
        return [int(document["id"]) async for document in cursor]

    async def asked(self, chat: int, box: str, ids: Sequence[int], decoder: str) -> None:
        """`decoder` tried these, whatever came of it."""
        query = {"chat": chat, "box": box, "id": {"$in": list(ids)}}
        await self._undecoded.update_many(query, {"$set": {"decoder": decoder}})

    async def drop(self, chat: int, box: str, ids: Sequence[int]) -> int:
        """These are understood now, or gone; how many were kept."""
        if not ids:
            return 0
        query = {"chat": chat, "box": box, "id": {"$in": list(ids)}}
        return int((await self._undecoded.delete_many(query)).deleted_count)

    async def forget(self, chat: int) -> None:
        """Remove those of a chat."""
        await self._undecoded.delete_many({"chat": chat})

    async def forget_until(self, chat: int, box: str, last: int) -> None:
        """Remove those up to the id `last`."""
        await self._undecoded.delete_many(_range(chat, box, 0, last))

    async def forget_before(self, chat: int, before: datetime) -> None:
        """Remove those from before a time; one without a true date counts from when it came."""
        dated = {"$gte": FIRST, "$lt": before}
        undated = {"date": {"$not": {"$gte": FIRST}}, "at": {"$lt": before}}
        await self._undecoded.delete_many({"chat": chat, "$or": [{"date": dated}, undated]})


def _key(one: Undecoded) -> Document:
    return {"chat": one.chat, "box": one.box, "id": one.id}


def _range(chat: int, box: str, lo: int, hi: int) -> Document:
    return {"chat": chat, "box": box, "id": {"$gte": lo, "$lte": hi}}
