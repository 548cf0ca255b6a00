"""`jobs.*`: what runs and their jobs cost while many wait, whatever is read in them.

Planning 20,000 jobs of 400 runs; a bot that shows 400 open runs; jobs of 20 messages each, by two
collectors beside a bot; and how evenly 400 runs are served, one of them urgent.
"""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.figures import Figure
from bench.process import Child, child, cpu_of
from bench.stage import CLOCK, Collector, Crew, Stage, until
from bench.telegram import Telegram, handles, local_telegram, numbered
from collector.run_keeper import RunKeeper
from core.run import Run, RunState
from core.task import Priority, Schedule, TaskSpec
from db.client import MongoDatabase
from db.database import Database

NAMES = ("jobs.planned", "jobs.bot", "jobs.cpu", "jobs.urgent")
RUNS, QUICK_RUNS = 400, 20
SOURCES, QUICK_SOURCES = 50, 10
SMALL, QUICK_SMALL = 400, 40
SIZE = 20
PER_RUN = 10
WATCHED, QUICK_WATCHED = 30.0, 5.0
ROUNDS, QUICK_ROUNDS = 2, 1
SLOW = "history=1/60,resolve=1/60"
LOOKS = 1.0
"""Seconds between two looks of the benchmark: each is a command that no job asked for."""

UNCOUNTED = ("hello", "isMaster", "ismaster", "ping", "serverStatus")
LOOKS = 1.0
"""Seconds between two looks of the benchmark: each is a command that no job asked for."""

UNCOUNTED = ("hello", "isMaster", "ismaster", "ping", "serverStatus")
STARTED, QUICK_STARTED = 3, 2
"""Jobs of each run that have begun before their shares are counted."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of CPU of each process, and MongoDB's commands."""

    cpu: Mapping[str, float]
    commands: int

    def since(self, before: "Cost") -> "Cost":
        """What came since then."""
        return Cost(
            {name: self.cpu[name] - before.cpu[name] for name in self.cpu},
            self.commands - before.commands,
        )


async def measure(stage: Stage, wanted: Sequence[str]) -> list[Figure]:
    """Each of them on a database of its own."""
    figures: list[Figure] = []
    async with local_telegram(numbered(_small(stage), SIZE), accounts=4) as telegram:
        if "jobs.planned" in wanted or "jobs.bot" in wanted:
            figures += await _waiting(stage, telegram)
        if "jobs.cpu" in wanted:
            figures += await _costs(stage, telegram)
        if "jobs.urgent" in wanted:
            figures += await _shares(stage, telegram)
    return figures


def _small(stage: Stage) -> int:
    return QUICK_SMALL if stage.quick else SMALL


async def _waiting(stage: Stage, telegram: Telegram) -> list[Figure]:
    """A collector with four accounts, at a pace that begins little, and a bot."""
    runs = QUICK_RUNS if stage.quick else RUNS
    sources = QUICK_SOURCES if stage.quick else SOURCES
    async with stage.crew(telegram, telegram.people) as crew, _bot(crew) as bot:
        spec = TaskSpec(sources=tuple(f"@nobody_{place}" for place in range(sources)))
        for _ in range(runs):
            await _open(crew.database, spec, chat=int(telegram.settings["ADMINS"]))
        async with crew.collector(PACE=SLOW) as collector:
            figures = await _planned(crew, collector, runs * sources)
            figures += await _looked_at(stage, bot)
    return figures


async def _planned(crew: Crew, collector: Collector, jobs: int) -> list[Figure]:
    """From the first planned run to the last; beside a bare `insert_many` of the same documents."""

    async def first() -> bool:
        return await crew.bare["runs"].find_one({"planned": True}) is not None

    async def last() -> bool:
        return await crew.bare["runs"].find_one({"planned": False}) is None

    await until(first)
    began, cpu = time.perf_counter(), collector.process.cpu()
    await until(last)
    took, spent = time.perf_counter() - began, collector.process.cpu() - cpu
    if await crew.bare["jobs"].count_documents({}) != jobs:
        raise RuntimeError("not all jobs were planned")
    bare = jobs / await _bare(crew)
    return [
        Figure(
            name="jobs.planned",
            value=jobs / took,
            unit="jobs/second",
            baseline=bare,
            ratio=jobs / took / bare,
        ),
        Figure(name="jobs.planned.cpu", value=jobs / spent, unit="jobs/CPU-second"),
    ]


