"""Groups that searches found."""

from collections.abc import Iterable, Sequence

from pymongo import UpdateOne

from core.found import FoundGroup, Verdict
from db.client import Document, MongoDatabase
from db.codec import from_document, part
from db.errors import translates_errors

PAGE = 8


@translates_errors
class Found:
    """The `found` collection: each source once a run, as it was found first."""

    def __init__(self, database: MongoDatabase) -> None:
        self._found = database["found"]

    async def add(self, groups: Iterable[FoundGroup]) -> int:
        """Keep what is new to its run; how many that were."""
        writes = [
            UpdateOne({"_id": _id(group)}, {"$setOnInsert": part(group)}, upsert=True)
            for group in groups
        ]
        if not writes:
            return 0
        result = await self._found.bulk_write(writes, ordered=False)
        return int(result.upserted_count)

    async def of_run(self, run: str) -> list[FoundGroup]:
        """All that a run found, in the order of finding."""
        cursor = self._found.find({"run": run}).sort([("rank", 1), ("_id", 1)])
        return [from_document(FoundGroup, document) async for document in cursor]

    async def page(self, run: str, page: int = 0, size: int = PAGE) -> tuple[list[FoundGroup], int]:
        """A page (from 0) of what a run found, the largest groups first; how many there are."""
        cursor = self._found.find({"run": run}).sort([("members", -1), ("rank", 1)])
        groups = [
            from_document(FoundGroup, document)
            async for document in cursor.skip(page * size).limit(size)
        ]
        return groups, await self.count(run)

    async def count(self, run: str, verdict: Verdict | None = None) -> int:
        """How many groups a run found, of one verdict or of all."""
        query: Document = {"run": run}
        if verdict is not None:
            query["verdict"] = verdict
        return int(await self._found.count_documents(query))

    async def judge(self, groups: Sequence[FoundGroup]) -> None:
        """Store the verdicts that the rules gave."""
        writes = [
            UpdateOne({"_id": _id(group)}, {"$set": {"verdict": group.verdict, "rule": group.rule}})
            for group in groups
        ]
        if writes:
            await self._found.bulk_write(writes, ordered=False)

    async def turn(self, run: str, rank: int) -> None:
        """Tick a group of an unanswered list, or take the tick away."""
        await self._found.update_one(
            {"run": run, "rank": rank},
            [{"$set": {"verdict": _other("$verdict")}}],
        )

    async def set_all(self, run: str, verdict: Verdict) -> int:
        """Give every group of a run the same verdict; how many changed."""
        result = await self._found.update_many({"run": run}, {"$set": {"verdict": verdict}})
        return int(result.modified_count)

    async def delete_of(self, task: str) -> int:
        """Remove what a deleted task found."""
        result = await self._found.delete_many({"task": task})
        return int(result.deleted_count)


def _id(group: FoundGroup) -> str:
    return f"{group.run}:{group.source}"


def _other(verdict: str) -> Document:
    return {"$cond": [{"$eq": [verdict, Verdict.CHOSEN]}, Verdict.OPEN, Verdict.CHOSEN]}
