"""`store`: lists, pages, cards and claims in a store of years."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bench.figures import Figure, quantile
from bench.stage import CLOCK, Stage
from bench.store_crew import fill_crew
from bot.features.accounts.service import AccountService
from bot.features.found.service import FoundService, Place
from bot.features.queue.service import QueueService
from bot.features.runs.service import RunService
from bot.features.runs.steps import listening_of
from bot.features.tasks.deletion import Deletions
from bot.features.tasks.service import TaskService
from bot.features.workers.service import WorkerService
from bot.holders import Holders
from core.job import Family, Job, JobState, Progress
from core.options import HistoryOptions
from core.planning import peek_keys
from core.run import Intent, Run, RunState, Status
from core.task import Schedule, ScheduleKind, Step, Task, TaskSpec, TaskState
from db.client import Document, MongoDatabase
from db.codec import to_document
from db.database import Database

NAMES = ("store",)
MESSAGES, QUICK_MESSAGES = 10_000_000, 100_000
CHUNK = 500_000
CHATS = 100
SAMPLES, QUICK_SAMPLES = 200, 30
BOUND_MS = 50.0

Query = Callable[[int], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of everything. Of the newest runs `open` are so, each of another task."""

    messages: int

    @property
    def runs(self) -> int:
        return self.messages // 100

    @property
    def tasks(self) -> int:
        return self.messages // 1_000

    @property
    def open(self) -> int:
        return min(200, self.tasks // 2)


async def measure(stage: Stage, wanted: Sequence[str]) -> list[Figure]:
    """p50 and p99 in milliseconds of each query, beside the bound of 50 ms; the messages of each
    chat are counted before, as the job that reads them leaves them."""
    if not wanted:
        return []
    size = Size(QUICK_MESSAGES if stage.quick else MESSAGES)
    samples = QUICK_SAMPLES if stage.quick else SAMPLES
    figures: list[Figure] = []
    async with stage.database() as (bare, database, _):
        await fill(bare, size)
        await database.prepare()
        for number in range(CHATS):
            await database.tallies.keep(_chat(number), "")
        for name, query in queries(database, size).items():
            times = [await _timed(query, number) for number in range(samples + 1)][1:]
            figures += [
                _figure(f"store.{name}.p50", quantile(times, 0.5)),
                _figure(f"store.{name}.p99", quantile(times, 0.99)),
            ]
    return figures


def queries(database: Database, size: Size) -> dict[str, Query]:
    """What operators look at and what workers do, each with the number of the try."""
    runs = RunService(database, CLOCK)
    lists = TaskService(database, CLOCK, runs)
    queue = QueueService(database, CLOCK)

    async def claim(_: int) -> object:
        [job, *_] = await database.jobs.peek(Family.HISTORY, peek_keys(range(1, 21)))
        return await database.jobs.claim(job.id, 1, 1, CLOCK.now())

    async def card(number: int) -> object:
        run = _run_name(size.runs - 1 - number % size.open)
        return await database.runs.get(run), await database.jobs.of_run(run)

    return {
        "tasks.first": lambda _: lists.page(0),
        "tasks.middle": lambda number: lists.page(size.tasks // 12 + number),
        "task": lambda number: lists.view(f"t{size.tasks - 1 - number % size.tasks:09}"),
        "queue": lambda number: queue.page(number % 10),
        "card": card,
        "cards": lambda _: database.runs.to_show(limit=100),
        "latest": lambda number: database.messages.latest(_chat(number)),
        "claim": claim,
        "due": lambda _: database.tasks.due(CLOCK.now()),
        **_pages(database, size, runs),
    }


def _pages(database: Database, size: Size, runs: RunService) -> dict[str, Query]:
    """Of the crew, and of what is shown besides the messages."""
    newest, open_runs = _run_name(size.runs - 1), size.runs - size.open
    found, deletions = (
        FoundService(database, CLOCK),
        Deletions(database, CLOCK, runs, Holders(database, CLOCK)),
    )
    accounts, workers = AccountService(database), WorkerService(database, CLOCK)

    async def crew(_: int) -> object:
        return await accounts.crew(), await accounts.running()

    async def listening(_: int) -> object:
        run, jobs = await database.runs.get(newest), await database.jobs.of_run(newest)
        return run, jobs, listening_of(await database.subscriptions.of_run(newest))

    return {
        "found": lambda number: found.page(Place(run=newest, page=number)),
        "coverage": lambda number: runs.coverage(_run_name(open_runs + number % size.open)),
        "deletion": lambda number: deletions.ask(f"t{number % size.tasks:09}"),
        "accounts": crew,
        "workers": lambda number: workers.page(number % 5),
        "listening": listening,
    }


async def fill(bare: MongoDatabase, size: Size) -> None:
    """Generated by MongoDB itself, in chunks; without indexes, which are built at once after it."""
    await _make(bare, "tasks", size.tasks, _task())
    await _make(bare, "runs", size.runs, _run(size))
    await _make(bare, "jobs", size.runs, _job(size))
    await _make(bare, "messages", size.messages, _message())
    await bare["sequences"].insert_one({"_id": "task", "value": size.tasks})
    chats = [_chat(number) for number in range(CHATS)]
    await fill_crew(bare, chats, size.messages // CHATS, _run_name(size.runs - 1))


async def _make(bare: MongoDatabase, collection: str, count: int, document: Document) -> None:
    await bare[collection].drop_indexes()
    for start in range(0, count, CHUNK):
        pipeline: list[Document] = [
            {"$documents": [{"n": {"$range": [start, min(start + CHUNK, count)]}}]},
            {"$unwind": "$n"},
            {"$replaceWith": document},
            {"$merge": {"into": collection, "whenMatched": "fail"}},
        ]
        await _drain(bare.aggregate(pipeline))


async def _drain(cursor: AsyncIterator[Document]) -> None:
    async for _ in cursor:
        pass


def _sample(value: object, **fields: Any) -> Document:
    bare = {name: part for name, part in to_document(value).items() if name not in fields}
    return {"$mergeObjects": [{"$literal": bare}, fields]}


def _name(kind: str, number: Any) -> Document:
    digits = {"$substrBytes": [{"$toString": {"$add": [number, 10**9]}}, 1, 9]}
    return {"$concat": [kind, digits]}


def _run_name(number: int) -> str:
    return f"r{number:09}"


def _chat(number: int) -> int:
    return -1_000_000_000_000 - number % CHATS


def _task() -> Document:
    now = CLOCK.now()
    task = Task(
        id="",
        number=0,
        owner=1,
        chat=1,
        spec=TaskSpec(sources=("@one",)),
        schedule=Schedule(kind=ScheduleKind.EVERY, every=timedelta(hours=1), anchor=now),
        state=TaskState.ACTIVE,
        created_at=now,
    )
    due = {"$dateAdd": {"startDate": now, "unit": "minute", "amount": {"$add": ["$n", 60]}}}
    return _sample(task, _id=_name("t", "$n"), number={"$add": ["$n", 1]}, next_due=due)


def _run(size: Size) -> Document:
    now = CLOCK.now()
    run = Run(
        id="",
        task="",
        number=0,
        owner=1,
        spec=TaskSpec(sources=("@one",)),
        due=now,
        intent=Intent.GO,
        status=Status(state=RunState.DONE),
        rev=3,
        planned=True,
        created_at=now,
    )
    is_open = {"$gte": ["$n", size.runs - size.open]}
    state = {"$cond": [is_open, RunState.RUNNING, RunState.DONE]}
    due = {
        "$dateAdd": {"startDate": now, "unit": "minute", "amount": {"$subtract": ["$n", size.runs]}}
    }
    return _sample(
        run,
        _id=_name("r", "$n"),
        task=_name("t", {"$mod": ["$n", size.tasks]}),
        number={"$add": [{"$mod": ["$n", size.tasks]}, 1]},
        due=due,
        status={"state": state, "wait": None},
        open=is_open,
        shown={"$not": [is_open]},
    )


def _job(size: Size) -> Document:
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
        created_at=CLOCK.now(),
        progress=Progress(read=100, new=100, known=0, total=100),
    )
    is_open, runs_now = {"$gte": ["$n", size.runs - size.open]}, {"$eq": [{"$mod": ["$n", 2]}, 0]}
    queued = {"$and": [is_open, {"$not": [runs_now]}]}
    running = {"$and": [is_open, runs_now]}
    waiting = {"$or": [queued, {"$eq": [{"$mod": ["$n", 5]}, 0]}]}
    state = {"$cond": [waiting, JobState.QUEUED, JobState.DONE]}
    return _sample(
        job,
        _id={"$concat": [_name("r", "$n"), ":0000"]},
        run=_name("r", "$n"),
        task=_name("t", {"$mod": ["$n", size.tasks]}),
        chat={"$subtract": [_chat(0), {"$mod": ["$n", CHATS]}]},
        state={"$cond": [running, JobState.RUNNING, state]},
        ready={"$cond": [{"$and": [waiting, {"$not": [running]}]}, True, "$$REMOVE"]},
        vt={"$toDouble": "$n"},
        account={"$cond": [running, 1, None]},
        token={"$cond": [running, 1, None]},
    )


def _message() -> Document:
    return {
        "chat": {"$subtract": [_chat(0), {"$mod": ["$n", CHATS]}]},
        "box": "",
        "id": {"$toInt": {"$add": [{"$floor": {"$divide": ["$n", CHATS]}}, 1]}},
        "date": {"$dateAdd": {"startDate": CLOCK.now(), "unit": "second", "amount": "$n"}},
        "text": {"$concat": ["What was said here, number ", {"$toString": "$n"}, ". " * 20]},
        "views": "$n",
    }


async def _timed(query: Query, number: int) -> float:
    began = time.perf_counter()
    await query(number)
    return (time.perf_counter() - began) * 1000


def _figure(name: str, value: float) -> Figure:
    return Figure(name=name, value=value, unit="ms", baseline=BOUND_MS, ratio=value / BOUND_MS)
