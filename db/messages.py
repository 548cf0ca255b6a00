"""Collected messages: each once, the newest edit wins, deletions are final."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo import DESCENDING

from core.age import Dated, oldest
from core.message import DeletionPolicy, Edit, Message, Version
from core.record import Record, record_of
from db.bare import count_keys, insert_new
from db.client import Document, MongoDatabase
from db.codec import message_of
from db.edits import Edits
from db.errors import translates_errors
from db.indexes import MESSAGE_KEY
from db.names import Names
from db.stamps import is_of
from db.tallies import Tallies, blocks_of, count_bodiless
from db.tombstones import Tombstones
from db.topics import of_topic
from db.undecoded import UndecodedMessages
from db.versions import Versions

_HAS_BODY: Document = {"body": None}


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch: the places in it of what was in the store before."""

    new: int
    repeated: frozenset[int] = frozenset()


@translates_errors
class Messages:
    """The `messages` collection, unique by (chat, box, id).

    What is read out of it has a body: a deleted message of a chat whose policy keeps it shows when
    it was deleted, one that was cleared is as if it had never been.
    """

    def __init__(self, database: MongoDatabase) -> None:
        self._messages = database["messages"]
        self._versions = Versions(database)
        self._names = Names(database)
        self._edits = Edits(database, self._versions)
        self._tombstones = Tombstones(database, self._versions)
        self._tallies = Tallies(database)
        self._undecoded = UndecodedMessages(database)

    async def stored_by(self, owner: str, chat: int, box: str, ids: Sequence[int]) -> set[int]:
        """Which of these messages `owner` was the first to store, in whichever attempt."""
        query = {"chat": chat, "box": box, "id": {"$in": list(ids)}}
        cursor = self._messages.find(query, {"id": 1})
        return {one["id"] async for one in cursor if is_of(one["_id"], owner)}

    async def add_new(self, batch: Sequence[Message]) -> Stored:
        """`add_records` of these messages."""
        return await self.add_records([record_of(message) for message in batch])

    async def add_records(self, batch: Sequence[Record]) -> Stored:
        """Store a batch once; those known already are only touched by a newer edit and by a name
        that they lack, and those deleted already only as their tombstone allows.

        Returns after a majority acknowledged all of it.
        """
        if not batch:
            return Stored(0)
        repeated = await insert_new(self._messages, batch)
        known = [dict(batch[place]) for place in sorted(repeated)]
        await self._edits.meet(known)
        await self._names.fill(known)
        await self._tallies.void(blocks_of(batch))
        return Stored(len(batch) - len(repeated), frozenset(repeated))

    async def edit(self, batch: Sequence[Edit]) -> None:
        """Store edited messages, known or not: of each the newest (edit_date, pts) stays, and what
        it said before goes to its versions.

        Returns after a majority acknowledged all of it.
        """
        documents = [
            {**record_of(edit.message), **({} if edit.pts is None else {"pts": edit.pts})}
            for edit in batch
        ]
        await self._apply(documents)

    async def edit_records(self, batch: Sequence[Record], pts: int) -> None:
        """Store messages as history shows them at the state `pts` or later: among the edits of one
        second they come behind those that were told up to then.

        Returns after a majority acknowledged all of it.
        """
        await self._apply([{"pts": pts, **record} for record in batch])

    async def delete(
        self, chat: int, box: str, ids: Sequence[int], at: datetime, policy: DeletionPolicy
    ) -> None:
        """Remember that these messages, stored or not, were deleted in Telegram.

        Only for what Telegram told: a message that is merely absent from a page is not deleted.
        Returns after a majority acknowledged all of it.
        """
        await self._tombstones.set(chat, box, ids, at, policy)
        if policy is DeletionPolicy.MIRROR:
            await self._undecoded.drop(chat, box, ids)
        await self._tallies.void(blocks_of({"chat": chat, "box": box, "id": one} for one in ids))

    async def versions(self, chat: int, box: str, message: int) -> list[Version]:
        """What a message said before its edits, oldest first."""
        return await self._versions.of(chat, box, message)

    async def ids(self, chat: int, box: str = "") -> AsyncIterator[int]:
        """The stored ids of a chat, ascending."""
        query = {"chat": chat, "box": box, **_HAS_BODY}
        cursor = self._messages.find(query, {"_id": 0, "id": 1}).sort("id", 1)
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
        query: Document = {"chat": chat, "box": box, "id": {"$gte": lo}, **_HAS_BODY}
        dates = {"$gte": since, "$lte": until}
        if wanted := {name: date for name, date in dates.items() if date is not None}:
            query["date"] = wanted
        async for document in self._messages.find(query).sort("id", 1):
            yield message_of(document)

    async def latest(self, chat: int, box: str = "", *, limit: int = 5) -> list[Message]:
        """The newest stored messages, newest first."""
        query = {"chat": chat, "box": box, **_HAS_BODY}
        cursor = self._messages.find(query).sort("id", DESCENDING)
        return [message_of(document) async for document in cursor.limit(limit)]

    async def newest(self, chat: int, box: str, *, limit: int) -> list[tuple[int, datetime]]:
        """The ids and dates of the newest stored messages, newest first."""
        query = {"chat": chat, "box": box, **_HAS_BODY}
        cursor = self._messages.find(query, {"_id": 0, "id": 1, "date": 1})
        cursor = cursor.sort("id", DESCENDING).limit(limit)
        return [(document["id"], document["date"]) async for document in cursor]

    async def held(self, chat: int, box: str, ids: Sequence[int]) -> set[int]:
        """Which of these ids are stored with a body."""
        if not ids:
            return set()
        query = {"chat": chat, "box": box, "id": {"$in": list(ids)}, **_HAS_BODY}
        found = self._messages.find(query, {"_id": 0, "id": 1})
        return {document["id"] async for document in found}

    async def places(self, box: str, ids: Sequence[int]) -> dict[int, int]:
        """The chats of stored messages of a box that is not shared, by their ids."""
        query = {"box": box, "id": {"$in": list(ids)}}
        cursor = self._messages.find(query, {"_id": 0, "id": 1, "chat": 1})
        return {document["id"]: document["chat"] async for document in cursor}

    async def count(self, chat: int, box: str = "", *, lo: int = 1, hi: int = 2**31) -> int:
        """How many messages of an id range are stored."""
        query: Document = {"chat": chat, "box": box, "id": {"$gte": lo, "$lte": hi}}
        every = await count_keys(self._messages, query, MESSAGE_KEY)
        return every - await count_bodiless(self._messages, query)

    async def nth_newest(
        self, chat: int, box: str, *, lo: int, hi: int, n: int, topic: int | None = None
    ) -> int | None:
        """The id of the n-th newest (from 1) stored message in an id range, or of a topic there."""
        query = {"chat": chat, "box": box, "id": {"$gte": lo, "$lte": hi}, **_HAS_BODY}
        query |= of_topic(topic)
        cursor = self._messages.find(query, {"id": 1}).sort("id", DESCENDING)
        async for document in cursor.skip(n - 1).limit(1):
            return int(document["id"])
        return None

    async def holds(self, chat: int) -> bool:
        """Whether anything of a chat is stored, in any box."""
        query = {"chat": chat}
        return await self._messages.find_one(query, {"_id": 1}, hint=MESSAGE_KEY) is not None

    async def boxes(self, chat: int) -> list[str]:
        """The boxes of a chat that hold anything."""
        return list(await self._messages.distinct("box", {"chat": chat}))

    async def last_before(
        self,
        chat: int,
        box: str,
        before: datetime,
        *,
        now: datetime | None = None,
        limit: int = 1000,
    ) -> int | None:
        """The last id of the oldest messages that are all older than `before`, as `core.age` tells;
        of the first `limit` among which one is. None where none is.
        """
        query: Document = {"chat": chat, "box": box}
        fields = {"_id": 0, "id": 1, "date": 1, "deleted_at": 1}
        while True:
            cursor = self._messages.find(query, fields).sort("id", 1).hint(MESSAGE_KEY)
            read = [Dated(**one) async for one in cursor.limit(limit)]
            bound = oldest(read, before, now)
            if bound.last is not None or bound.ended or len(read) < limit:
                return bound.last
            query["id"] = {"$gt": read[-1].id}

    async def forget_until(self, chat: int, box: str, last: int) -> int:
        """Remove the messages up to the id `last`, tombstones and versions, too; how many. Its
        spans must be cut before: `Database.forget_before`.
        """
        await self._versions.forget_until(chat, box, last)
        return await self._remove(chat, {"box": box, "id": {"$lte": last}})

    async def forget(self, chat: int) -> int:
        """Remove a chat's messages, tombstones and versions; how many messages. Its spans must be
        gone before: `Database.forget_chat`."""
        await self._versions.forget_chat(chat)
        return await self._remove(chat, {})

    async def _apply(self, documents: Sequence[Document]) -> None:
        await self._edits.apply(documents)
        await self._tallies.void(blocks_of(documents))

    async def _remove(self, chat: int, which: Document) -> int:
        await self._tallies.forget(chat)
        result = await self._messages.delete_many({"chat": chat, **which})
        await self._tallies.forget(chat)
        return int(result.deleted_count)
