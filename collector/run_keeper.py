"""Runs: their jobs are planned here, and their state is derived here."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import structlog

from collector.between_jobs import BetweenJobs
from collector.derivations import SIDE_BY_SIDE, Derivations
from collector.together import together
from core.clock import Clock
from core.found import FoundGroup, choose
from core.job import ENDED, Job
from core.options import JoinPolicy
from core.pipeline import advance
from core.run import OPEN_STATES, Intent, Run, RunState, Standing, Status, derive
from core.task import WEIGHTS, Step
from db.database import Database
from db.standings import FEW

log = structlog.get_logger(__name__)

TRIES = 5

MOST_RUNS = 500
"""Runs of the whole crew that are at work at once, where no setting says otherwise."""

KEEP_RUNS = 100
"""Of each task, where no setting says otherwise."""

MOST_SWEPT = 50
"""Open runs that one sweep looks at: whoever changes a job derives its run, so that a sweep only
makes good what a crash left undone."""

MOST_PLANNED = 50
"""Of the runs that are not wholly planned, so many in turn, and so many of the newest at once."""

REST = 9.0
"""Planning a run anew reads all of its jobs: one that took a second is left alone for so many."""

SHORT = 0.05
"""Seconds up to which that does not matter."""


class RunKeeper:
    """Guarded updates only: any number of workers may do this at once."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        most_runs: int = MOST_RUNS,
        keep_runs: int = KEEP_RUNS,
    ) -> None:
        self._keep_runs = keep_runs
        self._database = database
        self._clock = clock
        self._most_runs = most_runs
        self._waits_from: str | None = None
        self._planned_to = ""
        self._swept_to = ""
        self.derivations = Derivations(self._derive, self._derive_simple)
        self._rests: dict[str, float] = {}
        self._all_may_begin = False
        self._between_jobs = BetweenJobs(clock, self.poke)

    async def plan_new(self) -> int:
        """Queue what may begin in the runs that are not wholly planned; how many are new.

        Of many that wait for somebody a few each time, in turn, and always the newest.
        """
        self._waits_from = None
        runs = await self._to_plan()
        if not runs:
            return 0
        self._all_may_begin = await self._database.runs.count_open() <= self._most_runs
        try:
            side_by_side = SIDE_BY_SIDE if self._all_may_begin else 1
            for at in range(0, len(runs), side_by_side):
                await together(self.derive(run.id) for run in runs[at : at + side_by_side])
        finally:
            self._all_may_begin = False
        return sum(run.status.state is RunState.QUEUED for run in runs)

    async def plan_all(self) -> int:
        """`plan_new` until the turn begins anew."""
        began = self._clock.elapsed()
        planned = await self.plan_new()
        while self._planned_to:
            planned += await self.plan_new()
        self._rests = {run: until for run, until in self._rests.items() if until > began}
        return planned

    async def end_stopped(self, run: Run) -> None:
        """What of a stopped run did not begin never will."""
        await self._database.jobs.cancel_queued(run.id, self._clock.now())
        await self.derive(run.id)

    async def sweep(self) -> list[Run]:
        """See that the open runs are derived, whoever should have done it; those runs. Of many some
        each time, in turn.
        """
        self._waits_from = None
        runs = await self._database.runs.open_runs(after=self._swept_to, limit=MOST_SWEPT)
        if not runs and self._swept_to:
            runs = await self._database.runs.open_runs(limit=MOST_SWEPT)
        self._swept_to = runs[-1].id if len(runs) == MOST_SWEPT else ""
        if runs:
            astray = await self._database.standings.astray(runs)
            for run in await self._derive_simple(astray):
                await self.derive(run)
        return runs

    async def _to_plan(self) -> list[Run]:
        """In the order of their ids."""
        unplanned = self._database.runs.unplanned
        runs = await unplanned(after=self._planned_to, limit=MOST_PLANNED)
        started_over = not self._planned_to
        self._planned_to = runs[-1].id if len(runs) == MOST_PLANNED else ""
        if started_over and not self._planned_to:
            return runs
        newest = await unplanned(newest=True, limit=MOST_PLANNED)
        every = {run.id: run for run in [*runs, *newest]}
        return [every[one] for one in sorted(every)]

    async def derive(self, run_id: str) -> None:
        """Store the run's state as its jobs tell it now."""
        await self.derivations.now(run_id)

    def poke(self, run_id: str) -> None:
        """The same soon, with all others of the moment."""
        self.derivations.soon(run_id)

    def owes(self) -> bool:
        """Whether a run was left alone that is to be planned."""
        return bool(self._rests)

    async def _derive(self, run_id: str) -> None:
        """Tried again when somebody else wrote."""
        self._between_jobs.forget(run_id)
        for _ in range(TRIES):
            run = await self._settled(run_id)
            if run is None:
                return
            if run.is_open() and not run.planned:
                run = await self._advance(run)
            standing, holds = await self._database.standings.of_run(run_id)
            if await self._is_held_anew(run, holds):
                continue
            status = _status(run, standing)
            if status == run.status or await self._store(run, status):
                return

    async def _derive_simple(self, runs: Sequence[str]) -> list[str]:
        """Derive those that are wholly planned and have few jobs, all by the same two questions;
        the others, and those that somebody else wrote meanwhile.
        """
        found = await self._database.runs.of_ids(list(runs)) if runs else []
        planned = [run for run in found if run.planned and run.opening is None]
        small = [run.id for run in planned if len(run.spec.sources) <= FEW]
        seen = await self._database.standings.of_small_runs(small) if small else {}
        done: set[str] = set()
        for run in planned:
            if run.id not in seen:
                continue
            standing, holds = seen[run.id]
            status = _status(run, standing)
            if await self._is_held_anew(run, holds):
                continue
            stays = self._between_jobs.holds(run, status) or status == run.status
            if stays or await self._store(run, status):
                done.add(run.id)
        return [run for run in runs if run not in done]

    async def settle(self) -> None:
        """Derive all that was left for soon, or for a little later, as nobody will be there."""
        for run in self._between_jobs.all():
            await self.derive(run)
        await self.derivations.settle()

    async def _settled(self, run_id: str) -> Run | None:
        """The run, open if a crash left it half opened; of one that is gone no job stays."""
        run = await self._database.runs.get(run_id)
        if run is not None:
            run = await self._database.runs.settle(run)
        if run is None:
            await self._database.jobs.delete_of_runs([run_id])
        return run

    async def _advance(self, run: Run) -> Run:
        """Queue what may begin now; the run as it is then. A crash in between is made good by the
        next time.
        """
        now = self._clock.elapsed()
        if now < self._rests.get(run.id, now):
            return run
        self._rests.pop(run.id, None)
        jobs = await self._database.jobs.of_run(run.id)
        if not jobs and not await self._may_begin(run):
            return run
        advanced = await self._queue_next(run, jobs)
        took = self._clock.elapsed() - now
        if took > SHORT and not advanced.planned:
            self._rests[run.id] = now + took + REST * took
        return advanced

    async def _queue_next(self, run: Run, jobs: Sequence[Job]) -> Run:
        now = self._clock.now()
        step = advance(run, jobs, await self._found(run, jobs), now)
        weight, last = WEIGHTS[run.spec.priority], max((job.vt for job in jobs), default=0.0)
        held = [replace(job, hold=run.intent is Intent.PAUSE) for job in step.jobs]
        await self._database.jobs.add(held, weight=weight, last=last)
        if step.jobs:
            log.debug("run.queued", run=run.id)
            log.info("run.advanced", run=run.id, jobs=len(step.jobs), planned=step.planned)
        if not step.jobs and not step.planned and step.asks == run.asks:
            return run
        advanced = await self._database.runs.advanced(run, planned=step.planned, asks=step.asks)
        if run.intent is Intent.CANCEL:
            await self._database.jobs.cancel_queued(run.id, now)
        if not advanced:
            return await self._database.runs.get(run.id) or run
        return replace(run, planned=step.planned, asks=step.asks, rev=run.rev + 1)

    async def _may_begin(self, run: Run) -> bool:
        """Whether fewer older runs are at work than may be; behind one that waits, all do."""
        if run.intent is Intent.CANCEL or self._all_may_begin:
            return True
        if self._waits_from is not None and run.id > self._waits_from:
            return False
        if await self._database.runs.ahead_of(run.id, self._most_runs) < self._most_runs:
            return True
        self._waits_from = run.id
        return False

    async def _is_held_anew(self, run: Run, holds: Collection[bool]) -> bool:
        """Keep the queued jobs of a paused run from being claimed, and no others; whether some had
        to be: a pause or a resumption that a crash left half done is completed here. `holds`:
        whether those are held, as far as that was seen.
        """
        if run.intent is Intent.PAUSE and False in holds:
            return bool(await self._database.jobs.hold(run.id))
        if run.intent is Intent.GO and True in holds:
            return bool(await self._database.jobs.unhold(run.id))
        return False

    async def _found(self, run: Run, jobs: Sequence[Job]) -> list[FoundGroup]:
        """What the run found, judged by its rules where nobody is to be asked."""
        if Step.SEARCH not in run.spec.steps:
            return []
        found = await self._database.found.of_run(run.id)
        searches = [job for job in jobs if job.step is Step.SEARCH]
        over = bool(searches) and all(job.state in ENDED for job in searches)
        if run.spec.join.policy is JoinPolicy.ASK or not over:
            return found
        judged = choose(found, run.spec.join.rules)
        await self._database.found.judge(
            [new for new, old in zip(judged, found, strict=True) if new != old]
        )
        return judged

    async def _store(self, run: Run, status: Status) -> bool:
        log.debug("run.derived", run=run.id, state=status.state)
        stored = await self._database.runs.set_status(run, status, self._clock.now())
        if stored and status.state is not run.status.state:
            log.info("run.moved", run=run.id, was=run.status.state, now=status.state)
        if stored and status.state not in OPEN_STATES:
            await self._prune(run.task)
        return stored

    async def _prune(self, task: str) -> None:
        """Keep the newest runs of a task; of the others their jobs and finds go first."""
        if old := await self._database.runs.beyond(task, self._keep_runs):
            await self._database.claims.keep_of_runs(old, self._clock.now())
            await self._database.jobs.delete_of_runs(old)
            await self._database.found.delete_of_runs(old)
            log.info("runs.pruned", task=task, runs=await self._database.runs.prune(old))


def _status(run: Run, standing: Standing) -> Status:
    return derive(
        run.intent,
        standing,
        planned=run.planned,
        asks=run.asks,
        continues=run.continues,
        continued=run.continued_at is not None,
    )
