"""Which task has a claim to which chat, and which chats are being deleted."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from core.claim import EARLIER, Came, Claim, claim_id, claim_of
from db.client import Document, MongoDatabase
from db.codec import from_document, to_document
from db.errors import refused_as_known, translates_errors

EVERY_CHAT = -(2**63)
"""Below any chat: what is at least that is a number, which an index tells without the document."""

OF_TASKS = [("task", 1), ("chat", 1)]
OF_CHATS = [("chat", 1), ("task", 1)]


@translates_errors
class Claims:
    """The collections `claims`, a document a task and chat, and `purges`, one a chat that is being
    deleted.

    A claim is written before the first message of its chat is stored, and goes with its task. Jobs
    count as claims as well: a collector of an earlier version writes no others.
    """

    def __init__(self, database: MongoDatabase) -> None:
        self._claims = database["claims"]
        self._purges = database["purges"]
        self._jobs = database["jobs"]

    async def take(self, claims: Iterable[Claim]) -> None:
        """Write claims; those that are there stay as they are."""
        writes = []
        for claim in claims:
            fields = to_document(claim)
            fields = {name: value for name, value in fields.items() if value is not False}
            writes.append(
                UpdateOne({"_id": fields.pop("_id")}, {"$setOnInsert": fields}, upsert=True)
            )
        if not writes:
            return
        try:
            await self._claims.bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            refused_as_known(error)

    async def take_one(self, claim: Claim) -> Claim | None:
        """Write a claim, or leave the one that is there as it is: that one."""
        fields = {name: value for name, value in to_document(claim).items() if value is not False}
        document = await self._claims.find_one_and_update(
            {"_id": fields.pop("_id")}, {"$setOnInsert": fields}, upsert=True
        )
        return None if document is None else from_document(Claim, document)

    async def get(self, task: str, chat: int) -> Claim | None:
        """The claim of a task to a chat."""
        document = await self._claims.find_one({"_id": claim_id(task, chat)})
        return None if document is None else from_document(Claim, document)

    async def confirm(self, task: str, chat: int) -> None:
        """The chat is not being deleted; whoever begins to by now sees the claim."""
        await self._claims.update_one({"_id": claim_id(task, chat)}, {"$unset": {"waits": ""}})

    async def chats_of(self, task: str) -> set[int]:
        """The chats to which a task has a claim."""
        claimed = await self._claims.distinct("chat", {"task": task})
        return {chat for chat in (*claimed, *await self._reached(task)) if chat}

    async def tasks_of(self, chat: int) -> list[str]:
        """The tasks that have a claim to a chat, also such that are gone; no earlier one."""
        claiming = await self._claims.distinct("task", {"chat": chat})
        reached = await self._jobs.distinct("task", {"chat": chat})
        return [task for task in dict.fromkeys((*claiming, *reached)) if task != EARLIER]

    async def others(self, chat: int, but: str) -> AsyncIterator[str]:
        """The tasks of `tasks_of` beside one, one after the other: the first may be enough."""
        query = {"chat": chat, "task": {"$nin": [EARLIER, but]}}
        seen: set[str] = set()
        async for one in self._claims.find(query, {"_id": 0, "task": 1}).hint(OF_CHATS):
            seen.add(one["task"])
            yield one["task"]
        after = EARLIER
        while True:
            query = {"chat": chat, "task": {"$gt": after}}
            cursor = self._jobs.find(query, {"_id": 0, "task": 1}).sort(OF_CHATS)
            found = [one["task"] async for one in cursor.limit(1)]
            if not found:
                return
            after = found[0]
            if after != but and after not in seen:
                yield after

    async def drop(self, task: str, chat: int) -> None:
        """The task has no claim to the chat any more."""
        await self._claims.delete_one({"_id": claim_id(task, chat)})

    async def delete_of(self, task: str) -> int:
        """Remove the claims of a deleted task."""
        result = await self._claims.delete_many({"task": task})
        return int(result.deleted_count)

    async def keep_of_runs(self, runs: Sequence[str], now: datetime) -> None:
        """What the jobs of these runs reached stays claimed when they are gone."""
        await self._keep({"run": {"$in": list(runs)}}, now)

    async def keep_since(self, opened: datetime, now: datetime) -> None:
        """The same for runs that were opened since: their ids grow with time."""
        first = str(ObjectId.from_datetime(opened))
        await self._keep({"_id": {"$gte": first}}, now)

    async def earlier(self, *, skip: int = 0, limit: int = 1000) -> list[Claim]:
        """Claims of earlier tasks, by their chats."""
        cursor = self._claims.find({"task": EARLIER}).sort("chat", 1).hint(OF_TASKS)
        return [from_document(Claim, one) async for one in cursor.skip(skip).limit(limit)]

    async def count_earlier(self, *, undecided: bool = False) -> int:
        """How many chats earlier tasks have a claim to; `undecided`: about which nobody said that
        it stays."""
        query: Document = {"task": EARLIER, **({"kept": {"$ne": True}} if undecided else {})}
        return int(await self._claims.count_documents(query, hint=OF_TASKS))

    async def keep(self, chat: int) -> bool:
        """What an earlier task collected of the chat stays; False: none did."""
        known = {"_id": claim_id(EARLIER, chat)}
        result = await self._claims.update_one(known, {"$set": {"kept": True}})
        return bool(result.matched_count)

    async def begin_purge(self, task: str, chat: int, now: datetime) -> None:
        """From now on whoever has no claim to the chat yet waits; the others are to be looked for
        afterwards."""
        await self._purges.update_one(
            {"_id": chat}, {"$addToSet": {"by": task}, "$set": {"since": now}}, upsert=True
        )

    async def end_purge(self, task: str, chat: int) -> None:
        """The chat is not being deleted by this task any more."""
        await self._purges.update_one({"_id": chat}, {"$pull": {"by": task}})
        await self._purges.delete_one({"_id": chat, "by": []})

    async def purged_by(self, chat: int) -> list[str]:
        """The tasks that are deleting the chat just now; `EARLIER`: the operator is."""
        found = await self._purges.find_one({"_id": chat})
        return [] if found is None else list(found["by"])

    async def purges_of(self, task: str) -> list[int]:
        """The chats whose deletion by a task was begun, and not ended."""
        return [one["_id"] async for one in self._purges.find({"by": task})]

    async def _reached(self, task: str) -> list[int]:
        reached: list[int] = await self._jobs.distinct("chat", {"task": task})
        return reached

    async def _keep(self, jobs: Document, now: datetime) -> None:
        query = {**jobs, "chat": {"$gte": EVERY_CHAT}}
        cursor = self._jobs.find(query, {"task": 1, "chat": 1, "step": 1})
        claims = {
            (claim := claim_of(one["task"], one["chat"], Came(one["step"]), now)).id: claim
            async for one in cursor
        }
        present = self._claims.find({"_id": {"$in": list(claims)}}, {"_id": 1})
        known = {one["_id"] async for one in present}
        await self.take(claim for name, claim in claims.items() if name not in known)
