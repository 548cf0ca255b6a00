"""Where a run stands is the same by a look at a few of its jobs as by reading all of them."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import product

import pytest

from core.job import Family, Job, JobState, Wait
from core.options import HistoryOptions
from core.run import OPEN_STATES, Intent, Run, RunState, Standing, Status, derive
from core.task import Step, TaskSpec
from db import standings
from db.client import MongoDatabase
from db.codec import to_document
from db.database import Database
from db.standings import FEW

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MANY = FEW + 15


def job(run: str, place: int, state: JobState, **fields: object) -> Job:
    return Job(
        id=f"{run}:{place:05d}",
        run=run,
        task="t",
        source="@name",
        options=HistoryOptions(),
        keys=("*",),
        family=Family.HISTORY,
        state=state,
        created_at=NOW,
        **{"step": Step.HISTORY, **fields},
    )


def some_jobs(run: str, count: int, chance: random.Random) -> list[Job]:
    """Of few kinds each, so that every mixture comes up."""
    states = chance.sample(list(JobState), chance.randint(1, 3))
    waits = chance.sample([None, Wait(why="flood"), Wait(why="paced", until=NOW)], 2)
    made = []
    for place in range(count):
        state = chance.choice(states)
        open_one = state in {JobState.RUNNING, JobState.QUEUED}
        made.append(
            job(
                run,
                place,
                state,
                wait=chance.choice(waits) if open_one else None,
                step=chance.choice([Step.HISTORY, Step.LISTEN])
                if chance.random() < 0.1
                else Step.HISTORY,
            )
        )
    return made


@pytest.mark.parametrize("count", [0, 1, FEW, MANY])
async def test_a_look_tells_the_state_that_all_jobs_tell(
    database: Database, mongo_database: MongoDatabase, count: int
) -> None:
    chance = random.Random(count)
    for place in range(60 if count else 1):
        run = f"r{place}"
        jobs = some_jobs(run, count, chance)
        if jobs:
            await mongo_database["jobs"].insert_many([to_document(one) for one in jobs])
        seen, _ = await database.standings.of_run(run)
        for intent, planned, continues in product(Intent, (False, True), (False, True)):
            by_look = derive(intent, seen, planned=planned, continues=continues)
            by_all = derive(intent, jobs, planned=planned, continues=continues)
            assert by_look.state is by_all.state, (intent, planned, continues, seen)
            assert (by_look.wait is None) == (by_all.wait is None)


async def test_many_small_runs_are_seen_as_each_of_them(
    database: Database, mongo_database: MongoDatabase
) -> None:
    chance = random.Random(7)
    counts = {f"r{place}": chance.randint(0, FEW) for place in range(30)}
    for run, count in counts.items():
        if jobs := some_jobs(run, count, chance):
            chance.shuffle(jobs)
            await mongo_database["jobs"].insert_many([to_document(one) for one in jobs])
    seen = await database.standings.of_small_runs(list(counts))
    assert seen == {run: await database.standings.of_run(run) for run in counts}
    many = some_jobs("large", 31 * FEW, chance)
    await mongo_database["jobs"].insert_many([to_document(one) for one in many])
    assert await database.standings.of_small_runs([*counts, "large"]) == {}


async def test_a_look_at_many_jobs_reads_a_few(
    database: Database, mongo_database: MongoDatabase
) -> None:
    jobs = [job("r", place, JobState.QUEUED, wait=Wait(why="flood")) for place in range(3_000)]
    jobs.append(job("r", 3_000, JobState.RUNNING))
    await mongo_database["jobs"].insert_many([to_document(one) for one in jobs])
    await mongo_database.command("profile", 2)
    try:
        seen, holds = await database.standings.of_run("r")
    finally:
        await mongo_database.command("profile", 0)
    assert seen == Standing(
        states=frozenset({JobState.QUEUED, JobState.RUNNING}), queued=Wait(why="flood")
    )
    assert holds == {False}
    entries = [
        one async for one in mongo_database["system.profile"].find({"docsExamined": {"$gt": 0}})
    ]
    assert sum(one["docsExamined"] for one in entries) <= FEW + 10


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING])
async def test_a_job_that_moves_between_two_lookups_keeps_its_run_open(
    database: Database,
    mongo_database: MongoDatabase,
    monkeypatch: pytest.MonkeyPatch,
    state: JobState,
) -> None:
    """It was not running yet at the first, and not queued any more at the second."""
    jobs = [job("r", place, JobState.DONE) for place in range(MANY)]
    await mongo_database["jobs"].insert_many([to_document(one) for one in jobs])
    await mongo_database["jobs"].insert_one(to_document(job("r", MANY, state)))
    lookups = standings._lookups

    def just_missed(run: str, states: Sequence[JobState]) -> list[dict[str, object]]:
        return lookups("elsewhere" if JobState.QUEUED in states else run, states)

    monkeypatch.setattr(standings, "_lookups", just_missed)
    seen, _ = await database.standings.of_run("r")
    assert derive(Intent.GO, seen, planned=True).state in OPEN_STATES


def run_of(number: int, state: RunState, **fields: object) -> Run:
    return Run(
        id=f"r{number}",
        task=f"t{number}",
        number=number,
        owner=1,
        spec=TaskSpec(sources=("@one",)),
        due=NOW,
        rev=1,
        created_at=NOW,
        status=Status(state=state),
        **{"planned": True, "intent": Intent.GO, **fields},
    )


async def test_a_sweep_sees_whose_state_is_not_borne_out(
    database: Database, mongo_database: MongoDatabase
) -> None:
    running, queued, done = JobState.RUNNING, JobState.QUEUED, JobState.DONE
    waits = {"wait": Wait(why="flood")}
    table = [
        (RunState.RUNNING, [(running, {}), (queued, {})], Intent.GO, False),
        (RunState.QUEUED, [(running, {})], Intent.GO, True),
        (RunState.RUNNING, [(queued, {}), (done, {})], Intent.GO, True),
        (RunState.QUEUED, [(queued, {}), (queued, waits)], Intent.GO, False),
        (RunState.WAITING, [(queued, waits)], Intent.GO, False),
        (RunState.WAITING, [(running, waits), (queued, {})], Intent.GO, False),
        (RunState.QUEUED, [(queued, waits)], Intent.GO, True),
        (RunState.RUNNING, [(running, waits)], Intent.GO, True),
        (RunState.RUNNING, [(done, {})], Intent.GO, True),
        (RunState.QUEUED, [], Intent.GO, True),
        (RunState.QUEUED, [(queued, {"hold": True})], Intent.GO, True),
        (RunState.RUNNING, [(running, {}), (queued, {})], Intent.PAUSE, True),
        (RunState.RUNNING, [(running, {}), (queued, {"hold": True})], Intent.PAUSE, False),
    ]
    runs = [run_of(place, row[0], intent=row[2]) for place, row in enumerate(table)]
    runs.append(run_of(len(table), RunState.QUEUED, planned=False))
    for run, (_, jobs, _, _) in zip(runs, table, strict=False):
        for place, (state, fields) in enumerate(jobs):
            one = job(run.id, place, state, **fields)
            await mongo_database["jobs"].insert_one(to_document(one))
    astray = await database.standings.astray(runs)
    expected = [f"r{place}" for place, row in enumerate(table) if row[3]]
    assert sorted(astray) == sorted([*expected, f"r{len(table)}"])