async def _bare(crew: Crew) -> float:
    """Seconds for the same documents, a run at a time, into a collection with the same indexes."""
    documents = [one async for one in crew.bare["jobs"].find()]
    indexes = await crew.bare["jobs"].index_information()
    copy = crew.bare["jobs_copy"]
    for name, index in indexes.items():
        if name != "_id_":
            await copy.create_index(
                index["key"],
                name=name,
                partialFilterExpression=index.get("partialFilterExpression", {"_id": {"$gt": ""}}),
            )
    by_run: dict[str, list[dict[str, object]]] = {}
    for document in documents:
        by_run.setdefault(document["run"], []).append(document)
    began = time.perf_counter()
    for batch in by_run.values():
        await copy.insert_many(batch, ordered=False)
    took = time.perf_counter() - began
    await copy.drop()
    return took


async def _looked_at(stage: Stage, bot: Child) -> list[Figure]:
    """What the bot is after a while of looking at runs in which nothing happens."""
    seconds = QUICK_WATCHED if stage.quick else WATCHED
    most = 0
    await asyncio.sleep(seconds)
    cpu, began = bot.cpu(), time.perf_counter()
    while time.perf_counter() - began < seconds:
        await asyncio.sleep(0.5)
        most = max(most, bot.resident())
    used = (bot.cpu() - cpu) / (time.perf_counter() - began)
    return [
        Figure(name="jobs.bot", value=most / 2**20, unit="MB"),
        Figure(name="jobs.bot.cpu", value=used, unit="share of a core"),
    ]


async def _costs(stage: Stage, telegram: Telegram) -> list[Figure]:
    """A small job in all processes: the median of the rounds."""
    chats = handles(numbered(_small(stage), SIZE))
    spent: list[Cost] = []
    async with (
        stage.crew(telegram, telegram.people) as crew,
        crew.collector(WORKER_ACCOUNTS="2") as first,
        crew.collector(WORKER_ACCOUNTS="2") as second,
        _bot(crew) as bot,
    ):
        pids = {
            "first": first.process.pid,
            "second": second.process.pid,
            "bot": bot.pid,
            "mongod": stage.mongo.pid,
        }
        await first.collect(*([one] for one in chats[:4]), accounts=[1, 2, 3, 4])
        for _ in range(QUICK_ROUNDS if stage.quick else ROUNDS):
            await first.forget()
            await crew.bare["memberships"].delete_many({})
            before = await _cost(crew.bare, pids)
            await _collected(crew, first, chats)
            spent.append((await _cost(crew.bare, pids)).since(before))
    return _per_job(spent, len(chats))


async def _collected(crew: Crew, collector: Collector, chats: Sequence[str]) -> None:
    """Until the last of their runs has ended well."""
    runs = [await collector.open(chats[at : at + PER_RUN]) for at in range(0, len(chats), PER_RUN)]
    while await crew.bare["runs"].find_one({"open": True}, {"_id": 1}):  # noqa: ASYNC110
        await asyncio.sleep(LOOKS)
    ended = {"_id": {"$in": [run.id for run in runs]}, "status.state": RunState.DONE}
    if await crew.bare["runs"].count_documents(ended) != len(runs):
        raise RuntimeError("not all runs ended well")


async def _collected(crew: Crew, collector: Collector, chats: Sequence[str]) -> None:
    """Until the last of their runs has ended well."""
    runs = [await collector.open(chats[at : at + PER_RUN]) for at in range(0, len(chats), PER_RUN)]
    while await crew.bare["runs"].find_one({"open": True}, {"_id": 1}):  # noqa: ASYNC110
        await asyncio.sleep(LOOKS)
    ended = {"_id": {"$in": [run.id for run in runs]}, "status.state": RunState.DONE}
    if await crew.bare["runs"].count_documents(ended) != len(runs):
        raise RuntimeError("not all runs ended well")


