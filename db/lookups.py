"""Questions of the bot about sources, answered by a worker; how old they are only MongoDB's clock
tells, whose clock the bot and the worker share."""

from collections.abc import Sequence
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument

from core.lookup import Found, Lookup, LookupState
from db.client import MongoDatabase
from db.codec import from_document, part
from db.errors import translates_errors

_AGE = {"$divide": [{"$abs": {"$subtract": ["$$NOW", "$asked_at"]}}, 1000]}
"""One from the future was asked before a step of MongoDB's clock: nobody waits for it any more."""


@translates_errors
class Lookups:
    """The `lookups` collection; answered ones go after an hour."""

    def __init__(self, database: MongoDatabase) -> None:
        self._lookups = database["lookups"]

    async def ask(self, sources: Sequence[str], account: int | None) -> str:
        """Ask what these sources are, preferably as `account` sees them; the question's id."""
        number = str(ObjectId())
        asked: dict[str, Any] = {
            "sources": {"$literal": list(sources)},
            "account": account,
            "state": LookupState.ASKED,
            "asked_at": "$$NOW",
            "found": [],
        }
        await self._lookups.update_one({"_id": number}, [{"$set": asked}], upsert=True)
        return number

    async def take(self, *, within: float) -> Lookup | None:
        """Take the oldest question that was asked within so many seconds and that nobody answers
        yet."""
        document = await self._lookups.find_one_and_update(
            {"state": LookupState.ASKED, "$expr": {"$lt": [_AGE, within]}},
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
        pipeline: list[dict[str, Any]] = [
            {"$match": {"_id": lookup}},
            {"$set": {"age": _AGE}},
        ]
        async for document in self._lookups.aggregate(pipeline):
            return from_document(Lookup, document)
        return None
