"""Questions of the bot about sources, answered by a worker."""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId
from pymongo import ReturnDocument

from core.lookup import Found, Lookup, LookupState
from db.client import MongoDatabase
from db.codec import from_document, part, to_document
from db.errors import translates_errors


@translates_errors
class Lookups:
    """The `lookups` collection; answered ones go after an hour."""

    def __init__(self, database: MongoDatabase) -> None:
        self._lookups = database["lookups"]

    async def ask(self, sources: Sequence[str], account: int | None, now: datetime) -> str:
        """Ask what these sources are, preferably as `account` sees them; the question's id."""
        lookup = Lookup(
            id=str(ObjectId()),
            sources=tuple(sources),
            account=account,
            state=LookupState.ASKED,
            asked_at=now,
        )
        await self._lookups.insert_one(to_document(lookup))
        return lookup.id

    async def take(self, since: datetime) -> Lookup | None:
        """Take the oldest question, asked after `since`, that nobody answers yet."""
        document = await self._lookups.find_one_and_update(
            {"state": LookupState.ASKED, "asked_at": {"$gt": since}},
            {"$set": {"state": LookupState.TAKEN}},
            sort=[("_id", 1)],
            return_document=ReturnDocument.AFTER,
        )
        return None if document is None else from_document(Lookup, document)

    async def answer(self, lookup: str, found: Sequence[Found]) -> None:
        """Answer a question."""
        change = {"state": LookupState.ANSWERED, "found": [part(one) for one in found]}
        await self._lookups.update_one({"_id": lookup}, {"$set": change})

    async def get(self, lookup: str) -> Lookup | None:
        """One question."""
        document = await self._lookups.find_one({"_id": lookup})
        return None if document is None else from_document(Lookup, document)
