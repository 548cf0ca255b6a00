"""The crew: states and sessions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument

from core.account import Account, AccountState
from core.membership import SLOTS_LAST, Slots
from db.client import Document, MongoDatabase
from db.codec import from_document, part
from db.errors import translates_errors
from db.leases import SECRET_FIELDS, AccountLeases
from db.sequences import Sequences

PASSING = (AccountState.RESTING, AccountState.LIMITED, AccountState.FROZEN)
"""States that end at their `until`."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SignedIn:
    """What a sign-in leaves: `session` and `phone_secret` are encrypted before they come here."""

    telegram_id: int
    name: str
    username: str | None
    phone: str
    phone_secret: bytes
    session: bytes


@translates_errors
class Accounts:
    """The `accounts` collection. `leases` are a part of its documents with verbs of their own."""

    def __init__(self, database: MongoDatabase, sequences: Sequences) -> None:
        self._accounts = database["accounts"]
        self._sequences = sequences
        self.leases = AccountLeases(self._accounts)

    async def signed_in(self, who: SignedIn, now: datetime) -> Account:
        """Add an account, or bring one back that signed in again; the first one is the default.

        One that was known and never signed in is that account if its name and masked phone are
        the same.
        """
        fields: Document = {
            "name": who.name,
            "username": who.username,
            "phone": who.phone,
            "phone_secret": who.phone_secret,
            "session": who.session,
            "state": AccountState.READY,
            "reason": None,
            "until": None,
        }
        fields["telegram_id"] = who.telegram_id
        never = {"telegram_id": None, "phone": who.phone, "name": who.name}
        for known in ({"telegram_id": who.telegram_id}, never):
            document = await self._accounts.find_one_and_update(
                known,
                {"$set": fields},
                projection=SECRET_FIELDS,
                return_document=ReturnDocument.AFTER,
            )
            if document is not None:
                return _account(document)
        return _account(await self._insert(fields, now))

    async def add_signed_out(self, *, name: str, phone: str, now: datetime) -> Account:
        """Add an account that is known but cannot work until it signs in."""
        fields: Document = {
            "name": name,
            "username": None,
            "phone": phone,
            "telegram_id": None,
            "state": AccountState.SIGNED_OUT,
            "reason": "never_signed_in",
            "until": None,
        }
        return _account(await self._insert(fields, now))

    async def all(self) -> list[Account]:
        """Every account, by number."""
        cursor = self._accounts.find({}, SECRET_FIELDS).sort("_id", 1)
        return [_account(document) async for document in cursor]

    async def get(self, account: int) -> Account | None:
        """One account."""
        document = await self._accounts.find_one({"_id": account}, SECRET_FIELDS)
        return None if document is None else _account(document)

    async def session(self, account: int) -> bytes | None:
        """The encrypted session."""
        document = await self._accounts.find_one({"_id": account}, {"session": 1})
        return None if document is None else document.get("session")

    async def make_default(self, account: int) -> bool:
        """Let tasks that name no account use this one. False when there is no such account."""
        if await self.get(account) is None:
            return False
        chosen = {"$eq": ["$_id", account]}
        await self._accounts.update_many({}, [{"$set": {"is_default": chosen}}])
        return True

    async def set_state(
        self,
        account: int,
        state: AccountState,
        *,
        reason: str | None = None,
        until: datetime | None = None,
        token: int | None = None,
    ) -> bool:
        """Move an account's state; with `token`, only for the holder of that lease."""
        guard: Document = {"_id": account}
        if token is not None:
            guard["lease.token"] = token
        change = {"state": state, "reason": reason, "until": until}
        result = await self._accounts.update_one(guard, {"$set": change})
        return bool(result.matched_count)

    async def wake_rested(self, now: datetime) -> int:
        """Make accounts ready again whose rest is over; how many."""
        result = await self._accounts.update_many(
            {"state": {"$in": PASSING}, "until": {"$lte": now}},
            {"$set": {"state": AccountState.READY, "reason": None, "until": None}},
        )
        return int(result.modified_count)

    async def set_slots(self, account: int, slots: Slots) -> None:
        """How many channels the account is in, and how many it may be in, as Telegram tells."""
        await self._accounts.update_one({"_id": account}, {"$set": {"slots": part(slots)}})

    async def move_slots(self, account: int, by: int) -> None:
        """The account joined (1) or left (-1) a channel."""
        await self._accounts.update_one(
            {"_id": account, "slots": {"$ne": None}}, {"$inc": {"slots.used": by}}
        )

    async def free_slots(self, now: datetime) -> dict[int, int]:
        """How many channels each account may still join, where a count holds."""
        young = {"slots.counted_at": {"$gt": now - SLOTS_LAST}}
        cursor = self._accounts.find(young, {"slots": 1})
        return {
            document["_id"]: max(document["slots"]["limit"] - document["slots"]["used"], 0)
            async for document in cursor
        }

    async def fill_slots(self, account: int, now: datetime) -> None:
        """Telegram lets the account join nothing more."""
        room = {"$lt": ["$slots.used", "$slots.limit"]}
        full = {"slots.used": "$slots.limit", "slots.counted_at": now}
        await self._accounts.update_one(
            {"_id": account, "slots": {"$ne": None}, "$expr": room}, [{"$set": full}]
        )

    async def recount_full(self) -> None:
        """Accounts that can join nothing more are counted anew before they join again."""
        full = {"$gte": ["$slots.used", "$slots.limit"]}
        await self._accounts.update_many(
            {"slots": {"$ne": None}, "$expr": full}, {"$set": {"slots": None}}
        )

    async def claimed(self, accounts: Collection[int], now: datetime) -> None:
        """Remember when these accounts last took a job: equals take turns."""
        which = {"_id": {"$in": list(accounts)}}
        await self._accounts.update_many(which, {"$set": {"last_claim_at": now}})

    async def count_by_state(self) -> dict[str, int]:
        """How many accounts are in each state."""
        pipeline: list[dict[str, Any]] = [{"$group": {"_id": "$state", "accounts": {"$sum": 1}}}]
        return {row["_id"]: row["accounts"] async for row in self._accounts.aggregate(pipeline)}

    async def _insert(self, fields: Document, now: datetime) -> Document:
        first = await self._accounts.find_one({"is_default": True}, {"_id": 1}) is None
        works = fields["state"] is AccountState.READY
        document: Document = {
            "_id": await self._sequences.next("account"),
            **fields,
            "is_default": first and works,
            "created_at": now,
            "token": 0,
            "lease": None,
        }
        await self._accounts.insert_one(document)
        return document


def _account(document: Document) -> Account:
    return from_document(Account, document)