def _per_job(spent: Sequence[Cost], jobs: int) -> list[Figure]:
    def median(*names: str) -> float:
        return statistics.median(sum(one.cpu[name] for name in names) for one in spent)

    parts = {
        "jobs.cpu": median("first", "second", "bot", "mongod"),
        "jobs.cpu.collectors": median("first", "second"),
        "jobs.cpu.mongod": median("mongod"),
        "jobs.cpu.bot": median("bot"),
    }
    commands = statistics.median(one.commands for one in spent)
    return [
        *(Figure(name=name, value=v * 1000 / jobs, unit="ms") for name, v in parts.items()),
        Figure(name="jobs.commands", value=commands / jobs, unit="commands"),
    ]


async def _shares(stage: Stage, telegram: Telegram) -> list[Figure]:
    """In which order the jobs of many runs begin, one of which is urgent."""
    runs = QUICK_RUNS if stage.quick else RUNS
    started = QUICK_STARTED if stage.quick else STARTED
    chats = tuple(handles(numbered(_small(stage), SIZE)))
    async with stage.crew(telegram, telegram.people) as crew:
        opened = [await _open(crew.database, _some(chats, place)) for place in range(runs)]
        urgent = await _open(crew.database, _some(chats, 0, Priority.HIGH))
        keeper = RunKeeper(crew.database, CLOCK)
        while await crew.bare["runs"].find_one({"planned": False}):
            await keeper.plan_new()
        wanted = started * runs

        async def enough() -> bool:
            query = {"started_at": {"$ne": None}}
            return int(await crew.bare["jobs"].count_documents(query)) >= wanted

        async with crew.collector():
            await until(enough)
        begun = crew.bare["jobs"].find({"started_at": {"$ne": None}}, {"run": 1})
        order = [job["run"] async for job in begun.sort("started_at", 1).limit(wanted)]
    counts = Counter(order)
    each = [counts[run.id] for run in opened]
    usual = statistics.fmean(each)
    return [
        Figure(name="jobs.uneven", value=float(max(each) - min(each)), unit="jobs"),
        Figure(
            name="jobs.urgent",
            value=float(counts[urgent.id]),
            unit="jobs",
            baseline=usual,
            ratio=counts[urgent.id] / usual,
        ),
    ]


def _some(chats: Sequence[str], place: int, priority: Priority = Priority.NORMAL) -> TaskSpec:
    """Sources of a run, others than those of its neighbours."""
    at = place * PER_RUN
    count = PER_RUN * (4 if priority is Priority.HIGH else 1)
    sources = tuple(chats[(at + number) % len(chats)] for number in range(count))
    return TaskSpec(sources=tuple(dict.fromkeys(sources)), priority=priority)


async def _open(database: Database, spec: TaskSpec, *, chat: int = 1) -> Run:
    now = CLOCK.now()
    task = await database.tasks.add(
        owner=chat, chat=chat, spec=spec, schedule=Schedule(), next_due=None, now=now
    )
    run = await database.runs.open(task, due=now, now=now)
    if run is None:
        raise RuntimeError("a new task has no run")
    return run


@asynccontextmanager
async def _bot(crew: Crew) -> AsyncIterator[Child]:
    words, given = ("app.cli", "bot", "--no-env-file"), crew.settings
    async with child(*words, environment=given, talks=False) as process:
        yield process


async def _cost(bare: MongoDatabase, pids: Mapping[str, int]) -> Cost:
    """Everything that clients asked since the server began counts as a command, but no hello."""
    status = await bare.command("serverStatus", repl=0, locks=0)
    counted = status["metrics"]["commands"]
    commands = {
        name: int(one["total"])
        for name, one in counted.items()
        if isinstance(one, dict) and "total" in one and name not in UNCOUNTED
    }
    return Cost({name: cpu_of(pid) for name, pid in pids.items()}, sum(commands.values()))
