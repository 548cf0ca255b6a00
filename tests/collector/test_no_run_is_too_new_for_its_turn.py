"""However many older runs wait for somebody or listen, a new one is planned, swept and shown."""

from datetime import UTC, datetime

import pytest

from collector.run_keeper import MOST_SWEPT, RunKeeper
from core.clock import SystemClock
from core.run import Intent, Run, RunState, Status
from core.task import Schedule, Step, TaskSpec
from db.client import Document, MongoDatabase
from db.codec import to_document
from db.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OLDER = 1_100
LISTENING = TaskSpec(sources=("@one",), steps=(Step.LISTEN,))


def older(place: int, **fields: object) -> Document:
    run = Run(
        id=f"0{place:05d}",
        task=f"t{place}",
        number=place,
        owner=1,
        spec=LISTENING,
        due=NOW,
        intent=Intent.GO,
        status=Status(state=RunState.RUNNING),
        rev=1,
        planned=True,
        created_at=NOW,
        continues=True,
    )
    return {**to_document(run), "open": True, "shown": False, **fields}


async def newest(database: Database) -> Run:
    task = await database.tasks.add(
        owner=1,
        chat=1,
        spec=TaskSpec(sources=("@new",)),
        schedule=Schedule(),
        next_due=None,
        now=NOW,
    )
    run = await database.runs.open(task, due=NOW, now=NOW)
    assert run is not None
    assert run.id > f"0{OLDER:05d}"
    return run


async def is_planned(database: Database, run: Run) -> bool:
    found = await database.runs.get(run.id)
    return found is not None and found.planned


@pytest.fixture
async def keeper(database: Database) -> RunKeeper:
    return RunKeeper(database, SystemClock())


async def test_a_run_is_planned_at_once_behind_a_thousand_that_ask(
    database: Database, mongo_database: MongoDatabase, keeper: RunKeeper
) -> None:
    """Those have jobs to wait for, as the operator is to choose, or an administrator to agree."""
    asking = [older(place, planned=False, asks=True) for place in range(OLDER)]
    await mongo_database["runs"].insert_many(asking)
    run = await newest(database)
    assert await keeper.plan_new() >= 1
    assert await is_planned(database, run)


async def test_every_run_is_swept_in_turn(
    database: Database, mongo_database: MongoDatabase, keeper: RunKeeper
) -> None:
    await mongo_database["runs"].insert_many([older(place) for place in range(OLDER)])
    run = await newest(database)
    sweeps = [await keeper.sweep() for _ in range(OLDER // MOST_SWEPT + 1)]
    assert await is_planned(database, run)
    assert [one.id for sweep in sweeps for one in sweep] == [
        *(f"0{place:05d}" for place in range(OLDER)),
        run.id,
    ]
    again = await keeper.sweep()
    assert [one.id for one in again] == [one.id for one in sweeps[0]]


async def test_cards_are_looked_at_in_turn(
    database: Database, mongo_database: MongoDatabase
) -> None:
    await mongo_database["runs"].insert_many([older(place) for place in range(OLDER)])
    run = await newest(database)
    first = await database.runs.to_show()
    rest = await database.runs.to_show(after=first[-1].id)
    assert (len(first), rest[-1].id) == (1_000, run.id)
