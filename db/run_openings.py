"""Opening a run, in an order with whatever pauses, edits, finishes or deletes its task.

The run is stored first, as one that is being opened: it takes the task's one place and its due
time, and nothing of it begins. Then one guarded write on the task asks whether the run may be; then
the run is open, or it is taken away. So whoever changes the task either comes first, and there is
no run, or finds the run. What a crash leaves in between any worker settles: each step may be done
by anyone, again and at the same time.
"""

from datetime import datetime

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from core.run import Card, Intent, OpenedBy, Opening, Run, RunState, Status
from core.task import AccountPolicy, Task, TaskState
from db.client import Document, MongoDatabase
from db.codec import from_document, part, to_document
from db.errors import translates_errors


@translates_errors
class RunOpenings:
    """The beginnings of runs; of tasks only the field `opened`, the last opening they agreed to."""

    def __init__(self, database: MongoDatabase) -> None:
        self._runs = database["runs"]
        self._tasks = database["tasks"]

    async def open(
        self,
        task: Task,
        *,
        due: datetime,
        now: datetime,
        by: OpenedBy = OpenedBy.OPERATOR,
        late: bool = False,
        continues: bool = False,
        card: Card | None = None,
    ) -> Run | None:
        """A new run of the task, its spec frozen; its jobs are planned by a worker.

        `late`: its time was missed. `continues`: it goes on listening for another. `card`: the
        message that is to show it. None when the task has an open run, when this due time had its
        run already, and when the task was changed since it was read.
        """
        run = Run(
            id=str(ObjectId()),
            task=task.id,
            number=task.number,
            owner=task.owner,
            spec=task.spec.at(now),
            due=due,
            intent=Intent.GO,
            status=Status(state=RunState.QUEUED),
            rev=1,
            planned=False,
            created_at=now,
            late=late,
            continues=continues,
            card=card,
            opening=Opening(id=str(ObjectId()), by=by, rev=task.rev),
        )
        try:
            await self._runs.insert_one({**to_document(run), "open": True, "shown": True})
        except DuplicateKeyError:
            await self.settle_of(task.id)
            return None
        return await self.settle(run)

    async def reopen(
        self,
        run: str,
        now: datetime,
        policy: AccountPolicy | None = None,
        *,
        rev: int | None = None,
    ) -> Run | None:
        """Open an ended run for its failed jobs; None while the task has an open run, and when the
        task is being deleted or was changed since `rev`.
        """
        opening = Opening(id=str(ObjectId()), by=OpenedBy.RETRY, rev=rev, policy=policy)
        change = {"open": True, "opening": part(opening), "started_at": now}
        try:
            document = await self._runs.find_one_and_update(
                {"_id": run, "open": False},
                {"$set": change},
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError:
            return None
        if document is not None:
            return await self.settle(from_document(Run, document))
        known = await self._runs.find_one({"_id": run, "opening": None})
        return None if known is None else from_document(Run, known)

    async def settle(self, run: Run) -> Run | None:
        """The run, open if its task agrees; None when it does not, and the run is gone again."""
        opening = run.opening
        if opening is None:
            return run
        one = {"_id": run.id, "opening.id": opening.id}
        if await self._agrees(run, opening):
            document = await self._runs.find_one_and_update(
                one, _opened(opening), return_document=ReturnDocument.AFTER
            )
            document = document or await self._runs.find_one({"_id": run.id, "opening": None})
            return None if document is None else from_document(Run, document)
        if opening.by is OpenedBy.RETRY:
            await self._runs.update_one(one, {"$set": {"open": False, "opening": None}})
        else:
            await self._runs.delete_one(one)
        return None

    async def settle_of(self, task: str) -> None:
        """Let a run of the task that is being opened be open or gone."""
        document = await self._runs.find_one({"task": task, "open": True})
        if document is not None:
            await self.settle(from_document(Run, document))

    async def _agrees(self, run: Run, opening: Opening) -> bool:
        """Whether the task has the run, from the first answer on: a later change finds it."""
        guard: Document = {"_id": run.task, "state": {"$ne": TaskState.DELETING}}
        if opening.by is OpenedBy.SCHEDULE:
            guard |= {"state": TaskState.ACTIVE, "next_due": run.due}
        if opening.rev is not None:
            guard["rev"] = opening.rev
        result = await self._tasks.update_one(guard, {"$set": {"opened": opening.id}})
        if result.matched_count:
            return True
        agreed = {"_id": run.task, "opened": opening.id}
        return await self._tasks.find_one(agreed, {"_id": 1}) is not None


def _opened(opening: Opening) -> Document:
    """The change of a run that its task agreed to."""
    change: Document = {"opening": None, "shown": False}
    if opening.by is not OpenedBy.RETRY:
        return {"$set": change}
    change |= {
        "intent": Intent.GO,
        "status": part(Status(state=RunState.QUEUED)),
        "ended_at": None,
        "planned": False,
        "continues": False,
        "continued_at": None,
    }
    if opening.policy is not None:
        change["spec.policy"] = part(opening.policy)
    return {"$set": change, "$inc": {"rev": 1}}
