"""Who has a hand free again takes the job that stands first, however many stand behind it."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from collector.claims import Claims
from collector.lease import Leases
from collector.run_keeper import RunKeeper
from core.clock import SystemClock
from core.job import Family, Job, JobState
from core.options import HistoryOptions
from core.planning import Hand
from core.task import Schedule, Step, TaskSpec
from db.database import Database
from db.jobs import PEEKED

MANY = 3 * PEEKED
PULLS = 20
ACCOUNT = 7
OTHERS = [one for one in Family if one not in {Family.HISTORY, Family.RESOLVE}]
"""What the jobs do not call first."""


class Quick:
    """An account whose jobs are over before the next look, so that its hand is free again."""

    account = SimpleNamespace(id=ACCOUNT)

    def __init__(self, database: Database, room: dict[Family, float]) -> None:
        self._database = database
        self._room = room
        self.began: list[str] = []

    def jobs(self) -> int:
        return 0

    def hand(self) -> Hand:
        return Hand(account=ACCOUNT, running=0, free=1, last_claim_at=None, room=self._room)

    async def claim(self, job: Job, calls: Iterable[Family] = ()) -> bool:
        now = SystemClock().now()
        claimed = await self._database.jobs.claim(job.id, ACCOUNT, 1, now)
        assert claimed is not None
        await self._database.jobs.done(claimed.key(), now)
        self.began.append(job.id)
        return True


class Nobody:
    """No other worker lives."""

    async def live_tokens(self) -> dict[int, int]:
        return {}


async def opened(database: Database) -> str:
    """A run that jobs may be of."""
    now = SystemClock().now()
    task = await database.tasks.add(
        owner=1,
        chat=1,
        spec=TaskSpec(sources=("@name",)),
        schedule=Schedule(),
        next_due=None,
        now=now,
    )
    run = await database.runs.open(task, due=now, now=now)
    assert run is not None
    await database.runs.advanced(run, planned=True, asks=False)
    return run.id


def job(run: str, place: int) -> Job:
    return Job(
        id=f"{run}:{place:05d}",
        run=run,
        task="t",
        step=Step.HISTORY,
        source=f"@name_{place}",
        options=HistoryOptions(),
        keys=("*",),
        family=Family.HISTORY,
        state=JobState.QUEUED,
        created_at=SystemClock().now(),
    )


@pytest.mark.parametrize("bounded", [None, *OTHERS])
async def test_jobs_begin_in_the_order_of_the_queue(
    database: Database, bounded: Family | None
) -> None:
    """Whatever the account may not call just now: the jobs at the front do not call it."""
    run = await opened(database)
    await database.jobs.add([job(run, place) for place in range(MANY)])
    room = {} if bounded is None else {bounded: 0.0}
    quick, clock = Quick(database, room), SystemClock()
    keeper = RunKeeper(database, clock)
    claims = Claims(database, clock, keeper, cast("Leases", Nobody()))
    for _ in range(PULLS):
        await claims.pull(cast("Any", {ACCOUNT: quick}))
    assert len(quick.began) == PULLS
    assert quick.began == [f"{run}:{place:05d}" for place in range(PULLS)]
