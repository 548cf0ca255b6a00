"""The jobs as they are: of a run, of the queue, of a chat."""

from collections.abc import Iterable, Sequence
from typing import Any

from core.job import Family, Job, JobState
from db.client import MongoDatabase
from db.codec import from_document


class Backlog:
    """What is read of the `jobs` collection; `db.jobs` writes it."""

    def __init__(self, database: MongoDatabase) -> None:
        self._jobs = database["jobs"]

    async def get(self, job: str) -> Job | None:
        """One job."""
        document = await self._jobs.find_one({"_id": job})
        return None if document is None else from_document(Job, document)

    async def of_run(self, run: str) -> list[Job]:
        """The jobs of a run, in the order of its sources."""
        cursor = self._jobs.find({"run": run}).sort("_id", 1)
        return [from_document(Job, document) async for document in cursor]

    async def of_runs(self, runs: Iterable[str]) -> dict[str, list[Job]]:
        """The jobs of several runs."""
        grouped: dict[str, list[Job]] = {run: [] for run in runs}
        cursor = self._jobs.find({"run": {"$in": list(grouped)}}).sort([("run", 1), ("_id", 1)])
        async for document in cursor:
            grouped[document["run"]].append(from_document(Job, document))
        return grouped

    async def any_open(self) -> bool:
        """Whether a job is queued or running."""
        query = {"state": {"$in": [JobState.QUEUED, JobState.RUNNING]}}
        return await self._jobs.find_one(query, {"_id": 1}) is not None

    async def running(self, *, limit: int = 5000) -> list[Job]:
        """Running jobs of every account."""
        cursor = self._jobs.find({"state": JobState.RUNNING}).limit(limit)
        return [from_document(Job, document) async for document in cursor]

    async def queued(self, *, limit: int = 1000) -> list[Job]:
        """Ready jobs of every family, fairest first."""
        cursor = self._jobs.find({"ready": True}).sort("vt", 1).limit(limit)
        return [from_document(Job, document) async for document in cursor]

    async def ready_families(self, families: Sequence[Family]) -> set[Family]:
        """Those of which some job may be claimed."""
        each: list[list[dict[str, Any]]] = [
            [
                {"$match": {"family": family, "ready": True}},
                {"$limit": 1},
                {"$project": {"_id": 0, "family": 1}},
            ]
            for family in families
        ]
        others = [{"$unionWith": {"coll": "jobs", "pipeline": one}} for one in each[1:]]
        rows = self._jobs.aggregate([*each[0], *others])
        return {Family(row["family"]) async for row in rows}

    async def delayed(self, *, limit: int = 1000) -> list[Job]:
        """Queued jobs that wait for a time."""
        query = {"state": JobState.QUEUED, "wait.until": {"$ne": None}}
        cursor = self._jobs.find(query).limit(limit)
        return [from_document(Job, document) async for document in cursor]

    async def running_by_account(self) -> dict[int, int]:
        """How many jobs each account runs."""
        pipeline: list[dict[str, Any]] = [
            {"$match": {"state": JobState.RUNNING}},
            {"$group": {"_id": "$account", "jobs": {"$sum": 1}}},
        ]
        return {row["_id"]: row["jobs"] async for row in self._jobs.aggregate(pipeline)}

    async def count_by_state(self) -> dict[str, int]:
        """How many jobs that have not ended are in each state."""
        pipeline: list[dict[str, Any]] = [
            {"$match": {"state": {"$in": [JobState.QUEUED, JobState.RUNNING]}}},
            {"$group": {"_id": "$state", "jobs": {"$sum": 1}}},
        ]
        return {row["_id"]: row["jobs"] async for row in self._jobs.aggregate(pipeline)}

    async def is_read(self, chat: int) -> bool:
        """Whether a job reads this chat just now."""
        query = {"chat": chat, "state": JobState.RUNNING}
        return await self._jobs.find_one(query, {"_id": 1}) is not None
