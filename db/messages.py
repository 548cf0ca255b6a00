"""Collected messages: each once, the newest edit wins."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo import DESCENDING, ReplaceOne
from pymongo.errors import BulkWriteError

from core.message import Message
from db.client import Document, MongoDatabase
from db.codec import message_document, message_of
from db.errors import translates_errors

DUPLICATE_KEY = 11000


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch: the places in it of what was in the store before."""

    new: int
    repeated: frozenset[int] = frozenset()


@translates_errors
class Messages:
    """The `messages` collection, unique by (chat, box, id)."""

    def __init__(self, database: MongoDatabase) -> None:
        self._messages = database["messages"]

    async def add_new(self, batch: Sequence[Message]) -> Stored:
        """Store a batch once; those known already are only touched by a newer edit.

        Returns after a majority acknowledged all of it.
        """
        documents = [message_document(message) for message in batch]
        if not documents:
            return Stored(0)
        repeated: set[int] = set()
        try:
            await self._messages.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            repeated = _repeated(error)
        await self._apply_edits([documents[index] for index in repeated])
        return Stored(len(documents) - len(repeated), frozenset(repeated))

    async def ids(self, chat: int, box: str = "") -> AsyncIterator[int]:
        """The stored ids of a chat, ascending."""
        cursor = self._messages.find({"chat": chat, "box": box}, {"_id": 0, "id": 1}).sort("id", 1)
        async for document in cursor:
            yield document["id"]

    async def stream(
        self,
        chat: int,
        box: str = "",
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        lo: int = 1,
    ) -> AsyncIterator[Message]:
        """The stored messages of a chat from id `lo`, oldest first."""
        query: Document = {"chat": chat, "box": box, "id": {"$gte": lo}}
        dates = {"$gte": since, "$lte": until}
        if wanted := {name: date for name, date in dates.items() if date is not None}:
            query["date"] = wanted
        async for document in self._messages.find(query).sort("id", 1):
            yield message_of(document)

    async def latest(self, chat: int, box: str = "", *, limit: int = 5) -> list[Message]:
        """The newest stored messages, newest first."""
        cursor = self._messages.find({"chat": chat, "box": box}).sort("id", DESCENDING)
        return [message_of(document) async for document in cursor.limit(limit)]

    async def count(self, chat: int, box: str = "", *, lo: int = 1, hi: int = 2**31) -> int:
        """How many messages of an id range are stored."""
        query = {"chat": chat, "box": box, "id": {"$gte": lo, "$lte": hi}}
        return int(await self._messages.count_documents(query))

    async def nth_newest(self, chat: int, box: str, *, lo: int, hi: int, n: int) -> int | None:
        """The id of the n-th newest (from 1) stored message in an id range."""
        query = {"chat": chat, "box": box, "id": {"$gte": lo, "$lte": hi}}
        cursor = self._messages.find(query, {"id": 1}).sort("id", DESCENDING)
        async for document in cursor.skip(n - 1).limit(1):
            return int(document["id"])
        return None

    async def _apply_edits(self, documents: Sequence[Document]) -> None:
        updates = [
            ReplaceOne(
                {**_identity(document), "$or": _older_than(document["edit_date"])},
                {name: value for name, value in document.items() if name != "_id"},
            )
            for document in documents
            if "edit_date" in document
        ]
        if updates:
            await self._messages.bulk_write(updates, ordered=False)


def _older_than(edit_date: datetime) -> list[Document]:
    return [{"edit_date": {"$exists": False}}, {"edit_date": {"$lt": edit_date}}]


def _identity(document: Document) -> Document:
    return {"chat": document["chat"], "box": document["box"], "id": document["id"]}


def _repeated(error: BulkWriteError) -> set[int]:
    details = error.details or {}
    failed = details.get("writeErrors", [])
    if details.get("writeConcernErrors") or any(e["code"] != DUPLICATE_KEY for e in failed):
        raise error
    return {failure["index"] for failure in failed}
