"""Roles that one process at a time has, leased like accounts; see db/leases."""

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from core.account import Lease
from core.bot_role import BotHolder
from core.lease_watch import HeldLease
from db.client import Document, MongoDatabase
from db.codec import from_document
from db.errors import translates_errors
from db.leases import exactly, leased, renewed

BOT = "bot"


@translates_errors
class BotRole:
    """The document `bot` of the collection `roles`; compared with no clock."""

    def __init__(self, database: MongoDatabase) -> None:
        self._roles = database["roles"]

    async def look(self) -> BotHolder | None:
        """Who has the role, dead or alive; None where nobody has."""
        left = {"$subtract": ["$lease.until", "$$NOW"]}
        shown = {"lease": 1, "host": 1, "since": 1, "left": left}
        row = await self._roles.find_one({"_id": BOT, "lease": {"$ne": None}}, shown)
        if row is None:
            return None
        held = HeldLease(lease=from_document(Lease, row["lease"]), left=row["left"] / 1000)
        return BotHolder(held=held, host=row["host"], since=row["since"])

    async def take(self, worker: str, host: str, *, seconds: float) -> Lease | None:
        """Take what nobody has; None where somebody was quicker."""
        try:
            return await self._take({"lease": None}, worker, host, seconds, upsert=True)
        except DuplicateKeyError:
            return None

    async def take_over(
        self, seen: Lease, worker: str, host: str, *, seconds: float
    ) -> Lease | None:
        """Take it from a holder whose lease is exactly the one that was `seen`; None when it
        moved.
        """
        return await self._take(exactly(seen), worker, host, seconds)

    async def renew(self, worker: str, token: int, *, seconds: float) -> bool:
        """Prolong the lease, whatever any clock says; whether it is still held."""
        written = await self._roles.update_one(_mine(worker, token), [{"$set": renewed(seconds)}])
        return bool(written.matched_count)

    async def give_back(self, worker: str, token: int) -> None:
        """End the lease; nothing is sent any more."""
        await self._roles.update_one(_mine(worker, token), {"$set": {"lease": None}})

    async def _take(
        self, guard: Document, worker: str, host: str, seconds: float, *, upsert: bool = False
    ) -> Lease | None:
        change = {**leased(worker, seconds), "host": {"$literal": host}, "since": "$$NOW"}
        row = await self._roles.find_one_and_update(
            {"_id": BOT, **guard},
            [{"$set": change}],
            upsert=upsert,
            return_document=ReturnDocument.AFTER,
        )
        return None if row is None else from_document(Lease, row["lease"])


def _mine(worker: str, token: int) -> Document:
    return {"_id": BOT, "lease.worker": worker, "lease.token": token}
