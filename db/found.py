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

    async def titles(self, run: str) -> dict[str, str]:
        """The titles of the groups that a run found and that have no public name, by source."""
        query = {"run": run, "source": {"$not": {"$regex": "^@"}}}
        cursor = self._found.find(query, {"source": 1, "title": 1})
        found = [document async for document in cursor]
        return {one["source"]: one["title"] for one in found if one.get("title")}

    async def page(
        self, run: str, page: int = 0, size: int = PAGE, *, members: int | None = None
    ) -> tuple[list[FoundGroup], int]:
        """A page (from 0) of what a run found, the largest groups first; how many there are.

        `members`: only groups that are told to have at least so many.
        """
        query = _of(run, members)
        cursor = self._found.find(query).sort([("members", -1), ("rank", 1)])
        groups = [
            from_document(FoundGroup, document)
            async for document in cursor.skip(page * size).limit(size)
        ]
        return groups, int(await self._found.count_documents(query))

    async def tally(self, runs: Iterable[str]) -> dict[str, dict[Verdict, int]]:
        """How many groups of each verdict each of these runs found."""
        pipeline: list[Document] = [
            {"$match": {"run": {"$in": list(runs)}}},
            {"$group": {"_id": {"run": "$run", "verdict": "$verdict"}, "groups": {"$sum": 1}}},
        ]
        tally: dict[str, dict[Verdict, int]] = {}
        async for row in self._found.aggregate(pipeline):
            counts = tally.setdefault(row["_id"]["run"], {})
            counts[Verdict(row["_id"]["verdict"])] = row["groups"]
        return tally

    async def sources(self, run: str, verdict: Verdict) -> list[str]:
        """The sources of one verdict, the largest groups first."""
        query = {"run": run, "verdict": verdict}
        cursor = self._found.find(query, {"source": 1}).sort([("members", -1), ("rank", 1)])
        return [document["source"] async for document in cursor]

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

    async def tick(self, run: str, ranks: Sequence[int], *, ticked: bool) -> None:
        """Tick groups of an unanswered list, or take their ticks away."""
        await self._turn({"run": run, "rank": {"$in": list(ranks)}}, ticked=ticked)

    async def tick_all(self, run: str, *, ticked: bool, members: int | None = None) -> None:
        """Tick every group of an unanswered list that has so many members, or none of them."""
        await self._turn(_of(run, members), ticked=ticked)

    async def drop_open(self, run: str) -> int:
        """The operator chose: what is not ticked is not wanted; how many that are."""
        result = await self._found.update_many(
            {"run": run, "verdict": Verdict.OPEN}, {"$set": {"verdict": Verdict.DROPPED}}
        )
        return int(result.modified_count)

    async def _turn(self, which: Document, *, ticked: bool) -> None:
        was, now = (Verdict.OPEN, Verdict.CHOSEN) if ticked else (Verdict.CHOSEN, Verdict.OPEN)
        await self._found.update_many({**which, "verdict": was}, {"$set": {"verdict": now}})

    async def delete_of_runs(self, runs: Sequence[str]) -> int:
        """Remove what runs found that are pruned."""
        result = await self._found.delete_many({"run": {"$in": list(runs)}})
        return int(result.deleted_count)

    async def delete_of(self, task: str) -> int:
        """Remove what a deleted task found."""
        result = await self._found.delete_many({"task": task})
        return int(result.deleted_count)


def _id(group: FoundGroup) -> str:
    return f"{group.run}:{group.source}"


def _of(run: str, members: int | None) -> Document:
    return {"run": run} if members is None else {"run": run, "members": {"$gte": members}}
