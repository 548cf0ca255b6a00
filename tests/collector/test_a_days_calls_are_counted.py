"""What an account allows itself a day is used once, however often its worker starts again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from service import Counts, ended, job_of, make_worker, recruit, start, working
from structlog.testing import capture_logs
from waiting import wait_until

from collector.pacer import Pacer
from core.clock import SystemClock
from core.errors import DailyLimit
from core.job import Family, Job, JobState
from core.pacing import CAREFUL, Budget
from core.run import Run, RunState
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

EVENING = datetime(2026, 1, 1, 23, tzinfo=UTC)


class Today(SystemClock):
    """A clock whose date a test sets."""

    def __init__(self) -> None:
        self.date = EVENING

    def now(self) -> datetime:
        return self.date


@pytest.mark.parametrize(("family", "most"), [(Family.RESOLVE, 50), (Family.JOIN, 20)])
async def test_one_more_call_than_a_day_has_waits_for_midnight(
    database: Database, family: Family, most: int
) -> None:
    budgets = {family: replace(CAREFUL[family], rate=1000.0, burst=1000)}
    clock = Today()

    async def started() -> Pacer:
        pacer = Pacer(1, budgets, database.budgets, clock, Counts())
        await pacer.load()
        return pacer

    pacer = await started()
    for _ in range(most - 5):
        await pacer(family)
    pacer = await started()
    for _ in range(5):
        await pacer(family)
    for one in (pacer, await started()):
        with pytest.raises(DailyLimit) as limit:
            await one(family)
        assert limit.value.seconds == 3600
    await Pacer(2, budgets, database.budgets, clock, Counts())(family)
    clock.date += timedelta(hours=1)
    await pacer(family)


async def test_a_job_that_waits_for_tomorrow_says_so_and_is_not_begun(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor after another start of its worker, which learns what was used of the day."""
    monkeypatch.setattr("core.outcome.OTHER_ACCOUNT_AFTER", timedelta(milliseconds=20))
    budgets = {Family.RESOLVE: Budget(rate=1000.0, burst=9, daily=1)}
    async with Sandbox(small_world(chats={"a_chat": 5, "b_chat": 5}, accounts=1)) as sandbox:
        await recruit(database, sandbox, sandbox.world.accounts)

        async def jobs_of(these: list[Run]) -> list[Job]:
            return [await job_of(database, run) for run in these]

        async def waiting() -> list[Job]:
            jobs = await jobs_of(runs)
            return [job for job in jobs if job.wait and job.wait.why == "daily_limit"]

        async def one_is_done() -> bool:
            return any(job.state is JobState.DONE for job in await jobs_of(runs))

        with capture_logs() as logs:
            async with working(make_worker(database, sandbox, budgets=budgets)):
                runs = [await start(database, "@a_chat"), await start(database, "@b_chat")]
                await wait_until(waiting, timeout=20)
                await wait_until(one_is_done, timeout=20)
            async with working(make_worker(database, sandbox, budgets=budgets)):
                (done,) = [job for job in await jobs_of(runs) if job.state is JobState.DONE]
                third = await start(database, done.source)
                assert await ended(database, third) == [RunState.DONE]
        jobs = await jobs_of(runs)
        sandbox_calls = sandbox.counters.of(method="contacts.resolveUsername")
        assert len(list(sandbox_calls)) == 1
    assert sum(entry["event"] == "job.started" for entry in logs) == 2
    assert sorted(job.state for job in jobs) == [JobState.DONE, JobState.QUEUED]
    assert max(job.attempts for job in jobs if job.state is JobState.QUEUED) == 0
