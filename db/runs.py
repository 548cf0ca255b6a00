"""Runs: opened once a due time, derived from their jobs, shown by a card."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import ReturnDocument

from core.run import OPEN_STATES, Card, Intent, Run, RunState, Status
from core.task import AccountPolicy, Step
from db.client import Document
from db.codec import from_document, part
from db.errors import translates_errors
from db.run_openings import RunOpenings


@translates_errors
class Runs(RunOpenings):
    """The `runs` collection. `open` mirrors `status` for the unique index against overlap;
    `shown` is False while the card still has something to show.
    """

    async def get(self, run: str) -> Run | None:
        """One run."""
        document = await self._runs.find_one({"_id": run})
        return None if document is None else from_document(Run, document)

    async def latest_of(self, task: str) -> Run | None:
        """The newest run of a task."""
        document = await self._runs.find_one({"task": task}, sort=[("due", -1)])
        return None if document is None else from_document(Run, document)

    async def open_of(self, task: str) -> Run | None:
        """The open run of a task: there is one at most, and it need not be the newest."""
        document = await self._runs.find_one({"task": task, "open": True})
        return None if document is None else from_document(Run, document)

    async def current_of(self, task: str) -> Run | None:
        """The open run of a task, else the newest."""
        return await self.open_of(task) or await self.latest_of(task)

    async def current_of_each(self, tasks: list[str]) -> dict[str, Run]:
        """`current_of` each task that has a run."""
        newest: list[Document] = [
            {"$match": {"task": {"$in": tasks}}},
            {"$sort": {"task": -1, "due": -1}},
            {"$group": {"_id": "$task", "run": {"$first": "$$ROOT"}}},
        ]
        found = {one["_id"]: one["run"] async for one in self._runs.aggregate(newest)}
        cursor = self._runs.find({"task": {"$in": tasks}, "open": True})
        found |= {one["task"]: one async for one in cursor}
        return {task: from_document(Run, found[task]) for task in tasks if task in found}

    async def has_due(self, task: str, due: datetime) -> bool:
        """Whether this due time had its run."""
        return await self._runs.find_one({"task": task, "due": due}, {"_id": 1}) is not None

    async def before(self, task: str, due: datetime) -> Run | None:
        """The run of a task that was ended for the one of this due time."""
        document = await self._runs.find_one({"task": task, "continued_at": due})
        return None if document is None else from_document(Run, document)

    async def continued(self, run: Run, due: datetime) -> bool:
        """An open run is to end for the one of `due`, if nobody wrote it since its `rev`."""
        result = await self._runs.update_one(
            {"_id": run.id, "rev": run.rev, "open": True},
            {"$set": {"continued_at": due}, "$inc": {"rev": 1}},
        )
        return bool(result.modified_count)

    async def dues_of(self, task: str, *, limit: int = 100) -> list[datetime]:
        """The due times that had their run, newest first."""
        cursor = self._runs.find({"task": task}, {"due": 1}).sort("due", -1).limit(limit)
        return [document["due"] async for document in cursor]

    async def open_runs(self, *, after: str = "", limit: int = 1000) -> list[Run]:
        """The open runs that follow the id `after`, oldest first."""
        query = {"open": True, "_id": {"$gt": after}}
        cursor = self._runs.find(query).sort("_id", 1).limit(limit)
        return [from_document(Run, document) async for document in cursor]

    async def page_open(self, page: int = 0, size: int = 8) -> list[Run]:
        """A page (from 0) of the open runs, oldest first."""
        cursor = self._runs.find({"open": True}).sort("_id", 1).skip(page * size).limit(size)
        return [from_document(Run, document) async for document in cursor]

    async def unplanned(
        self, *, after: str = "", newest: bool = False, limit: int = 100
    ) -> list[Run]:
        """Open runs whose jobs are not all in the queue yet: those that follow the id `after`,
        oldest first, or the `newest` of them, newest first. None that is being opened.
        """
        query = {"open": True, "planned": False, "opening": None, "_id": {"$gt": after}}
        cursor = self._runs.find(query).sort("_id", -1 if newest else 1).limit(limit)
        return [from_document(Run, document) async for document in cursor]

    async def stopped(self, *, limit: int = 1000) -> list[Run]:
        """Open runs that their operator stopped, oldest first."""
        cursor = self._runs.find({"open": True, "intent": Intent.CANCEL}).sort("_id", 1)
        return [from_document(Run, document) async for document in cursor.limit(limit)]

    async def paused(self, *, limit: int = 1000) -> list[Run]:
        """Open runs that their operator paused and that are not at rest yet, oldest first."""
        query = {"open": True, "intent": Intent.PAUSE, "status.state": {"$ne": RunState.PAUSED}}
        cursor = self._runs.find(query).sort("_id", 1).limit(limit)
        return [from_document(Run, document) async for document in cursor]

    async def of_ids(self, runs: list[str]) -> list[Run]:
        """The runs of these ids that exist."""
        cursor = self._runs.find({"_id": {"$in": runs}})
        return [from_document(Run, document) async for document in cursor]

    async def advanced(self, run: Run, *, planned: bool, asks: bool) -> bool:
        """What is to come of a run, if nobody wrote it since its `rev`."""
        result = await self._runs.update_one(
            {"_id": run.id, "rev": run.rev},
            {"$set": {"planned": planned, "asks": asks}, "$inc": {"rev": 1}},
        )
        return bool(result.modified_count)

    async def replan(self, run: str, policy: AccountPolicy | None = None) -> None:
        """More may be added to an open run, as a job of it leads on to others or begins again;
        from now on by the accounts of `policy`, where one is given.
        """
        change: Document = {"planned": False}
        if policy is not None:
            change["spec.policy"] = part(policy)
        await self._runs.update_one(
            {"_id": run, "open": True}, {"$set": change, "$inc": {"rev": 1}}
        )

    async def chosen(self, run: str, now: datetime) -> bool:
        """The operator chose among the found groups; False when that was done before, or the run
        has ended.
        """
        result = await self._runs.update_one(
            {"_id": run, "open": True, "chosen_at": None},
            {"$set": {"chosen_at": now, "asks": False}, "$inc": {"rev": 1}},
        )
        return bool(result.modified_count)

    async def set_intent(self, run: str, intent: Intent) -> bool:
        """What the operator wants of an open run; False when it has ended."""
        result = await self._runs.update_one(
            {"_id": run, "open": True}, {"$set": {"intent": intent}, "$inc": {"rev": 1}}
        )
        return bool(result.matched_count)

    async def set_status(self, run: Run, status: Status, now: datetime) -> bool:
        """Store a derived state by compare-and-set on the `rev` it was derived from."""
        ended = status.state not in OPEN_STATES
        change: Document = {"status": part(status), "open": not ended}
        if status.state is RunState.RUNNING and run.started_at is None:
            change["started_at"] = now
        change["ended_at"] = now if ended else None
        result = await self._runs.update_one(
            {"_id": run.id, "rev": run.rev}, {"$set": change, "$inc": {"rev": 1}}
        )
        return bool(result.modified_count)

    async def touch(self, run: str) -> Run | None:
        """Its jobs were changed: no state that was derived before is stored any more."""
        document = await self._runs.find_one_and_update(
            {"_id": run}, {"$inc": {"rev": 1}}, return_document=ReturnDocument.AFTER
        )
        return None if document is None else from_document(Run, document)

    async def to_show(
        self, *, after: str = "", among: list[str] | None = None, limit: int = 1000
    ) -> list[Run]:
        """Runs whose card is missing or not final and that follow the id `after`, oldest first;
        of those `among` some, where they are given.
        """
        named = {} if among is None else {"$in": among}
        query = {"shown": False, "_id": {"$gt": after, **named}}
        cursor = self._runs.find(query).sort("_id", 1).limit(limit)
        return [from_document(Run, document) async for document in cursor]

    async def set_card(self, run: str, card: Card | None) -> None:
        """Remember the message that shows the run; None where there is none any more."""
        kept = None if card is None else part(card)
        await self._runs.update_one({"_id": run}, {"$set": {"card": kept}})

    async def claim_ending(self, run: Run) -> bool:
        """The right to tell that this very `rev` ended: given once, to one process."""
        result = await self._runs.update_one(
            {"_id": run.id, "open": False, "rev": run.rev, "told": {"$ne": run.rev}},
            {"$set": {"told": run.rev}},
        )
        return bool(result.modified_count)

    async def claim_alarm(self, run: str, told: Sequence[str], unheard: Sequence[str]) -> bool:
        """The right to tell that an open run does not hear these sources, where `told` is what was
        told last: given once, to one process.
        """
        before = {"$in": [[], None]} if not told else list(told)
        result = await self._runs.update_one(
            {"_id": run, "open": True, "deaf": before}, {"$set": {"deaf": list(unheard)}}
        )
        return bool(result.modified_count)

    async def shown(self, run: Run) -> None:
        """The card shows the ending of this very `rev`: nothing is left to show."""
        await self._runs.update_one(
            {"_id": run.id, "open": False, "rev": run.rev},
            {"$set": {"shown": True}},
        )

    async def delete_of(self, task: str) -> int:
        """Remove the runs of a deleted task."""
        result = await self._runs.delete_many({"task": task})
        return int(result.deleted_count)

    async def ahead_of(self, run: str, most: int) -> int:
        """How many older runs are at work, `most` at most: not paused, not listening, not waiting
        for their operator.
        """
        query = {
            "open": True,
            "_id": {"$lt": run},
            "intent": Intent.GO,
            "asks": False,
            "spec.steps": {"$ne": Step.LISTEN},
        }
        return int(await self._runs.count_documents(query, limit=most))

    async def beyond(self, task: str, keep: int, *, limit: int = 500) -> list[str]:
        """The ended runs of a task that are older than its newest `keep`."""
        cursor = self._runs.find({"task": task}, {"open": 1}).sort("due", -1).skip(keep)
        return [one["_id"] async for one in cursor.limit(limit) if not one["open"]]

    async def prune(self, runs: list[str]) -> int:
        """Remove ended runs; their jobs are gone already."""
        result = await self._runs.delete_many({"_id": {"$in": runs}, "open": False})
        return int(result.deleted_count)

    async def count_open(self) -> int:
        """How many runs are open."""
        return int(await self._runs.count_documents({"open": True}))
