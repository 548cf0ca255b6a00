"""A store says which schema it has, and which programs may work on it: none spoils it unasked."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from app.schema_watch import SchemaWatch
from core.schema import (
    THIS,
    UNMARKED,
    CodeSchema,
    Holder,
    SchemaMismatch,
    StoreSchema,
    check_store,
    too_old_beside,
    upgraded,
)
from db.client import MongoDatabase
from db.database import Database
from db.indexes import ensure_indexes
from db.outage import Outage
from db.schema import Schemas

WORKER = "0123456789abcdef@old-house"


def code(version: int, beside: int, from_: int) -> CodeSchema:
    return CodeSchema(
        version=version, oldest_beside=beside, oldest_upgraded=from_, release=f"0.{version}"
    )


RANGE = range(1, 6)
CODES = [code(v, b, f) for v, b, f in product(RANGE, RANGE, RANGE) if b <= v and f <= v]
STORES = [
    StoreSchema(version=v, oldest=o, release=f"0.{v}") for v, o in product(RANGE, RANGE) if o <= v
]


@pytest.mark.parametrize("store", STORES, ids=str)
def test_every_pair_of_program_and_store_is_decided(store: StoreSchema) -> None:
    """All 55 programs on all 15 stores: it works, or it says which of the two is too old."""
    for one in CODES:
        fits = one.version >= store.oldest and store.version >= one.oldest_upgraded
        if fits:
            check_store(one, store)
            after = upgraded(one, store)
            assert after.version >= store.version
            assert after.oldest >= store.oldest
            check_store(one, after)
            continue
        with pytest.raises(SchemaMismatch, match="It changed nothing") as told:
            check_store(one, store)
        newer = "Install Telecrew" in str(told.value)
        assert newer == (one.version < store.oldest)


def test_who_was_told_off_once_is_told_off_for_good() -> None:
    """No later program lets in what an earlier one shut out."""
    for store, one, old in product(STORES, CODES, CODES):
        if old.version < store.oldest:
            with pytest.raises(SchemaMismatch):
                check_store(old, upgraded(one, store))


async def everything(database: MongoDatabase) -> dict[str, list[Any]]:
    names = sorted(await database.list_collection_names())
    return {name: [one async for one in database[name].find({})] for name in names}


async def test_a_program_that_is_too_old_changes_nothing(mongo_database: MongoDatabase) -> None:
    future = {"_id": "store", "version": 9, "oldest": 9, "release": "0.9.0", "recount": True}
    await mongo_database["schema"].insert_one(future)
    await mongo_database["tallies"].insert_one({"_id": "-1001:", "blocks": {"0": 7}})
    before = await everything(mongo_database)
    with pytest.raises(SchemaMismatch, match=r"Telecrew 0\.9\.0 or newer"):
        await Database(mongo_database).prepare()
    assert await everything(mongo_database) == before


async def test_a_store_that_says_nothing_is_upgraded(mongo_database: MongoDatabase) -> None:
    """It is of the release before, which kept no mark: what it counted is counted anew."""
    await ensure_indexes(mongo_database)
    await mongo_database["tallies"].insert_one({"_id": "-1001:", "blocks": {"0": 7}})
    await Database(mongo_database).prepare()
    store = await Schemas(mongo_database).read()
    assert store == StoreSchema(
        version=THIS.version, oldest=THIS.oldest_beside, release=THIS.release
    )
    assert await mongo_database["tallies"].count_documents({}) == 0
    await mongo_database["tallies"].insert_one({"_id": "-1001:", "blocks": {"0": 7}})
    await Database(mongo_database).prepare()
    assert await mongo_database["tallies"].count_documents({}) == 1


async def test_many_that_start_at_once_agree(mongo_database: MongoDatabase) -> None:
    codes = [code(version, 1, 1) for version in (1, 2, 3, 4) for _ in range(5)]
    async with asyncio.TaskGroup() as group:
        for one in codes:
            group.create_task(Schemas(mongo_database, one).enter())
    for _ in range(2):
        await Schemas(mongo_database, code(4, 1, 1)).enter()
    store = await Schemas(mongo_database).read()
    assert store is not None
    assert store.version == 4


async def ends_once(schemas: Schemas, change: Callable[[], Awaitable[object]], why: str) -> None:
    """The watch goes on until the change is there, and then says why it ends."""
    changed = False

    async def later() -> None:
        nonlocal changed
        await asyncio.sleep(0.3)
        changed = True
        await change()

    async with asyncio.TaskGroup() as group, asyncio.timeout(5):
        group.create_task(later())
        with pytest.raises(SchemaMismatch, match=why):
            await SchemaWatch(schemas, Outage(), beside=True, every=0.05).run()
        assert changed


async def test_a_program_ends_when_the_store_rises_past_it(
    database: Database, mongo_database: MongoDatabase
) -> None:
    later = THIS.version + 1
    risen = Schemas(mongo_database, code(later, later, 1))
    await ends_once(database.schema, risen.enter, f"Install Telecrew 0.{later}")


def holder(mark: str, *, account: int = 1, worker: str = WORKER) -> Holder:
    return Holder(account=account, worker=worker, mark=mark)


@pytest.mark.parametrize(
    ("before", "now", "told", "oldest", "found"),
    [
        ([holder("a")], [holder("b")], {}, 1, True),
        ([holder("a")], [holder("a")], {}, 1, False),
        ([], [holder("a")], {}, 1, False),
        ([holder("a")], [], {}, 1, False),
        ([holder("a")], [holder("b", worker="other")], {}, 1, False),
        ([holder("a")], [holder("b")], {WORKER: UNMARKED}, 1, False),
        ([holder("a")], [holder("b")], {WORKER: UNMARKED}, 2, True),
        ([holder("a")], [holder("b")], {WORKER: 2}, 2, False),
        ([holder("a")], [holder("b")], {WORKER: 9}, 2, False),
        ([holder("a")], [holder("b")], {"other": 9}, 2, True),
    ],
)
def test_only_who_renews_and_is_too_old_is_told_off(
    before: list[Holder], now: list[Holder], told: dict[str, int], oldest: int, found: bool
) -> None:
    assert bool(too_old_beside(before, now, told, oldest)) is found


async def test_a_collector_that_tells_nothing_of_itself_is_noticed(
    database: Database, mongo_database: MongoDatabase
) -> None:
    """It renews a lease, as forerunners do, and no document of it is among the workers."""
    accounts = mongo_database["accounts"]
    await accounts.insert_one({"_id": 1, "lease": {"worker": WORKER, "token": 1}})

    async def renew() -> None:
        await accounts.update_one({"_id": 1}, {"$set": {"lease.until": datetime.now(UTC)}})

    await ends_once(database.schema, renew, WORKER)
    assert (await mongo_database["schema"].find_one({}))["recount"]
