"""Files on the disk: each content once, and under which of Telegram's ids it was fetched."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pymongo import ReturnDocument

from core.media import StoredFile
from db.client import MongoDatabase
from db.codec import from_document, to_document
from db.errors import translates_errors


@translates_errors
class MediaFiles:
    """The collections `media`, a document a file by its SHA-256, and `media_ids`, the file of each
    key that Telegram's id and the size make.

    A file that nobody refers to is first marked as `leaving`; from then on no message gets it, and
    only what is still marked goes. Fetching it anew lets it stay.
    """

    def __init__(self, database: MongoDatabase) -> None:
        self._media = database["media"]
        self._ids = database["media_ids"]

    async def known(self, keys: Sequence[str]) -> dict[str, StoredFile]:
        """The files of these keys, as far as they were fetched before."""
        hashes = {
            one["_id"]: one["file"] async for one in self._ids.find({"_id": {"$in": list(keys)}})
        }
        query = {"_id": {"$in": list(hashes.values())}, "leaving": {"$ne": True}}
        files = {
            one["_id"]: from_document(StoredFile, one) async for one in self._media.find(query)
        }
        return {key: files[file] for key, file in hashes.items() if file in files}

    async def add(self, key: str, file: StoredFile) -> StoredFile:
        """Remember a file that is on the disk; the one that is there already under its hash."""
        fields = to_document(file)
        document = await self._media.find_one_and_update(
            {"_id": fields.pop("_id")},
            {"$setOnInsert": fields, "$unset": {"leaving": ""}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        await self._ids.update_one({"_id": key}, {"$set": {"file": file.id}}, upsert=True)
        return from_document(StoredFile, document)

    async def by_hash(self, file: str) -> StoredFile | None:
        """The file with this SHA-256."""
        document = await self._media.find_one({"_id": file})
        return None if document is None else from_document(StoredFile, document)

    async def existing(self, files: Sequence[str]) -> set[str]:
        """Which of these hashes are known."""
        query = {"_id": {"$in": list(files)}}
        return {one["_id"] async for one in self._media.find(query, {"_id": 1})}

    async def page(self, after: str = "", *, limit: int = 500) -> list[StoredFile]:
        """Files by their hashes, those behind `after`."""
        cursor = self._media.find({"_id": {"$gt": after}}).sort("_id", 1).limit(limit)
        return [from_document(StoredFile, one) async for one in cursor]

    async def let_go(self, files: Iterable[str], before: datetime) -> None:
        """Give no more message these files, by their hashes; not those made after `before`."""
        old = {"_id": {"$in": list(files)}, "created_at": {"$lt": before}}
        await self._media.update_many(old, {"$set": {"leaving": True}})

    async def leaving(self, *, limit: int = 500) -> list[StoredFile]:
        """Files that are to go."""
        cursor = self._media.find({"leaving": True}).limit(limit)
        return [from_document(StoredFile, one) async for one in cursor]

    async def stay(self, files: Iterable[str]) -> None:
        """Let files be given again."""
        await self._media.update_many({"_id": {"$in": list(files)}}, {"$unset": {"leaving": ""}})

    async def forget(self, file: str) -> bool:
        """Remove what is known of a file that is to go; False when it may stay after all."""
        result = await self._media.delete_one({"_id": file, "leaving": True})
        if result.deleted_count:
            await self._ids.delete_many({"file": file})
        return bool(result.deleted_count)
