"""Runs: their jobs are planned here, and their state is derived here."""

import asyncio
from dataclasses import dataclass, field

import structlog

from core.clock import Clock
from core.planning import plan
from core.run import Intent, Run, Status, derive
from db.database import Database

log = structlog.get_logger(__name__)

TRIES = 5


@dataclass(slots=True)
class _Derivation:
    """Who asked for a run's state: `wanted` counts those, `served` the first of them it is for."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0
    served: int = 0
    waiting: int = 0


class RunKeeper:
    """Guarded updates only: any number of workers may do this at once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._derivations: dict[str, _Derivation] = {}

    async def plan_new(self) -> int:
        """Plan the runs that nobody planned yet; how many."""
        runs = await self._database.runs.unplanned()
        for run in runs:
            await self.plan(run)
            await self.derive(run.id)
        return len(runs)

    async def end_stopped(self, run: Run) -> None:
        """What of a stopped run did not begin never will."""
        await self._database.jobs.cancel_queued(run.id, self._clock.now())
        await self.derive(run.id)

    async def sweep(self) -> list[Run]:
        """Derive every open run, whoever should have done it; those runs."""
        runs = await self._database.runs.open_runs()
        for run in runs:
            await self.derive(run.id)
        return runs

    async def plan(self, run: Run) -> None:
        """Queue the jobs of a run; a crash in between is made good by the next sweep."""
        now = self._clock.now()
        await self._database.jobs.add(plan(run, now))
        log.debug("run.queued", run=run.id)
        await self._database.runs.planned(run.id)
        if run.intent is Intent.CANCEL:
            await self._database.jobs.cancel_queued(run.id, now)
        log.info("run.planned", run=run.id, sources=len(run.spec.sources))

    async def derive(self, run_id: str) -> None:
        """Store the run's state as its jobs tell it now.

        Whoever asks while that is being done shares the next time with all others who do.
        """
        shared = self._derivations.setdefault(run_id, _Derivation())
        shared.wanted += 1
        shared.waiting += 1
        mine = shared.wanted
        try:
            async with shared.turn:
                if shared.served < mine:
                    serves = shared.wanted
                    await self._derive(run_id)
                    shared.served = serves
        finally:
            shared.waiting -= 1
            if not shared.waiting:
                self._derivations.pop(run_id, None)

    async def _derive(self, run_id: str) -> None:
        """Tried again when somebody else wrote."""
        for _ in range(TRIES):
            run = await self._database.runs.get(run_id)
            if run is None:
                return
            jobs = await self._database.jobs.of_run(run_id)
            status = derive(run.intent, jobs, planned=run.planned)
            if status == run.status or await self._store(run, status):
                return

    async def _store(self, run: Run, status: Status) -> bool:
        log.debug("run.derived", run=run.id, state=status.state)
        stored = await self._database.runs.set_status(run, status, self._clock.now())
        if stored and status.state is not run.status.state:
            log.info("run.moved", run=run.id, was=run.status.state, now=status.state)
        return stored
