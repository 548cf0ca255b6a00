"""Tasks, and when each is due."""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from core.message import DeletionPolicy
from core.task import AccountPolicy, Schedule, Task, TaskSpec, TaskState
from db.client import Document, MongoDatabase
from db.codec import from_document, part, to_document
from db.errors import translates_errors
from db.sequences import Sequences

PAGE = 8

SOURCES = [("spec.sources", 1)]
"""The index of what tasks name: the planner might begin with all the others' ids."""


@translates_errors
class Tasks:
    """The `tasks` collection. `next_due` is the truth of every schedule."""

    def __init__(self, database: MongoDatabase, sequences: Sequences) -> None:
        self._tasks = database["tasks"]
        self._sequences = sequences

    async def add(
        self,
        *,
        owner: int,
        chat: int,
        spec: TaskSpec,
        schedule: Schedule,
        next_due: datetime | None,
        now: datetime,
        key: str | None = None,
    ) -> Task:
        """Store a new active task. With `key` given, a second call returns the first one's task."""
        if key is not None and (known := await self.get(key)) is not None:
            return known
        task = Task(
            id=key or str(ObjectId()),
            number=await self._sequences.next("task"),
            owner=owner,
            chat=chat,
            spec=spec,
            schedule=schedule,
            state=TaskState.ACTIVE,
            created_at=now,
            next_due=next_due,
        )
        try:
            await self._tasks.insert_one(to_document(task))
        except DuplicateKeyError:
            known = await self.get(task.id)
            if known is None:
                raise
            return known
        return task

    async def get(self, task: str) -> Task | None:
        """One task."""
        document = await self._tasks.find_one({"_id": task})
        return None if document is None else from_document(Task, document)

    async def move(self, task: str, before: int, now: int) -> None:
        """The chat in which a task lives has another id."""
        await self._tasks.update_one({"_id": task, "chat": before}, {"$set": {"chat": now}})

    async def of_ids(self, tasks: list[str]) -> dict[str, Task]:
        """The tasks of these ids that exist."""
        cursor = self._tasks.find({"_id": {"$in": tasks}})
        return {document["_id"]: from_document(Task, document) async for document in cursor}

    async def page(self, page: int = 0, size: int = PAGE) -> tuple[list[Task], int]:
        """The newest tasks of a page (from 0), and how many tasks there are."""
        cursor = self._tasks.find({}).sort("number", -1).skip(page * size).limit(size)
        tasks = [from_document(Task, document) async for document in cursor]
        return tasks, await self._tasks.estimated_document_count()

    async def edit(
        self,
        task: str,
        *,
        rev: int,
        spec: TaskSpec,
        schedule: Schedule,
        next_due: datetime | None,
    ) -> bool:
        """Replace spec and schedule if nobody edited since `rev`; counts from the next run.

        A finished task may fire again; a paused one stays so.
        """
        change: Document = {"spec": part(spec), "schedule": part(schedule), "next_due": next_due}
        known = {"_id": task, "rev": rev}
        finished = {**known, "state": TaskState.FINISHED}
        again = await self._guarded(finished, {**change, "state": TaskState.ACTIVE})
        return again or await self._guarded(known, change)

    async def set_policy(self, task: str, policy: AccountPolicy, *, rev: int) -> bool:
        """Let other accounts do the task's next runs, if nobody edited it since `rev`."""
        return await self._guarded({"_id": task, "rev": rev}, {"spec.policy": part(policy)})

    async def resume(self, task: str, next_due: datetime | None) -> bool:
        """Let a paused schedule go on, from its next time on."""
        paused = {"_id": task, "state": TaskState.PAUSED}
        return await self._guarded(paused, {"state": TaskState.ACTIVE, "next_due": next_due})

    async def begin_deletion(self, task: str, *, purge: bool) -> bool:
        """It is as good as gone; `purge`: so are the messages of the chats that it alone named."""
        change = {"state": TaskState.DELETING, "purge": purge}
        return await self._guarded({"_id": task}, change)

    async def set_state(self, task: str, state: TaskState) -> bool:
        """Pause, go on or finish; False for a task that is being deleted."""
        living = {"_id": task, "state": {"$ne": TaskState.DELETING}}
        return await self._guarded(living, {"state": state})

    async def deleting(self) -> list[Task]:
        """The tasks whose deletion was begun."""
        cursor = self._tasks.find({"state": TaskState.DELETING})
        return [from_document(Task, document) async for document in cursor]

    async def forgetful(self) -> dict[str, int]:
        """The tasks whose messages are kept for so many days only."""
        cursor = self._tasks.find({"spec.keep_days": {"$gt": 0}}, {"spec.keep_days": 1})
        return {one["_id"]: one["spec"]["keep_days"] async for one in cursor}

    async def keepers(self) -> list[str]:
        """The tasks that wish deleted messages to keep their bodies."""
        cursor = self._tasks.find({"spec.deletions": DeletionPolicy.KEEP}, {"_id": 1})
        return [one["_id"] async for one in cursor]

    async def naming(self, sources: Sequence[str], *, limit: int = 100) -> list[Task]:
        """Tasks that name one of these sources, in no order."""
        query = {"spec.sources": {"$in": list(sources)}}
        cursor = self._tasks.find(query, hint=SOURCES).limit(limit)
        return [from_document(Task, document) async for document in cursor]

    async def also_naming(self, sources: Sequence[str], *, but: str, limit: int = 5) -> list[Task]:
        """The tasks beside one that name one of these sources; none that goes with its messages."""
        going = {"state": TaskState.DELETING, "purge": True}
        query = {"spec.sources": {"$in": list(sources)}, "_id": {"$ne": but}, "$nor": [going]}
        cursor = self._tasks.find(query, hint=SOURCES).limit(limit)
        return [from_document(Task, document) async for document in cursor]

    async def due(self, now: datetime, *, limit: int = 100) -> list[Task]:
        """Active tasks whose time has come."""
        query = {"state": TaskState.ACTIVE, "next_due": {"$ne": None, "$lte": now}}
        cursor = self._tasks.find(query).sort("next_due", 1).limit(limit)
        return [from_document(Task, document) async for document in cursor]

    async def scheduled(self, *, before: datetime | None = None, limit: int = 1000) -> list[Task]:
        """Active tasks with a time to come, the nearest first."""
        bound = {"$ne": None} if before is None else {"$ne": None, "$lt": before}
        query = {"state": TaskState.ACTIVE, "next_due": bound}
        cursor = self._tasks.find(query).sort("next_due", 1).limit(limit)
        return [from_document(Task, document) async for document in cursor]

    async def move_due(self, task: str, *, was: datetime, to: datetime | None) -> bool:
        """Compare-and-set of an active task's next time; a task that has none left is finished."""
        change: Document = {"next_due": to}
        if to is None:
            change["state"] = TaskState.FINISHED
        guard = {"_id": task, "next_due": was, "state": TaskState.ACTIVE}
        result = await self._tasks.update_one(guard, {"$set": change})
        return bool(result.modified_count)

    async def delete(self, task: str) -> bool:
        """Remove the task itself; False when it was gone already."""
        result = await self._tasks.delete_one({"_id": task})
        return bool(result.deleted_count)

    async def _guarded(self, guard: Document, change: Document) -> bool:
        result = await self._tasks.update_one(guard, {"$set": change, "$inc": {"rev": 1}})
        return bool(result.modified_count)
