"""The leases in the documents of accounts: given once each, and compared with no clock."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pymongo import ReturnDocument

from core.account import Account, AccountState, Lease
from core.lease_watch import HeldLease
from db.client import Collection as MongoCollection
from db.client import Document
from db.codec import from_document
from db.errors import translates_errors

CONNECTABLE = (
    AccountState.READY,
    AccountState.RESTING,
    AccountState.LIMITED,
    AccountState.FROZEN,
)

SECRET_FIELDS = {"session": 0, "phone_secret": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTable:
    """One look at all leases. `free`: accounts that could be connected and that nobody holds;
    `takeable`: those that could be if their holder is dead.
    """

    held: Mapping[int, HeldLease]
    free: frozenset[int]
    takeable: frozenset[int]


@translates_errors
class AccountLeases:
    """The part `lease` of the collection `accounts`."""

    def __init__(self, accounts: MongoCollection) -> None:
        self._accounts = accounts

    async def look(self) -> LeaseTable:
        """Every lease, and which accounts could be connected."""
        shown = {
            "state": 1,
            "lease": 1,
            "left": {"$subtract": ["$lease.until", "$$NOW"]},
            "opens": {"$ne": [{"$type": "$session"}, "missing"]},
        }
        rows = [row async for row in self._accounts.find({}, shown).sort("_id", 1)]
        able = frozenset(row["_id"] for row in rows if row["opens"] and row["state"] in CONNECTABLE)
        held = {row["_id"]: _held(row) for row in rows if row.get("lease") is not None}
        return LeaseTable(held=held, free=able - held.keys(), takeable=able & held.keys())

    async def held(self) -> dict[int, Lease]:
        """Each lease by account, whether its holder lives or not."""
        cursor = self._accounts.find({"lease": {"$ne": None}}, {"lease": 1})
        return {row["_id"]: from_document(Lease, row["lease"]) async for row in cursor}

    async def take(
        self, accounts: Collection[int], worker: str, *, seconds: float
    ) -> Account | None:
        """Take one of these that nobody holds, with its new token; None when there is none."""
        return await self._take({"_id": {"$in": sorted(accounts)}, "lease": None}, worker, seconds)

    async def take_over(
        self, account: int, seen: Lease, worker: str, *, seconds: float
    ) -> Account | None:
        """Take an account whose lease is exactly the one that was `seen`; None when it moved."""
        return await self._take({"_id": account, **exactly(seen)}, worker, seconds)

    async def renew(self, worker: str, tokens: Mapping[int, int], *, seconds: float) -> set[int]:
        """Prolong leases, whatever any clock says; the accounts that are still held."""
        if not tokens:
            return set()
        mine = {"lease.worker": worker, **_any_of(tokens.items())}
        written = await self._accounts.update_many(mine, [{"$set": renewed(seconds)}])
        if written.matched_count == len(tokens):
            return set(tokens)
        return {document["_id"] async for document in self._accounts.find(mine, {"_id": 1})}

    async def give_back(self, tokens: Mapping[int, int]) -> None:
        """End leases, by their tokens; the accounts must be disconnected before."""
        if tokens:
            await self._accounts.update_many(_any_of(tokens.items()), {"$set": {"lease": None}})

    async def _take(self, guard: Document, worker: str, seconds: float) -> Account | None:
        document = await self._accounts.find_one_and_update(
            {**guard, "state": {"$in": CONNECTABLE}, "session": {"$exists": True}},
            [{"$set": leased(worker, seconds)}],
            projection=SECRET_FIELDS,
            sort=[("_id", 1)],
            return_document=ReturnDocument.AFTER,
        )
        return None if document is None else from_document(Account, document)


def _held(row: Document) -> HeldLease:
    return HeldLease(lease=from_document(Lease, row["lease"]), left=(row["left"] or 0) / 1000)


def exactly(seen: Lease) -> Document:
    """A lease that is as it was seen; what a worker of version 0.1 did not write is not there."""
    return {
        "lease.worker": seen.worker,
        "lease.token": seen.token,
        "lease.until": seen.until,
        "lease.beat": seen.beat or {"$in": [0, None]},
        "lease.seconds": seen.seconds,
    }


def _any_of(tokens: Iterable[tuple[int, int]]) -> Document:
    return {"$or": [{"_id": account, "lease.token": token} for account, token in tokens]}


def _until(seconds: float) -> Document:
    return {"$add": ["$$NOW", int(seconds * 1000)]}


def renewed(seconds: float) -> dict[str, Any]:
    """What a renewal for so many seconds sets."""
    beat = {"$add": [{"$ifNull": ["$lease.beat", 0]}, 1]}
    return {"lease.until": _until(seconds), "lease.beat": beat, "lease.seconds": seconds}


def leased(worker: str, seconds: float) -> dict[str, Any]:
    """What a taking sets: the next token, and a lease with it."""
    token = {"$add": [{"$ifNull": ["$token", 0]}, 1]}
    lease = {
        "worker": worker,
        "token": token,
        "until": _until(seconds),
        "beat": {"$literal": 0},
        "seconds": {"$literal": seconds},
    }
    return {"token": token, "lease": lease}
