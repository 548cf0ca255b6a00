"""Chats as last seen, and how each account addresses them."""

from core.chat import Chat, Peer
from db.client import MongoDatabase
from db.codec import from_document, part, to_document
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
            seen["username"] = _bare(chat.username)
        await self._chats.update_one({"_id": chat.id}, {"$set": seen}, upsert=True)

    async def get(self, chat: int) -> Chat | None:
        """One chat."""
        document = await self._chats.find_one({"_id": chat})
        return None if document is None else from_document(Chat, document)

    async def named(self, username: str) -> Chat | None:
        """The chat that had this username when last seen (`@name` or `name`, any case)."""
        query = {"username": _bare(username)}
        document = await self._chats.find_one(query)
        return None if document is None else from_document(Chat, document)

    async def all(self, *, limit: int = 1000) -> list[Chat]:
        """Known chats, by title."""
        cursor = self._chats.find({}).sort("title", 1).limit(limit)
        return [from_document(Chat, document) async for document in cursor]


@translates_errors
class Memberships:
    """The `memberships` collection: access hashes, kept for ever per account."""

    def __init__(self, database: MongoDatabase) -> None:
        self._memberships = database["memberships"]

    async def remember(self, account: int, peer: Peer, username: str | None) -> None:
        """Keep how `account` addresses a chat."""
        change = {"peer": part(peer), "account": account, "chat": peer.chat}
        if username is not None:
            change["username"] = _bare(username)
        await self._memberships.update_one(
            {"_id": f"a{account}:{peer.chat}"}, {"$set": change}, upsert=True
        )

    async def peer(self, account: int, source: str) -> Peer | None:
        """What `@name` is for this account, if it was ever resolved."""
        document = await self._memberships.find_one({"account": account, "username": _bare(source)})
        return None if document is None else from_document(Peer, document["peer"])

    async def forget_name(self, account: int, source: str) -> None:
        """The name means another chat now, or none: it must be resolved again."""
        await self._memberships.update_many(
            {"account": account, "username": _bare(source)}, {"$unset": {"username": ""}}
        )

    async def accounts_knowing(self, source: str) -> set[int]:
        """The accounts that need not resolve this source."""
        cursor = self._memberships.find({"username": _bare(source)}, {"account": 1})
        return {document["account"] async for document in cursor}


def _bare(username: str) -> str:
    return username.removeprefix("@").lower()
