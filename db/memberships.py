"""How each account addresses each chat, and which chats it is in."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from core.chat import Peer
from core.links import chat_id, is_invite
from core.membership import Membership, MembershipState
from db.chats import bare_username
from db.client import Document, MongoDatabase
from db.codec import from_document, part
from db.errors import translates_errors

_OUTSIDE = [MembershipState.LEFT, MembershipState.KICKED, MembershipState.PENDING]

LEAVING = [("leaving", 1), ("account", 1)]
"""The index of what is to be left: there is little of it, so its order costs nothing."""


@translates_errors
class Memberships:
    """The `memberships` collection: access hashes, kept for ever per account."""

    def __init__(self, database: MongoDatabase) -> None:
        self._memberships = database["memberships"]

    async def remember(self, account: int, peer: Peer, username: str | None) -> None:
        """Keep how `account` addresses a chat."""
        change: Document = {}
        if username is not None:
            change["username"] = bare_username(username)
        await self._save(account, peer, change)

    async def joined(
        self, account: int, peer: Peer, source: str, now: datetime, *, task: str | None
    ) -> None:
        """The account is in the chat; `task` is None when it was before anybody asked."""
        change: Document = {"state": MembershipState.MEMBER, "joined_at": now, **_named(source)}
        if task is not None:
            change["for_task"] = task
        await self._save(account, peer, change)
        if chat_id(source) is None:
            await self._memberships.delete_one({"_id": _invite_id(account, source)})

    async def asked(self, account: int, source: str, task: str, now: datetime) -> Membership:
        """The account asked to be let in; the first time that it did is kept."""
        await self._memberships.update_one(
            {"_id": _invite_id(account, source)},
            {
                "$set": {
                    "account": account,
                    "state": MembershipState.PENDING,
                    "for_task": task,
                    **_named(source),
                },
                "$setOnInsert": {"asked_at": now},
            },
            upsert=True,
        )
        found = await self._memberships.find_one({"_id": _invite_id(account, source)})
        return from_document(Membership, found or {"_id": "", "account": account})

    async def set_state(self, account: int, chat: int, state: MembershipState) -> None:
        """The account left, was removed, or was let in again."""
        await self._memberships.update_one(
            {"_id": _id(account, chat)},
            {"$set": {"state": state}, "$unset": {"for_task": "", "leaving": ""}},
        )

    async def set_floor(self, account: int, chat: int, floor: int) -> None:
        """The lowest id that Telegram shows this account in the chat."""
        await self._memberships.update_one({"_id": _id(account, chat)}, {"$set": {"floor": floor}})

    async def peer(self, account: int, source: str) -> Peer | None:
        """How this account addresses a canonical source, if it ever learned that."""
        if (chat := chat_id(source)) is not None:
            membership = await self.of_chat(account, chat)
            return None if membership is None else membership.peer
        query = {"account": account, "peer": {"$exists": True}, **_of_source(source)}
        document = await self._memberships.find_one(query)
        return None if document is None else from_document(Peer, document["peer"])

    async def of_chat(self, account: int, chat: int) -> Membership | None:
        """What the account is to a chat."""
        document = await self._memberships.find_one({"_id": _id(account, chat)})
        return None if document is None else from_document(Membership, document)

    async def pending(self, account: int, source: str) -> Membership | None:
        """The account's request to be let in, if it waits for an answer."""
        document = await self._memberships.find_one({"_id": _invite_id(account, source)})
        return None if document is None else from_document(Membership, document)

    async def forget_name(self, account: int, source: str) -> None:
        """The source means another chat now, or none: it must be resolved again."""
        field = "invite" if is_invite(source) else "username"
        await self._memberships.update_many(
            {"account": account, **_of_source(source)}, {"$unset": {field: ""}}
        )

    async def forget_peer(self, account: int, chat: int | None) -> None:
        """How the account addressed a chat is refused; None: of no chat that is known."""
        if chat is not None:
            await self._memberships.update_one(
                {"_id": _id(account, chat)}, {"$unset": {"peer": ""}}
            )

    async def forget_request(self, account: int, source: str) -> None:
        """The request to be let in was refused, or is not waited for any more."""
        await self._memberships.delete_one({"_id": _invite_id(account, source)})

    async def accounts_knowing(self, source: str) -> set[int]:
        """The accounts that need not resolve this source."""
        cursor = self._memberships.find(_of_source(source), {"account": 1})
        return {document["account"] async for document in cursor}

    async def inside(self, source: str) -> set[int]:
        """The accounts that are in the chat of a source, as far as the crew knows."""
        query = {**_of_source(source), "state": MembershipState.MEMBER}
        cursor = self._memberships.find(query, {"account": 1})
        return {document["account"] async for document in cursor}

    async def knowing(self, sources: Iterable[str], *, inside: bool = False) -> dict[str, set[int]]:
        """Of each source the accounts that need not resolve it, or are `inside` its chat."""
        found: dict[str, set[int]] = {source: set() for source in sources}
        named: dict[tuple[str, Any], str] = {}
        wanted: dict[str, list[Any]] = {}
        for source in found:
            for field, value in _of_source(source).items():
                named[field, value] = source
                wanted.setdefault(field, []).append(value)
        if not wanted:
            return found
        query: Document = {"$or": [{field: {"$in": some}} for field, some in wanted.items()]}
        if inside:
            query["state"] = MembershipState.MEMBER
        fields = {"account": 1, **dict.fromkeys(wanted, 1)}
        async for document in self._memberships.find(query, fields):
            for field in wanted:
                if (name := named.get((field, document.get(field)))) is not None:
                    found[name].add(document["account"])
        return found

    async def chat_behind(self, invite: str) -> int | None:
        """The chat that an invite let somebody of the crew into."""
        query = {"invite": invite, "chat": {"$exists": True}}
        document = await self._memberships.find_one(query, {"chat": 1})
        return None if document is None else document["chat"]

    async def let_in(self, source: str) -> set[int]:
        """The accounts that know how to read the chat of an invite or of a marked id."""
        query = {**_of_source(source), "peer": {"$exists": True}, "state": {"$nin": _OUTSIDE}}
        cursor = self._memberships.find(query, {"account": 1})
        return {document["account"] async for document in cursor}

    async def floors(self, chat: int) -> list[int]:
        """The lowest id that Telegram shows, of each account that knows how to read the chat."""
        cursor = self._memberships.find({"chat": chat, "state": {"$nin": _OUTSIDE}}, {"floor": 1})
        return [document.get("floor", 1) async for document in cursor]

    async def names_of(self, chat: int) -> set[str]:
        """The sources by which accounts came to a chat: names and invite links."""
        cursor = self._memberships.find({"chat": chat}, {"username": 1, "invite": 1})
        found: set[str] = set()
        async for one in cursor:
            found |= {f"@{one['username']}"} if one.get("username") else set()
            found |= {one["invite"]} if one.get("invite") else set()
        return found

    async def members_of(self, chats: Iterable[int]) -> dict[int, set[int]]:
        """The accounts of the crew that are in each chat."""
        wanted = list(chats)
        members: dict[int, set[int]] = {chat: set() for chat in wanted}
        query = {"chat": {"$in": wanted}, "state": MembershipState.MEMBER}
        async for document in self._memberships.find(query, {"chat": 1, "account": 1}):
            members[document["chat"]].add(document["account"])
        return members

    async def joined_for(self, task: str) -> list[Membership]:
        """What accounts joined for a task, and are in still."""
        cursor = self._memberships.find({"for_task": task, "state": MembershipState.MEMBER})
        return [from_document(Membership, document) async for document in cursor]

    async def let_go(self, task: str, but: Iterable[int] = ()) -> int:
        """What accounts joined for a task is to be left, except these chats; how many that are."""
        joined = {"for_task": task, "state": MembershipState.MEMBER, "chat": {"$nin": list(but)}}
        result = await self._memberships.update_many(joined, {"$set": {"leaving": True}})
        return int(result.modified_count)

    async def leaving(
        self, accounts: Iterable[int], *, after: str = "", limit: int = 20
    ) -> list[Membership]:
        """What these accounts are to leave, and are in still: those that follow the id `after`."""
        query = {"leaving": True, "account": {"$in": list(accounts)}, "_id": {"$gt": after}}
        cursor = self._memberships.find(query).sort("_id", 1).hint(LEAVING).limit(limit)
        return [from_document(Membership, document) async for document in cursor]

    async def _save(self, account: int, peer: Peer, change: Document) -> None:
        known: dict[str, Any] = {"account": account, "chat": peer.chat, "peer": part(peer)}
        await self._memberships.update_one(
            {"_id": _id(account, peer.chat)}, {"$set": {**known, **change}}, upsert=True
        )


def _id(account: int, chat: int) -> str:
    return f"a{account}:{chat}"


def _invite_id(account: int, source: str) -> str:
    return f"a{account}:{source}"


def _named(source: str) -> Document:
    if is_invite(source):
        return {"invite": source}
    return {"username": bare_username(source)} if source.startswith("@") else {}


def _of_source(source: str) -> Document:
    chat = chat_id(source)
    return _named(source) if chat is None else {"chat": chat}
