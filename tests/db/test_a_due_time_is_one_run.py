"""Runs and tasks on a real MongoDB: no overlap, no second run of a time, guarded edits."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.options import HistoryOptions
from core.run import Intent, RunState, Status
from core.task import AccountPolicy, Schedule, ScheduleKind, Task, TaskSpec
from db.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SPEC = TaskSpec(
    sources=("@one", "@two"),
    policy=AccountPolicy.pinned(3),
    history=HistoryOptions(limit=100, since=NOW),
)
EVERY = Schedule(kind=ScheduleKind.EVERY, every=timedelta(minutes=5), anchor=NOW)


@pytest.fixture
async def task(database: Database) -> Task:
    return await database.tasks.add(
        owner=1, chat=1, spec=SPEC, schedule=EVERY, next_due=NOW, now=NOW
    )


async def test_a_task_comes_back_as_it_was(database: Database, task: Task) -> None:
    assert await database.tasks.get(task.id) == task
    assert task.number == 1


async def test_a_double_press_makes_one_task(database: Database) -> None:
    async def press() -> Task:
        return await database.tasks.add(
            owner=1, chat=1, spec=SPEC, schedule=EVERY, next_due=None, now=NOW, key="wizard-1"
        )

    async with asyncio.TaskGroup() as group:
        presses = [group.create_task(press()) for _ in range(5)]
    assert len({one.result().number for one in presses}) == 1
    assert (await database.tasks.page())[1] == 1


async def test_of_many_openings_of_one_time_one_is_made(database: Database, task: Task) -> None:
    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(database.runs.open(task, due=NOW, now=NOW)) for _ in range(10)]
    assert sum(one.result() is not None for one in tries) == 1


async def test_runs_of_one_task_do_not_overlap(database: Database, task: Task) -> None:
    run = await database.runs.open(task, due=NOW, now=NOW)
    assert run is not None
    later = NOW + timedelta(minutes=5)
    assert await database.runs.open(task, due=later, now=NOW) is None
    assert not await database.runs.has_due(task.id, later)
    assert await database.runs.set_status(run, Status(state=RunState.DONE), NOW)
    assert await database.runs.open(task, due=later, now=NOW) is not None


async def test_a_state_is_stored_only_on_the_rev_it_was_derived_from(
    database: Database, task: Task
) -> None:
    run = await database.runs.open(task, due=NOW, now=NOW)
    assert run is not None
    assert await database.runs.set_intent(run.id, Intent.CANCEL)
    assert not await database.runs.set_status(run, Status(state=RunState.DONE), NOW)
    fresh = await database.runs.get(run.id)
    assert fresh is not None
    assert await database.runs.set_status(fresh, Status(state=RunState.CANCELLED), NOW)
    assert not await database.runs.set_intent(run.id, Intent.GO)


async def test_a_due_time_is_moved_by_one_worker(database: Database, task: Task) -> None:
    to = NOW + timedelta(minutes=5)
    async with asyncio.TaskGroup() as group:
        moves = [
            group.create_task(database.tasks.move_due(task.id, was=NOW, to=to)) for _ in range(5)
        ]
    assert sum(one.result() for one in moves) == 1
    assert await database.tasks.due(NOW) == []
    assert [t.id for t in await database.tasks.due(to)] == [task.id]


async def test_an_edit_of_somebody_else_is_not_overwritten(database: Database, task: Task) -> None:
    edit = database.tasks.edit
    assert await edit(task.id, rev=1, spec=SPEC, schedule=Schedule(), next_due=None)
    assert not await edit(task.id, rev=1, spec=SPEC, schedule=EVERY, next_due=NOW)


async def test_a_card_is_shown_until_the_ending_was_shown(database: Database, task: Task) -> None:
    run = await database.runs.open(task, due=NOW, now=NOW)
    assert run is not None
    await database.runs.shown(run)
    assert [r.id for r in await database.runs.to_show()] == [run.id]
    await database.runs.set_status(run, Status(state=RunState.DONE), NOW)
    ended = await database.runs.get(run.id)
    assert ended is not None
    await database.runs.shown(ended)
    assert await database.runs.to_show() == []
