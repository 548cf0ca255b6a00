"""The schema of the store: what it was upgraded to, and who may work on it."""

from typing import Any

import structlog
from pymongo.errors import DuplicateKeyError

from core.schema import (
    THIS,
    UNMARKED,
    CodeSchema,
    Holder,
    StoreSchema,
    check_store,
    upgraded,
)
from db.client import Document, MongoDatabase
from db.codec import from_document, part
from db.errors import translates_errors

log = structlog.get_logger(__name__)

KEY = "store"


@translates_errors
class Schemas:
    """The `schema` collection: one document, `{version, oldest, release, recount}`."""

    def __init__(self, database: MongoDatabase, code: CodeSchema = THIS) -> None:
        self._database = database
        self._schema = database["schema"]
        self.code = code

    async def enter(self) -> None:
        """Before anything else is written: may this program work here? Then upgrade the store.

        Raises SchemaMismatch, and has changed nothing, where it may not.
        """
        if (store := await self.read()) is not None:
            check_store(self.code, store)
        await self._recount()
        if store is None:
            await self._mark()
        elif (risen := upgraded(self.code, store)) != store:
            await self._schema.update_one(
                {"_id": KEY, "version": store.version}, {"$set": part(risen)}
            )
            log.info("schema.upgraded", before=store.version, now=risen.version)

    async def read(self) -> StoreSchema | None:
        """What the store says; None where it says nothing yet."""
        document = await self._schema.find_one({"_id": KEY})
        return None if document is None else from_document(StoreSchema, document)

    async def check(self) -> None:
        """Raise SchemaMismatch once a newer release has upgraded the store past this program."""
        if (store := await self.read()) is not None:
            check_store(self.code, store)

    async def holders(self) -> tuple[Holder, ...]:
        """Every lease as it stands now."""
        leases = self._database["accounts"].find({"lease": {"$ne": None}}, {"lease": 1})
        return tuple([_holder(document) async for document in leases])

    async def told(self) -> dict[str, int]:
        """The schema of each collector that tells of itself."""
        workers = self._database["workers"].find({}, {"schema": 1})
        return {one["_id"]: one.get("schema", UNMARKED) async for one in workers}

    async def distrust_counts(self) -> None:
        """Kept counts are begun anew at the next start: somebody wrote who does not keep them."""
        await self._schema.update_one({"_id": KEY}, {"$set": {"recount": True}})

    async def _recount(self) -> None:
        """Begin kept counts anew where somebody may have written who does not keep them."""
        if not await self._schema.find_one({"_id": KEY, "recount": {"$ne": True}}, {"_id": 1}):
            await self._database["tallies"].delete_many({})
            await self._schema.update_one({"_id": KEY}, {"$set": {"recount": False}})

    async def _mark(self) -> None:
        code = self.code
        store = StoreSchema(version=code.version, oldest=code.oldest_beside, release=code.release)
        try:
            await self._schema.insert_one({"_id": KEY, "recount": False, **part(store)})
        except DuplicateKeyError:
            await self.check()


def _holder(document: Document) -> Holder:
    lease: dict[str, Any] = document["lease"]
    mark = " ".join(f"{name}={lease[name]}" for name in sorted(lease))
    return Holder(account=document["_id"], worker=str(lease.get("worker")), mark=mark)
