"""The workers and their signs of life, by MongoDB's clock."""

from collections.abc import Sequence
from typing import Any

from core.schema import THIS
from core.setback import Setback
from core.worker import Load, WorkerSign
from db.client import Document, MongoDatabase
from db.codec import from_document, part
from db.errors import translates_errors

_SILENT: Document = {
    "$set": {"silent": {"$divide": [{"$abs": {"$subtract": ["$$NOW", "$seen_at"]}}, 1000]}}
}
"""A sign from the future was made before a step of MongoDB's clock: how long ago nobody knows."""


@translates_errors
class Workers:
    """The `workers` collection: one document an identity."""

    def __init__(self, database: MongoDatabase) -> None:
        self._workers = database["workers"]

    async def begin(self, worker: str, *, host: str, version: str) -> None:
        """A worker with this identity starts; it says which schema it knows."""
        await self._write(
            worker,
            {
                "host": host,
                "version": version,
                "schema": THIS.version,
                "started_at": "$$NOW",
                "draining": False,
                "left_at": None,
                "load": {"$literal": part(Load())},
                "setbacks": [],
            },
            upsert=True,
        )

    async def beat(self, worker: str, load: Load, setbacks: Sequence[Setback] = ()) -> bool:
        """It lives, does this, and cannot use that. False where nothing is known of it any more:
        let it `begin` again.
        """
        told = {"$literal": [part(one) for one in setbacks]}
        change: Document = {"load": {"$literal": part(load)}, "setbacks": told}
        return await self._write(worker, change)

    async def drain(self, worker: str) -> None:
        """It takes nothing more, and hands its accounts over."""
        await self._write(worker, {"draining": True})

    async def leave(self, worker: str) -> None:
        """It ended, and holds nothing."""
        nothing: Document = {"load": {"$literal": part(Load())}, "setbacks": []}
        await self._write(worker, {"left_at": "$$NOW", **nothing})

    async def all(self) -> list[WorkerSign]:
        """Every worker that was heard of within a week."""
        pipeline: list[dict[str, Any]] = [{"$sort": {"started_at": -1}}, _SILENT]
        return [from_document(WorkerSign, one) async for one in self._workers.aggregate(pipeline)]

    async def page(self, page: int = 0, size: int = 8) -> tuple[list[WorkerSign], int]:
        """A page (from 0) of the workers, the latest started first, and how many there are."""
        pipeline: list[dict[str, Any]] = [
            {"$sort": {"started_at": -1}},
            {"$skip": page * size},
            {"$limit": size},
            _SILENT,
        ]
        signs = [from_document(WorkerSign, one) async for one in self._workers.aggregate(pipeline)]
        return signs, await self._workers.estimated_document_count()

    async def _write(self, worker: str, change: Document, *, upsert: bool = False) -> bool:
        update = [{"$set": {"seen_at": "$$NOW", **change}}]
        written = await self._workers.update_one({"_id": worker}, update, upsert=upsert)
        return bool(written.matched_count)
