"""A store after years of use: made by MongoDB itself, in seconds."""

from datetime import UTC, datetime, timedelta
from typing import Any

from core.job import Family, Job, JobState, Wait
from core.options import HistoryOptions
from core.run import Intent, Run, RunState, Status
from core.task import Schedule, ScheduleKind, Step, Task, TaskSpec, TaskState
from db.client import Document, MongoDatabase
from db.codec import to_document

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MANY = 100_000
OPEN = 1_000
"""The newest tasks: each has an open run with a running job. The others' runs have ended."""

BLOCKED = "a7"
"""The account that has all the old jobs at the head of the queue to itself, and does not come."""

QUEUED = 60_000
FREE = 1_000
"""Of the queue, the jobs behind all the blocked ones, for any account."""

SPEC = TaskSpec(sources=("@one",))


def below(bound: int, this: object, that: object) -> Document:
    """`this` for the documents with a number under `bound`, `that` for the others."""
    return {"$cond": [{"$lt": ["$n", bound]}, this, that]}


def name(kind: str) -> Document:
    """An id like those of the store, in the order of numbers."""
    return {"$concat": [kind, {"$substrBytes": [{"$toString": {"$add": ["$n", 10**6]}}, 1, 6]}]}


async def fill(
    database: MongoDatabase, collection: str, sample: object, count: int, **fields: Any
) -> None:
    """Make `count` documents like `sample`; `fields` are expressions of the number `$n`."""
    bare = {key: value for key, value in to_document(sample).items() if key not in fields}
    await make(database, collection, count, {"$mergeObjects": [{"$literal": bare}, fields]})


async def make(database: MongoDatabase, collection: str, count: int, document: Document) -> None:
    """Make `count` documents by an expression of the number `$n`."""
    pipeline: list[Document] = [
        {"$documents": [{"n": {"$range": [0, count]}}]},
        {"$unwind": "$n"},
        {"$replaceWith": document},
        {"$out": collection},
    ]
    async for _ in database.aggregate(pipeline):
        pass


async def fill_tasks(database: MongoDatabase) -> None:
    """One in a hundred has a schedule; ten are due, ten are being deleted."""
    task = Task(
        id="",
        number=0,
        owner=1,
        chat=1,
        spec=SPEC,
        schedule=Schedule(kind=ScheduleKind.EVERY, every=timedelta(hours=1), anchor=NOW),
        state=TaskState.FINISHED,
        created_at=NOW,
    )
    active = below(MANY // 100, TaskState.ACTIVE, TaskState.FINISHED)
    due = {"$dateAdd": {"startDate": NOW, "unit": "minute", "amount": {"$subtract": ["$n", 10]}}}
    await fill(
        database,
        "tasks",
        task,
        MANY,
        _id=name("t"),
        number={"$add": ["$n", 1]},
        state={"$cond": [{"$gte": ["$n", MANY - 10]}, TaskState.DELETING, active]},
        next_due=below(MANY // 100, due, None),
    )


async def fill_files(database: MongoDatabase) -> None:
    """A file that is to go."""
    await database["media"].insert_one({"_id": "gone", "leaving": True})


async def fill_runs(database: MongoDatabase) -> None:
    """A run a task."""
    run = Run(
        id="",
        task="",
        number=0,
        owner=1,
        spec=SPEC,
        due=NOW,
        intent=Intent.GO,
        status=Status(state=RunState.DONE),
        rev=3,
        planned=True,
        created_at=NOW,
    )
    is_open = below(MANY - OPEN, False, True)
    await fill(
        database,
        "runs",
        run,
        MANY,
        _id=name("r"),
        task=name("t"),
        number={"$add": ["$n", 1]},
        status={"state": below(MANY - OPEN, RunState.DONE, RunState.RUNNING), "wait": None},
        open=is_open,
        shown={"$not": [is_open]},
    )


async def fill_jobs(database: MongoDatabase) -> None:
    """A long queue whose head is blocked, jobs that wait, run or have ended."""
    job = Job(
        id="",
        run="",
        task="",
        step=Step.HISTORY,
        source="@one",
        options=HistoryOptions(),
        keys=("*",),
        family=Family.HISTORY,
        state=JobState.DONE,
        created_at=NOW,
        wait=Wait(why="flood", until=NOW),
    )
    running = MANY - OPEN
    state = below(QUEUED, JobState.QUEUED, below(running, JobState.DONE, JobState.RUNNING))
    ready = QUEUED - FREE
    later = {"$and": [{"$gte": ["$n", ready]}, {"$lt": ["$n", ready + FREE // 2]}]}
    until = {
        "$dateAdd": {"startDate": NOW, "unit": "minute", "amount": {"$subtract": ["$n", ready]}}
    }
    await fill(
        database,
        "jobs",
        job,
        MANY,
        _id={"$concat": [name("r"), ":0000"]},
        run=name("r"),
        task=name("t"),
        keys=below(ready, [BLOCKED], ["*"]),
        state=state,
        ready={"$cond": [{"$or": [later, {"$gte": ["$n", QUEUED]}]}, "$$REMOVE", True]},
        vt="$n",
        account=below(running, None, {"$add": [1, {"$mod": ["$n", 50]}]}),
        token=below(running, None, 1),
        wait={"$cond": [later, {"why": "flood", "until": until}, None]},
    )


async def fill_messages(database: MongoDatabase) -> None:
    """A chat; one in ten was deleted."""
    gone = {"$eq": [{"$mod": ["$n", 10]}, 0]}
    fields = {
        "chat": {"$literal": -1001},
        "box": "",
        "id": "$n",
        "date": {"$cond": [gone, "$$REMOVE", NOW]},
        "text": {"$cond": [gone, "$$REMOVE", {"$concat": ["text ", {"$toString": "$n"}]}]},
        "body": {"$cond": [gone, "cleared", "$$REMOVE"]},
    }
    await make(database, "messages", MANY, fields)


async def fill_subscriptions(database: MongoDatabase) -> None:
    """A chat for each open run."""
    number = {"$add": ["$n", MANY - OPEN]}
    run = {"$concat": ["r", {"$substrCP": [{"$toString": {"$add": [number, 1_000_000]}}, 1, 6]}]}
    fields = {
        "_id": {"$concat": ["-100", {"$toString": "$n"}]},
        "chat": {"$subtract": [-1001, "$n"]},
        "box": "",
        "source": "@one",
        "wants": [{"run": run, "task": "t", "keys": ["*"]}],
        "reader": 1,
        "rev": 1,
    }
    await make(database, "subscriptions", OPEN, fields)


async def fill_all(database: MongoDatabase) -> None:
    """Everything; before the indexes, so that each is built at once."""
    await fill_tasks(database)
    await fill_runs(database)
    await fill_jobs(database)
    await fill_messages(database)
    await fill_subscriptions(database)
    await fill_files(database)
    await database["sequences"].insert_one({"_id": "task", "value": MANY})
