"""A task that searches, joins, reads and listens every so often does all of it each time, and what
is said while one run takes over from another is not missed.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from listening_side import heard, listener, same
from service import CLOCK, recruit, working
from waiting import wait_until

from core.job import ENDED, Job
from core.options import JoinOptions, JoinPolicy, SearchOptions
from core.run import Intent, Run, RunState
from core.task import Schedule, ScheduleKind, Step, Task, TaskSpec
from db.client import MongoDatabase
from db.database import Database
from sandbox.chat import Chat, ChatKind
from sandbox.entrance import Entrance
from sandbox.recipe import make_chat
from sandbox.seed import SEARCH_BOTS, small_world
from sandbox.server import Sandbox
from sandbox.small import NEWEST

FIRST, LATER = ("python_club", "python_news"), "python_later"
BOT = f"@{SEARCH_BOTS[0].username}"
ALL_STEPS = (Step.SEARCH, Step.JOIN, Step.HISTORY, Step.LISTEN)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    world = small_world(
        chats=dict.fromkeys(FIRST, 30),
        accounts=2,
        topics=dict.fromkeys(FIRST, ("en", "python")),
        entrances=dict.fromkeys(FIRST, Entrance(insiders=())),
    )
    async with Sandbox(world) as running:
        yield running


async def add(database: Database) -> Task:
    now = CLOCK.now()
    return await database.tasks.add(
        owner=1,
        chat=1,
        spec=TaskSpec(
            sources=(),
            steps=ALL_STEPS,
            search=SearchOptions(words=("python",), places=(BOT,)),
            join=JoinOptions(policy=JoinPolicy.AUTO),
        ),
        schedule=Schedule(kind=ScheduleKind.EVERY, every=timedelta(hours=1), anchor=now),
        next_due=now,
        now=now,
    )


async def is_due(database: Database, task: Task) -> None:
    """Its next time has come."""
    found = await database.tasks.get(task.id)
    assert found is not None
    await database.tasks.move_due(task.id, was=found.next_due, to=CLOCK.now())


async def follower(database: Database, task: Task, before: Run | None = None) -> Run:
    """The task's next run, once it does nothing any more but listen."""

    async def listens() -> Run | None:
        run = await database.runs.open_of(task.id)
        if run is None or (before is not None and run.id == before.id) or not run.planned:
            return None
        jobs = await database.jobs.of_run(run.id)
        return run if all(job.state in ENDED for job in jobs) else None

    return await wait_until(listens, timeout=60)


@asynccontextmanager
async def never_unread(bare: MongoDatabase, *names: str) -> AsyncIterator[None]:
    """Inside the block each of these chats always has a reader."""
    wanted = {f"@{name}" for name in names}
    seen: set[frozenset[str]] = set()

    async def look() -> None:
        while True:
            read = bare["subscriptions"].find({"live": True, "reader": {"$ne": None}})
            seen.add(frozenset([one["source"] async for one in read]))
            await asyncio.sleep(0.005)

    async with asyncio.TaskGroup() as group:
        watch = group.create_task(look())
        yield
        watch.cancel()
    assert seen
    assert all(wanted <= one for one in seen), seen


def steps(jobs: list[Job]) -> set[tuple[Step, str]]:
    return {(job.step, job.source) for job in jobs}


async def test_what_is_new_is_found_and_nothing_is_missed(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts)
    task = await add(database)
    workers = [listener(database, sandbox, name=name, accounts=1) for name in ("w1", "w2")]
    async with working(workers[0]), working(workers[1]):
        first = await follower(database, task)
        await heard(database, first, 2)
        sandbox.world.add_chat(later())
        sandbox.live.start(60, chats=FIRST, edits=0.1, deletions=0.05)
        async with never_unread(mongo_database, *FIRST):
            await is_due(database, task)
            second = await follower(database, task, first)
            listening = await heard(database, second, 3)
        sandbox.live.stop()
        assert {one.runs() for one in listening} == {(second.id,)}
        old = await database.runs.get(first.id)
        assert old is not None
        assert (old.is_open(), old.continued_at) == (False, second.due)
        found = steps(await database.jobs.of_run(second.id))
        assert {(Step.SEARCH, "python"), (Step.LISTEN, f"@{LATER}")} <= found
        assert {(Step.HISTORY, f"@{name}") for name in FIRST} <= found
        everything = dict.fromkeys(FIRST, 0)
        await wait_until(lambda: same(mongo_database, sandbox, everything), timeout=15)
        sandbox.world.chat(LATER).post()
        await wait_until(lambda: same(mongo_database, sandbox, {LATER: 0}), timeout=15)
        await nothing_is_found(database, sandbox, task, second)
        assert len(await database.runs.dues_of(task.id)) == 3


def later() -> Chat:
    """A group that was not there before."""
    kind = ChatKind.SUPERGROUP
    nobody = Entrance(insiders=())
    return make_chat(7, 1, NEWEST, LATER, LATER, kind, "en", "python", 20, entrance=nobody)


async def nothing_is_found(database: Database, sandbox: Sandbox, task: Task, before: Run) -> None:
    """It listens on where the search finds nothing more, until it is stopped."""
    sandbox.search_rules.nothing()
    await is_due(database, task)
    third = await follower(database, task, before)
    assert steps(await database.jobs.of_run(third.id)) == {(Step.SEARCH, "python")}
    await heard(database, third, 3)
    assert await database.subscriptions.of_run(before.id) == []
    await database.runs.set_intent(third.id, Intent.CANCEL)

    async def stopped() -> bool:
        run = await database.runs.get(third.id)
        return run is not None and run.status.state is RunState.CANCELLED

    await wait_until(stopped)
    await wait_until(lambda: nobody(database))


async def nobody(database: Database) -> bool:
    return not await database.subscriptions.all()
