"""Around one job: whatever happens in it becomes an ending, and nothing gets out."""

import asyncio
from collections.abc import Awaitable

import structlog

from collector.context import JobContext
from collector.crew import Crew
from collector.jobs import JOBS
from collector.shield import finish
from core.errors import AccountError, CrewError, LeaseGone, StoreError, Unexpected
from core.job import Job, Wait
from core.outcome import Abandon, Fail, Outcome, Release, decide, release

log = structlog.get_logger(__name__)


class Guard:
    """Runs one job. `stopped` or `paused` is set by whoever cancels it for the operator."""

    def __init__(self, ctx: JobContext, crew: Crew) -> None:
        self._ctx = ctx
        self._crew = crew
        self.stopped = False
        self.paused = False
        self._waits = False
        self.account_error: AccountError | None = None

    @property
    def run_id(self) -> str:
        """The run that the job belongs to."""
        return self._ctx.job.run

    async def show_wait(self, wait: Wait | None) -> None:
        """Let people see what the job waits for."""
        self._waits = wait is not None
        await self._ctx.reporter.waits(wait)

    async def run(self) -> None:
        """Do the job and write its ending; raises nothing but its cancellation."""
        job = self._ctx.job
        with structlog.contextvars.bound_contextvars(job=job.id, account=self._ctx.account):
            log.info("job.started", step=job.step, source=job.source)
            try:
                await JOBS[job.step](self._ctx)
            except asyncio.CancelledError:
                await finish(self._write(self._interrupted()))
                raise
            except CrewError as error:
                await finish(self._write(self._failed(error)))
            except Exception as error:
                log.exception("job.broken", source=job.source)
                await finish(self._write(self._failed(Unexpected(str(error)))))
            else:
                await finish(self._write(self._done()))

    async def _write(self, ending: Awaitable[None]) -> None:
        try:
            await ending
            self._crew.keeper.poke(self._ctx.job.run)
        except StoreError as error:
            log.warning("job.ending_unwritten", error=str(error))

    async def _done(self) -> None:
        log.debug("job.finished")
        if not await self._ctx.reporter.done():
            log.warning("job.abandoned", reason=LeaseGone.reason)
            return
        progress = self._ctx.reporter.progress
        log.info("job.done", read=progress.read, new=progress.new)

    async def _interrupted(self) -> None:
        jobs, key = self._crew.database.jobs, self._ctx.job.key()
        await self._ctx.reporter.try_write()
        if self.stopped:
            await jobs.cancel(key, self._crew.clock.now())
            log.info("job.stopped")
        elif self.paused:
            await jobs.set_aside(key)
            log.info("job.paused")
        else:
            await self._settle(release(await self._fresh(), waited=self._waits))

    async def _failed(self, error: CrewError) -> None:
        if isinstance(error, AccountError):
            self.account_error = error
        await self._ctx.reporter.try_write()
        outcome = decide(error, await self._fresh(), self._crew.clock.now())
        await self._settle(outcome, error)

    async def _fresh(self) -> Job:
        """The job as stored: its attempts count anew after progress."""
        return await self._crew.database.jobs.get(self._ctx.job.id) or self._ctx.job

    async def _settle(self, outcome: Outcome, error: CrewError | None = None) -> None:
        jobs, now = self._crew.database.jobs, self._crew.clock.now()
        match outcome:
            case Fail(failure=failure):
                await jobs.fail(self._ctx.job.key(), failure, now)
                log.warning("job.failed", reason=failure.reason, error=error and str(error))
            case Release(wait=wait, stay=stay, counts=counts, next_call=next_call):
                await jobs.release(
                    self._ctx.job.key(), wait=wait, stay=stay, counts=counts, next_call=next_call
                )
                log.info("job.released", wait=wait and wait.why, until=wait and wait.until)
            case Abandon():
                log.warning("job.abandoned", reason=error and error.reason)
