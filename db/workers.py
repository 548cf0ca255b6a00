"""The workers and their signs of life, by MongoDB's clock."""

from typing import Any

from core.schema import THIS
from core.worker import Load, WorkerSign
from db.client import Document, MongoDatabase
from db.codec import from_document, part
from db.errors import translates_errors


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
            },
        )

    async def beat(self, worker: str, load: Load) -> None:
        """It lives, and does this."""
        await self._write(worker, {"load": {"$literal": part(load)}})

    async def drain(self, worker: str) -> None:
        """It takes nothing more, and hands its accounts over."""
        await self._write(worker, {"draining": True})

    async def leave(self, worker: str) -> None:
        """It ended, and holds nothing."""
        await self._write(worker, {"left_at": "$$NOW", "load": {"$literal": part(Load())}})

    async def page(self, page: int = 0, size: int = 8) -> tuple[list[WorkerSign], int]:
        """A page (from 0) of the workers, the latest started first, and how many there are."""
        pipeline: list[dict[str, Any]] = [
            {"$sort": {"started_at": -1}},
            {"$skip": page * size},
            {"$limit": size},
            {"$set": {"silent": {"$divide": [{"$subtract": ["$$NOW", "$seen_at"]}, 1000]}}},
        ]
        signs = [from_document(WorkerSign, one) async for one in self._workers.aggregate(pipeline)]
        return signs, await self._workers.estimated_document_count()

    async def _write(self, worker: str, change: Document) -> None:
        update = [{"$set": {"seen_at": "$$NOW", **change}}]
        await self._workers.update_one({"_id": worker}, update, upsert=True)
