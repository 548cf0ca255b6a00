"""A chat is deleted with one task while another task begins to read it: in whatever order the two
processes write and look, who begins loses nothing of what it stores."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from agreed import Agreed
from bot_rig import CLOCK
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.ownership import Ownership
from collector.context import JobContext
from collector.jobs.claiming import claim_chat
from collector.progress import Reporter
from core.chat import Chat, ChatKind
from core.claim import EARLIER, Came, claim_of
from core.errors import BeingDeleted
from core.job import Family, Job, JobState
from core.message import Message
from core.options import HistoryOptions
from core.outcome import Release, decide
from core.task import Schedule, Step, TaskSpec
from db.client import MongoDatabase, connect, database_of
from db.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHAT = -1_001_000_000_001
GATED = ("get", "take", "purged_by", "confirm", "begin_purge", "drop", "end_purge")


class Turns:
    """Two processes that go on one call at a time, in the order of `choices`."""

    def __init__(self, choices: list[bool]) -> None:
        self._choices = iter(choices)
        self._waiting: dict[str, asyncio.Future[None]] = {}

    async def gate(self, who: str) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiting[who] = future
        await future

    def gated(self, who: str, method: Callable[..., Awaitable[Any]]) -> Any:
        async def call(*args: Any, **named: Any) -> Any:
            await self.gate(who)
            return await method(*args, **named)

        return call

    async def play(self, **parts: Coroutine[Any, Any, Any]) -> dict[str, Any]:
        async with asyncio.TaskGroup() as group:
            tasks = {who: group.create_task(part) for who, part in parts.items()}
            while not all(task.done() for task in tasks.values()):
                ready = [who for who, task in tasks.items() if task.done() or who in self._waiting]
                if len(ready) < len(tasks):
                    await asyncio.sleep(0.0005)
                elif able := sorted(self._waiting):
                    who = able[next(self._choices, True) % len(able)]
                    self._waiting.pop(who).set_result(None)
        return {who: task.result() for who, task in tasks.items()}


def opened(raw: MongoDatabase, who: str, turns: Turns) -> Database:
    """The repositories of a process of its own."""
    database = Database(raw)
    for name in GATED:
        setattr(database.claims, name, turns.gated(who, getattr(database.claims, name)))
    for name in ("forget_chat",):
        setattr(database, name, turns.gated(who, getattr(database, name)))
    return database


async def begins(database: Database, job: Job, turns: Turns) -> None:
    """What a worker does until the first messages are there; it comes again as it is told to."""
    nothing: Any = None
    ctx = JobContext(
        job=job,
        account=1,
        gateway=nothing,
        sink=nothing,
        reporter=Reporter(job, database.jobs, CLOCK),
        database=database,
        clock=CLOCK,
        trusted=Agreed(CLOCK),
    )
    while True:
        try:
            await claim_chat(ctx, CHAT)
        except BeingDeleted as error:
            outcome = decide(error, job, NOW)
            assert isinstance(outcome, Release)
            assert not outcome.counts
            await turns.gate("begins")
        else:
            break
    for number in (101, 102):
        await turns.gate("begins")
        await database.messages.add_new([Message(chat=CHAT, box="", id=number, date=NOW)])


def job_of(task: str) -> Job:
    return Job(
        id="r:0000", run="r", task=task, step=Step.HISTORY, source="@one",
        options=HistoryOptions(), keys=("*",), family=Family.HISTORY, state=JobState.RUNNING,
        created_at=NOW, account=1, token=1,
    )  # fmt: skip


async def trial(raw: MongoDatabase, choices: list[bool], *, earlier: bool, known: bool) -> None:
    for name in await raw.list_collection_names():
        await raw[name].delete_many({})
    plain = Database(raw)
    await plain.chats.save(Chat(id=CHAT, kind=ChatKind.SUPERGROUP, title="One", username="one"))
    ids = []
    for source in ("@gone", "@hidden"):
        spec, now = TaskSpec(sources=(source,)), CLOCK.now()
        task = await plain.tasks.add(
            owner=1, chat=1, spec=spec, schedule=Schedule(), next_due=None, now=now
        )
        ids.append(task.id)
    deleted = EARLIER if earlier else ids[0]
    await plain.tasks.begin_deletion(ids[0], purge=True)
    await plain.claims.take([claim_of(deleted, CHAT, Came.HISTORY, NOW)])
    if known:
        await plain.claims.take([claim_of(ids[1], CHAT, Came.JOIN, NOW, waits=True)])
    await plain.messages.add_new([Message(chat=CHAT, box="", id=7, date=NOW)])
    turns = Turns(choices)
    goes = Ownership(opened(raw, "goes", turns), CLOCK)
    results = await turns.play(
        begins=begins(opened(raw, "begins", turns), job_of(ids[1]), turns),
        goes=goes.delete(deleted, CHAT),
    )
    left = [number async for number in plain.messages.ids(CHAT)]
    assert left == ([101, 102] if results["goes"] else [7, 101, 102])
    assert await plain.claims.purged_by(CHAT) == []
    claim = await plain.claims.get(ids[1], CHAT)
    assert claim is not None
    assert not claim.waits


@pytest.fixture
def played(mongo_uri: str, database_name: str) -> Iterator[Callable[..., None]]:
    with asyncio.Runner() as runner:
        stack = connect(mongo_uri)
        client = runner.run(stack.__aenter__())
        raw = database_of(client, database_name)
        runner.run(Database(raw).prepare())
        yield lambda *args, **named: runner.run(trial(raw, *args, **named))
        runner.run(stack.__aexit__(None, None, None))


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    choices=st.lists(st.booleans(), min_size=4, max_size=30),
    earlier=st.booleans(),
    known=st.booleans(),
)
def test_in_any_order(
    played: Callable[..., None], choices: list[bool], earlier: bool, known: bool
) -> None:
    played(choices, earlier=earlier, known=known)
