"""What goes by itself after a while. MongoDB does not do it: it would by its own clock alone, and
delete at once what it takes for old when that was set wrongly."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo.errors import OperationFailure

from db.client import Collection, MongoDatabase
from db.errors import translates_errors

NAMESPACE_NOT_FOUND, INDEX_NOT_FOUND = 26, 27
GONE = frozenset({NAMESPACE_NOT_FOUND, INDEX_NOT_FOUND})
"""What MongoDB answers to who drops an index that is not there any more."""


@dataclass(frozen=True, slots=True)
class Passing:
    """Documents of a collection that go so long after the time in a field of theirs."""

    collection: str
    field: str
    after: timedelta


PASSING: tuple[Passing, ...] = (
    Passing("budgets", "ends_at", timedelta(days=2)),
    Passing("lookups", "asked_at", timedelta(hours=1)),
    Passing("workers", "seen_at", timedelta(days=7)),
    Passing("fsm", "touched_at", timedelta(days=7)),
)


@translates_errors
class Expiry:
    """Any worker's; several at once only do the same twice."""

    def __init__(self, database: MongoDatabase) -> None:
        self._database = database

    async def sweep(self, now: datetime) -> int:
        """Delete what has passed; how many documents. `now` is proven."""
        gone = 0
        for one in PASSING:
            query = {one.field: {"$lt": now - one.after}}
            gone += (await self._database[one.collection].delete_many(query)).deleted_count
        return gone


async def end_deleting_by_mongodb(database: MongoDatabase) -> None:
    """Drop the indexes of former versions by which MongoDB deletes of its own accord; another
    process that starts may be doing the same."""
    for one in PASSING:
        try:
            known = await database[one.collection].index_information()
        except OperationFailure:
            continue
        for name, index in known.items():
            if "expireAfterSeconds" in index:
                await _drop(database[one.collection], name)


async def _drop(collection: Collection, name: str) -> None:
    try:
        await collection.drop_index(name)
    except OperationFailure as error:
        if error.code not in GONE:
            raise
