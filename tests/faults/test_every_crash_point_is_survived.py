"""The service dies at each named point of its work, again and again; nothing is lost or doubled."""

from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from process_side import Crew, Service, environment, recruit_by_login
from service import CLOCK, ended, start, stored_ids, world_ids

from bench.nursery import Nursery
from core.run import RunState
from core.schedule import next_due
from core.task import Schedule, ScheduleKind, TaskSpec
from db.client import MongoDatabase
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHATS = {"alpha_chat": 700, "beta_chat": 500}
POINTS = (
    "lease.taken:1",
    "run.queued:1",
    "job.claimed:1",
    "page.stored:1",
    "span.extended:1",
    "span.extended:2",
    "job.finished:1",
    "run.derived:1",
    "run.derived:2",
)


@pytest.fixture
async def crew(
    database: Database, database_name: str, mongo_uri: str, tmp_path: Path, nursery: Nursery
) -> AsyncIterator[Crew]:
    async with Sandbox(small_world(chats=CHATS, accounts=2)) as sandbox:
        given = environment(sandbox, mongo_uri, database_name, tmp_path)
        await recruit_by_login(given, sandbox.world.accounts[:2])
        running = Crew(sandbox, database, given, nursery, services=[])
        yield running
        await running.end()


@pytest.mark.timeout(300)
async def test_a_crash_at_every_point_leaves_nothing_lost_doubled_or_open(
    crew: Crew, mongo_database: MongoDatabase
) -> None:
    for point in POINTS:
        run = await start(crew.database, *(f"@{name}" for name in CHATS))
        crashed = await crew.start("collector", crash_at=point)
        await died(crashed, point)
        again = await crew.start("collector")
        assert await ended(crew.database, run, timeout=40) == [RunState.DONE], point
        assert await again.stop() == 0
        await nothing_lost_or_doubled(crew, point)
        await forget(mongo_database)
    assert crew.sandbox.counters.key_violations == deque()


@pytest.mark.timeout(120)
async def test_a_crash_between_a_run_and_its_tasks_next_time_makes_no_second_run(
    crew: Crew,
) -> None:
    now = CLOCK.now()
    schedule = Schedule(kind=ScheduleKind.AT, at=now)
    task = await crew.database.tasks.add(
        owner=1,
        chat=1,
        spec=TaskSpec(sources=("@beta_chat",)),
        schedule=schedule,
        next_due=now,
        now=now,
    )
    await died(await crew.start("collector", crash_at="schedule.fired:1"), "schedule.fired")
    assert await crew.database.runs.dues_of(task.id) == [now]
    again = await crew.start("collector")
    run = await crew.database.runs.latest_of(task.id)
    assert await ended(crew.database, run) == [RunState.DONE]
    assert await again.stop() == 0
    assert await crew.database.runs.dues_of(task.id) == [now]
    after = await crew.database.tasks.get(task.id)
    assert after.next_due == next_due(schedule, now)


async def forget(database: MongoDatabase) -> None:
    """What was collected, and the proof of it: the next crash begins on an empty store."""
    for collection in ("messages", "spans"):
        await database[collection].delete_many({})


async def died(service: Service, point: str) -> None:
    assert await service.ended() == -9, point


async def nothing_lost_or_doubled(crew: Crew, point: str) -> None:
    for name in CHATS:
        found = await stored_ids(crew.database, crew.sandbox, name)
        assert found == world_ids(crew.sandbox, name), point
    assert await crew.database.runs.count_open() == 0, point
