"""Whatever tasks are made, run, edited, copied, pruned and deleted, in any order: the messages that
stay are those of the chats that a task has a claim to, as old as the strictest of them allows."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from agreed import Agreed
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as walk

from bot.features.runs.service import RunService
from bot.features.tasks.deletion import Deletions
from bot.holders import Holders
from collector.context import JobContext
from collector.jobs.claiming import claim_chat
from collector.keeping.retention import Retention
from collector.progress import Reporter
from collector.run_keeper import RunKeeper
from core.chat import Chat, ChatKind
from core.found import FoundGroup
from core.job import JobState, Onward
from core.message import Message
from core.operator import Operator, Role
from core.options import HistoryOptions, JoinOptions, JoinPolicy, SearchOptions
from core.run import Run
from core.task import Schedule, Step, Task, TaskSpec
from db.client import MongoDatabase, connect, database_of
from db.database import Database

DAY = timedelta(days=1)
ADMIN = Operator(id=1, role=Role.ADMIN)
NAMED = ("@one", "@two", "@three")
EXTRA = ("@talk", "@hidden")
CHATS = {name: -1_001_000_000_001 - place for place, name in enumerate((*NAMED, *EXTRA))}
COMMENTS = {"@one": "@talk"}
FOUND = "@hidden"
"""What a search finds; a task may come to it, and to the comments, without naming it."""

SOURCES = st.lists(st.sampled_from(NAMED), min_size=1, max_size=2, unique=True).map(tuple)
DAYS = st.sampled_from([None, None, 4, 9])


@dataclass
class Time:
    """A clock that days pass on."""

    time: datetime = field(default_factory=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    seconds: float = 0.0

    def now(self) -> datetime:
        self.time += timedelta(milliseconds=20)
        return self.time

    def elapsed(self) -> float:
        self.seconds += 0.02
        return self.seconds


@dataclass
class Model:
    """What should be there, told without any job, run or document."""

    said: dict[str, list[datetime]] = field(default_factory=lambda: {name: [] for name in CHATS})
    stored: dict[str, set[int]] = field(default_factory=lambda: {name: set() for name in CHATS})
    claims: dict[str, set[str]] = field(default_factory=dict)
    sources: dict[str, tuple[str, ...]] = field(default_factory=dict)
    days: dict[str, int | None] = field(default_factory=dict)

    def reads(self, task: str, chat: str, since: datetime | None) -> None:
        self.claims[task].add(chat)
        said = enumerate(self.said[chat], start=1)
        self.stored[chat] |= {number for number, at in said if since is None or at >= since}

    def forgets(self, now: datetime) -> None:
        for chat in CHATS:
            wanted = [self.days[task] for task in self.claims if chat in self.claims[task]]
            days = min((one for one in wanted if one), default=None)
            if days is not None:
                old = {
                    number
                    for number, at in enumerate(self.said[chat], start=1)
                    if at < now - days * DAY
                }
                self.stored[chat] -= old

    def loses(self, task: str, *, purge: bool) -> None:
        mine = self.claims.pop(task)
        del self.sources[task], self.days[task]
        for chat in mine if purge else ():
            claimed = any(chat in others for others in self.claims.values())
            if not claimed and not any(chat in named for named in self.sources.values()):
                self.stored[chat].clear()


class Machine(RuleBasedStateMachine):
    """The product on the right, the model on the left."""

    uri: str
    name: str
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.clock = Time()
        self.stack = connect(self.uri)
        self.tasks: dict[str, Task] = {}

    def do(self, work: Any) -> Any:
        return self.runner.run(work)

    @initialize(keep=st.integers(1, 2))
    def begin(self, keep: int) -> None:
        async def prepare() -> None:
            self.client = await self.stack.__aenter__()
            await empty(database_of(self.client, self.name))
            self.database = Database(database_of(self.client, self.name))
            for name, chat in CHATS.items():
                kind = ChatKind.SUPERGROUP
                one = Chat(id=chat, kind=kind, title=name, username=name.removeprefix("@"))
                await self.database.chats.save(one)

        self.do(prepare())
        self.keeper = RunKeeper(self.database, self.clock, keep_runs=keep)
        self.deletions = Deletions(
            self.database,
            self.clock,
            RunService(self.database, self.clock),
            Holders(self.database, self.clock),
        )

    def teardown(self) -> None:
        if hasattr(self, "client"):
            self.do(self.stack.__aexit__(None, None, None))

    @rule(chat=st.sampled_from(sorted(CHATS)), count=st.integers(1, 4))
    def people_talk(self, chat: str, count: int) -> None:
        for _ in range(count):
            self.model.said[chat].append(self.clock.now())

    @rule(days=st.integers(1, 5))
    def days_pass(self, days: int) -> None:
        self.clock.time += days * DAY

    @precondition(lambda self: len(self.tasks) < 4)
    @rule(sources=SOURCES, days=DAYS, comments=st.booleans(), search=st.booleans())
    def make(
        self, sources: tuple[str, ...], days: int | None, comments: bool, search: bool
    ) -> None:
        steps = (Step.SEARCH, Step.HISTORY) if search else (Step.HISTORY,)
        spec = TaskSpec(
            sources=sources,
            steps=steps,
            history=HistoryOptions(comments=comments),
            search=SearchOptions(words=("word",)) if search else SearchOptions(),
            join=JoinOptions(policy=JoinPolicy.AUTO if search else JoinPolicy.NEVER),
            keep_days=days,
        )
        self.add(spec)

    @precondition(lambda self: 0 < len(self.tasks) < 5)
    @rule(data=st.data())
    def copy(self, data: st.DataObject) -> None:
        self.add(self.any(data).spec)

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), sources=SOURCES, days=DAYS)
    def edit(self, data: st.DataObject, sources: tuple[str, ...], days: int | None) -> None:
        task = self.any(data)
        spec = TaskSpec(
            sources=sources,
            steps=task.spec.steps,
            history=task.spec.history,
            search=task.spec.search,
            join=task.spec.join,
            keep_days=days,
        )
        known = self.do(self.database.tasks.get(task.id))
        edited = self.database.tasks.edit(
            task.id, rev=known.rev, spec=spec, schedule=Schedule(), next_due=None
        )
        assert self.do(edited)
        self.tasks[task.id] = self.do(self.database.tasks.get(task.id))
        self.model.sources[task.id], self.model.days[task.id] = sources, days
        self.do(self._run(self.tasks[task.id], 99))

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), jobs=st.integers(1, 3))
    def begin_a_run(self, data: st.DataObject, jobs: int) -> None:
        """The first jobs of it; the rest comes with the next time."""
        self.do(self._run(self.any(data), jobs))

    @precondition(lambda self: self.tasks)
    @rule(times=st.integers(1, 2))
    def all_run(self, times: int) -> None:
        for task in list(self.tasks.values()) * times:
            self.do(self._run(task, 99))

    @rule()
    def forget(self) -> None:
        self.do(Retention(self.database).sweep(self.clock.time))
        self.model.forgets(self.clock.time)

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), purge=st.booleans())
    def delete(self, data: st.DataObject, purge: bool) -> None:
        task = self.any(data)
        del self.tasks[task.id]
        self.do(self.deletions.begin(ADMIN, task.id, purge=purge))
        assert self.do(self.deletions.finish(task.id))
        self.model.loses(task.id, purge=purge)

    @invariant()
    def exactly_the_right_messages_are_there(self) -> None:
        if not hasattr(self, "client"):
            return
        for name, chat in CHATS.items():
            assert self.do(self._ids(chat)) == self.model.stored[name], name

    @invariant()
    def claims_are_what_was_reached(self) -> None:
        for task, chats in self.model.claims.items():
            found = self.do(self.database.claims.chats_of(task))
            assert found == {CHATS[name] for name in chats}

    def any(self, data: st.DataObject) -> Task:
        return self.tasks[data.draw(st.sampled_from(sorted(self.tasks)))]

    def add(self, spec: TaskSpec) -> None:
        now = self.clock.now()
        added = self.database.tasks.add(
            owner=1, chat=1, spec=spec, schedule=Schedule(), next_due=None, now=now
        )
        task = self.do(added)
        self.tasks[task.id] = task
        self.model.claims[task.id] = set()
        self.model.sources[task.id], self.model.days[task.id] = spec.sources, spec.keep_days

    async def _ids(self, chat: int) -> set[int]:
        return {number async for number in self.database.messages.ids(chat)}

    async def _run(self, task: Task, jobs: int) -> None:
        now = self.clock.now()
        run = await self.database.runs.open(task, due=now, now=now)
        run = run or await self.database.runs.open_of(task.id)
        assert run is not None
        for _ in range(jobs):
            await self.keeper.derive(run.id)
            every = await self.database.jobs.of_run(run.id)
            queued = [job for job in every if job.state is JobState.QUEUED]
            if not queued:
                break
            await self._work(run, queued[0].id)
        await self.keeper.derive(run.id)

    async def _work(self, run: Run, job_id: str) -> None:
        """What a job does, with the claim as the product makes it."""
        database, now = self.database, self.clock.now()
        job = await database.jobs.claim(job_id, 1, 1, now)
        assert job is not None
        reporter = Reporter(job, database.jobs, self.clock)
        nothing: Any = None
        ctx = JobContext(
            job=job,
            account=1,
            gateway=nothing,
            sink=nothing,
            reporter=reporter,
            database=database,
            clock=self.clock,
            trusted=Agreed(self.clock),
        )
        if job.step is Step.SEARCH:
            group = FoundGroup(
                run=run.id, task=run.task, source=FOUND, rank=1, word="word", place="telegram",
                found_at=now, chat=CHATS[FOUND], kind=ChatKind.SUPERGROUP, title="Hidden",
            )  # fmt: skip
            await database.found.add([group])
        else:
            await claim_chat(ctx, CHATS[job.source])
            reporter.opened(chat=CHATS[job.source], top_id=1)
            since = job.options.since
            said = enumerate(self.model.said[job.source], start=1)
            batch = [
                Message(chat=CHATS[job.source], box="", id=number, date=at)
                for number, at in said
                if since is None or at >= since
            ]
            await database.messages.add_new(batch)
            self.model.reads(run.task, job.source, since)
            if job.options.comments and job.source in COMMENTS:
                talk = COMMENTS[job.source]
                onward = [Onward(source=talk, keys=("*",), chat=CHATS[talk])]
                await database.jobs.lead_on(job.key(), onward)
                await database.runs.replan(run.id)
                self.model.claims[run.task].add(talk)
        await reporter.write()
        await database.jobs.done(job.key(), self.clock.now())


@pytest.fixture
def machine(mongo_uri: str, database_name: str) -> Iterator[type[Machine]]:
    with asyncio.Runner() as runner:
        runner.run(_prepare(mongo_uri, database_name))
        yield type("Here", (Machine,), {"uri": mongo_uri, "name": database_name, "runner": runner})


async def empty(database: MongoDatabase) -> None:
    for name in await database.list_collection_names():
        await database[name].delete_many({})


async def _prepare(uri: str, name: str) -> None:
    async with connect(uri) as client:
        await Database(database_of(client, name)).prepare()


def test_any_order_of_what_operators_do(machine: type[Machine]) -> None:
    walk(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=16,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
