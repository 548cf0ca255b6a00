"""What goes after a while goes by a clock that is proven, also in a store of the version before."""

from datetime import UTC, datetime, timedelta

import pytest

from db.client import MongoDatabase
from db.database import Database
from db.expiry import PASSING, Passing

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("one", PASSING, ids=lambda one: one.collection)
async def test_what_has_passed_goes_and_nothing_younger(
    database: Database, mongo_database: MongoDatabase, one: Passing
) -> None:
    collection = mongo_database[one.collection]
    await collection.insert_many(
        [
            {"_id": "old", one.field: NOW - one.after - SECOND},
            {"_id": "young", one.field: NOW - one.after + SECOND},
            {"_id": "timeless"},
        ]
    )
    assert await database.expiry.sweep(NOW) == 1
    assert {document["_id"] async for document in collection.find()} == {"young", "timeless"}


async def test_indexes_that_delete_are_dropped_and_come_back_with_a_former_version(
    database: Database, mongo_database: MongoDatabase
) -> None:
    for _ in range(2):
        for one in PASSING:
            await mongo_database[one.collection].create_index(
                [(one.field, 1)], expireAfterSeconds=3600
            )
        await database.prepare()
        for one in PASSING:
            known = await mongo_database[one.collection].index_information()
            assert not [name for name, index in known.items() if "expireAfterSeconds" in index]
