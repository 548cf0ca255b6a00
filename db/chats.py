"""Chats as last seen."""

from collections.abc import Iterable

from core.chat import Chat
from core.message import DeletionPolicy
from db.client import MongoDatabase
from db.codec import from_document, to_document
from db.errors import translates_errors


@translates_errors
class Chats:
    """The `chats` collection, by marked id."""

    def __init__(self, database: MongoDatabase) -> None:
        self._chats = database["chats"]

    async def save(self, chat: Chat) -> None:
        """Keep what was seen; fields that were not seen this time stay as they were."""
        seen = {name: value for name, value in to_document(chat).items() if value is not None}
        seen.pop("_id")
        if chat.username is not None:
            seen["username"] = bare_username(chat.username)
        await self._chats.update_one({"_id": chat.id}, {"$set": seen}, upsert=True)

    async def get(self, chat: int) -> Chat | None:
        """One chat."""
        document = await self._chats.find_one({"_id": chat})
        return None if document is None else from_document(Chat, document)

    async def titles(self, chats: Iterable[int]) -> dict[int, str]:
        """The titles of those of the chats that are known."""
        cursor = self._chats.find({"_id": {"$in": sorted(chats)}}, {"title": 1})
        return {document["_id"]: document["title"] async for document in cursor}

    async def named(self, username: str) -> Chat | None:
        """The chat that had this username when last seen (`@name` or `name`, any case)."""
        query = {"username": bare_username(username)}
        document = await self._chats.find_one(query)
        return None if document is None else from_document(Chat, document)

    async def all_named(self, username: str) -> list[Chat]:
        """Every chat that had this username when last seen: a name may have moved since."""
        cursor = self._chats.find({"username": bare_username(username)}).sort("_id", 1)
        return [from_document(Chat, document) async for document in cursor]

    async def with_names(self, usernames: Iterable[str]) -> list[Chat]:
        """Every chat that had one of these usernames when last seen."""
        names = [bare_username(one) for one in usernames]
        cursor = self._chats.find({"username": {"$in": names}}).sort("_id", 1)
        return [from_document(Chat, document) async for document in cursor]

    async def deletions(self, chats: Iterable[int]) -> dict[int, DeletionPolicy]:
        """What becomes of deleted messages, of the chats where somebody decided that."""
        query = {"_id": {"$in": list(chats)}, "deletions": {"$ne": None}}
        cursor = self._chats.find(query, {"deletions": 1})
        return {one["_id"]: DeletionPolicy(one["deletions"]) async for one in cursor}

    async def set_deletions(self, chat: int, policy: DeletionPolicy) -> bool:
        """What becomes of messages that are deleted in Telegram; False: the chat is not known."""
        result = await self._chats.update_one({"_id": chat}, {"$set": {"deletions": policy}})
        return bool(result.matched_count)

    async def keepers(self) -> set[int]:
        """The chats whose deleted messages keep their bodies."""
        cursor = self._chats.find({"deletions": DeletionPolicy.KEEP}, {"_id": 1})
        return {one["_id"] async for one in cursor}

    async def set_keeping(self, chat: int, days: int | None) -> None:
        """Its messages are kept for so many days; None: for ever."""
        await self._chats.update_one({"_id": chat}, {"$set": {"keep_days": days}})

    async def kept_for(self, chat: int) -> int | None:
        """For how many days its messages are kept; None: for ever."""
        found = await self._chats.find_one({"_id": chat}, {"keep_days": 1})
        return None if found is None else found.get("keep_days")

    async def forgetful(self) -> dict[int, int]:
        """The chats whose messages are kept for so many days only."""
        cursor = self._chats.find({"keep_days": {"$gt": 0}}, {"keep_days": 1})
        return {one["_id"]: one["keep_days"] async for one in cursor}

    async def all(self, *, limit: int = 1000) -> list[Chat]:
        """Known chats, by title."""
        cursor = self._chats.find({}).sort("title", 1).limit(limit)
        return [from_document(Chat, document) async for document in cursor]


def bare_username(username: str) -> str:
    """The stored form of a username: lower case, without `@`."""
    return username.removeprefix("@").lower()
