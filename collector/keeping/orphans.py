"""Running jobs whose holder is gone go back to the queue."""

from collections.abc import Mapping
from dataclasses import replace

import structlog

from collector.lease import Leases
from collector.runner import Runner
from core.clock import Clock
from core.job import Job, Progress
from core.outcome import Fail, Release, release
from core.span import Counted
from core.task import Step
from db.database import Database

log = structlog.get_logger(__name__)


class Orphans:
    """Any worker looks for them; each change is guarded by the token that the job has."""

    def __init__(
        self, database: Database, leases: Leases, runners: Mapping[int, Runner], clock: Clock
    ) -> None:
        self._database = database
        self._leases = leases
        self._runners = runners
        self._clock = clock

    async def release(self) -> None:
        """Look through all running jobs."""
        running = await self._database.jobs.running()
        live = await self._leases.live_tokens() if running else {}
        for job in running:
            if live.get(job.account or 0) != job.token or self._is_forgotten(job):
                await self._release(job)

    async def _release(self, job: Job) -> None:
        """Put it back, or give it up; before, tell what it proved and had no time to tell: it may
        be nobody's turn to read on."""
        jobs = self._database.jobs
        if job.step is Step.HISTORY:
            proven = _with(await self._database.spans.counted(job.id), job.progress)
            if proven != job.progress:
                await jobs.recount(job.key(), proven)
        match release(job):
            case Fail(failure=failure):
                ended = await jobs.fail(job.key(), failure, self._clock.now())
            case Release():
                ended = await jobs.release(job.key())
        if ended:
            log.warning("job.orphaned", job=job.id, account=job.account, attempts=job.attempts)

    def _is_forgotten(self, job: Job) -> bool:
        """Whether we hold the job's account but do not run it: its ending could not be written."""
        runner = self._runners.get(job.account or 0)
        return runner is not None and runner.token == job.token and not runner.knows_job(job.id)


def _with(counted: Counted, told: Progress) -> Progress:
    new, known = max(counted.new, told.new), max(counted.known, told.known)
    total = None if told.total is None else max(told.total, new + known)
    return replace(told, read=new + known, new=new, known=known, total=total)
