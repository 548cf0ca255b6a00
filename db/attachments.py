"""The files of stored messages: which are wanted, and what became of each."""

from collections.abc import Sequence
from typing import Any

from core.media import TRIED_AGAIN, Skip, Wanted
from core.message import Media
from db.client import Document, MongoDatabase
from db.codec import media_of_document
from db.errors import translates_errors
from db.indexes import MESSAGE_KEY
from db.topics import of_topic


@translates_errors
class Attachments:
    """Two fields of `messages` beside `media`: `file`, the name of the stored file, or `skipped`,
    why there is none. An edit that changes the media takes them away.
    """

    def __init__(self, database: MongoDatabase) -> None:
        self._messages = database["messages"]

    async def wanted(self, wanted: Wanted, below: int, *, limit: int = 100) -> dict[int, Media]:
        """The newest messages with ids under `below` whose file is wanted and not there: their
        media by their ids."""
        query = _range(wanted, below) | {"$or": _unsettled(wanted.most_bytes)}
        cursor = self._messages.find(query, {"_id": 0, "id": 1, "media": 1}, hint=MESSAGE_KEY)
        cursor = cursor.sort("id", -1).limit(limit)
        return {one["id"]: media_of_document(one) async for one in cursor}

    async def keep(self, wanted: Wanted, message: int, media: Media, name: str) -> bool:
        """This is the message's file; False when an edit has changed its media meanwhile."""
        change = {"$set": {"file": name}, "$unset": {"skipped": ""}}
        return await self._settle(wanted, message, media, change)

    async def skip(self, wanted: Wanted, message: int, media: Media, why: Skip) -> bool:
        """The message's file is not kept; False when an edit has changed its media meanwhile."""
        return await self._settle(wanted, message, media, {"$set": {"skipped": why}})

    async def used(self, names: Sequence[str]) -> set[str]:
        """Which of these files messages refer to."""
        found: list[Any] = await self._messages.distinct("file", {"file": {"$in": list(names)}})
        return set(found)

    async def _settle(self, wanted: Wanted, message: int, media: Media, change: Document) -> bool:
        same = {f"media.{name}": getattr(media, name) for name in ("kind", "size", "name")}
        which = {"chat": wanted.chat, "box": wanted.box, "id": message}
        result = await self._messages.update_one(which | same, change)
        return bool(result.matched_count)


def _range(wanted: Wanted, below: int) -> Document:
    query: Document = {
        "chat": wanted.chat,
        "box": wanted.box,
        "id": {"$gte": wanted.lo, "$lte": min(wanted.hi, below - 1)},
        "media.kind": {"$in": list(wanted.kinds)},
        "file": None,
    }
    dates = {"$gte": wanted.since, "$lte": wanted.until}
    if set_dates := {name: date for name, date in dates.items() if date is not None}:
        query["date"] = set_dates
    return query | of_topic(wanted.topic)


def _unsettled(most_bytes: int | None) -> list[Document]:
    """Nothing was decided, or it may be decided otherwise now: the file was not to be had, or was
    too large for an earlier task and is not for this."""
    fits: Document = {"skipped": Skip.TOO_LARGE}
    if most_bytes is not None:
        fits["media.size"] = {"$lte": most_bytes}
    return [{"skipped": None}, {"skipped": {"$in": list(TRIED_AGAIN)}}, fits]
