"""The worker: leases accounts, supervises their runners, pulls jobs, sweeps, schedules."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from collector.claims import Claims
from collector.crew import Crew
from collector.held_accounts import HeldAccounts
from collector.keeping.decoding import Decoding
from collector.keeping.heartbeat import Heartbeat
from collector.keeping.leaving import Leaving
from collector.keeping.orphans import Orphans
from collector.keeping.retention import Retention
from collector.keeping.unused import Unused
from collector.lease import Leases
from collector.listening.recorder import Recorder
from collector.listening.room import ListeningRoom
from collector.lookups import LookupDesk
from collector.scheduler import Scheduler
from collector.shield import obey_cancellation
from db.changes import ORDERS, QUEUE

log = structlog.get_logger(__name__)

POLL = 1.0
SWEEP = 2.0
CLEAN = 600.0
DECODE = 60.0
UNUSED = 300.0
GATHER = 0.05
"""Seconds for what changes together to be seen together."""

MOMENT = 0.15
"""The same for jobs of one run that begin and end."""

QUIET = 15.0
"""Seconds between two looks of a loop that nothing presses, while changes are told at once."""

UNTOLD = 8.0
"""The same where no change tells that there is something to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """`id` is held under a lock; `lease_seconds` of each lease; at most `accounts` of them, and at
    most `jobs` at once over all of them.
    """

    id: str
    lease_seconds: float = 30.0
    accounts: int = 200
    jobs: int = 1000


class Worker:
    """One collector process. `run` works until it is cancelled, then hands everything back.

    It reacts at once where somebody runs `database.changes`, and within a second or two elsewhere.
    """

    def __init__(self, crew: Crew, limits: WorkerLimits) -> None:
        self._crew = crew
        self._limits = limits
        self._database = crew.database
        self._leases = Leases(
            limits.id,
            crew.database.accounts.leases,
            crew.clock,
            seconds=limits.lease_seconds,
            most=limits.accounts,
        )
        self.recorder = Recorder(crew.database, crew.meter, crew.clock, crew.listening)
        self._held = HeldAccounts(crew, self.recorder, self._leases, seconds=limits.lease_seconds)
        self._runners = self._held.runners
        self._claims = Claims(
            crew.database, crew.clock, crew.keeper, self._leases, most=limits.jobs
        )
        self._orphans = Orphans(crew.database, self._leases, self._runners, crew.clock)
        self._desk = LookupDesk(crew.database, self._runners, crew.clock)
        self._scheduler = Scheduler(crew.database, crew.keeper, crew.clock, crew.trusted)
        self._room = ListeningRoom(crew, self._runners, self._leases)
        self._heart = Heartbeat(crew.database, limits.id, self._held, crew.clock, crew.trusted)
        self._decoding = Decoding(crew.database, self._runners, crew.clock)
        self._leaving = Leaving(crew.database, self._runners)
        self._retention = Retention(crew.database)
        self._unused = Unused(crew.database, crew.folder)
        self._busy = False
        crew.database.changes.spare_progress()

    def connected(self) -> int:
        """How many accounts are connected now."""
        return self._held.connected()

    async def trouble(self) -> str | None:
        """Why the worker is not ready."""
        return self._held.trouble()

    def notes(self) -> list[str]:
        """What is wrong though the worker works."""
        return self._held.notes()

    async def run(self) -> None:
        """Work until cancelled."""
        log.info("worker.started", worker=self._limits.id)
        try:
            async with asyncio.TaskGroup() as storing:
                sink = storing.create_task(self._crew.sink.run())
                try:
                    await self._work()
                finally:
                    sink.cancel()
        finally:
            await self._database.outage.attempt("settle", self._crew.keeper.settle)
            await self._heart.leave()
            log.info("worker.stopped", worker=self._limits.id)

    async def _work(self) -> None:
        """Everything that stores by the sink, which outlives it: what was read is stored."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.recorder.run())
            group.create_task(self._scheduler.run())
            group.create_task(self._heart.run())
            self._held.open(group)
            self._desk.open(group)
            group.create_task(
                self._loop(self._pull, POLL, QUEUE, pressing=lambda: self._claims.left_some)
            )
            group.create_task(self._settle_for_ever())
            keeper = self._crew.keeper
            group.create_task(self._loop(self._plan, POLL, ORDERS, pressing=keeper.owes))
            group.create_task(self._loop(self._stop_runs, POLL, ORDERS))
            group.create_task(self._loop(self._sweep, SWEEP, pressing=lambda: self._busy))
            group.create_task(
                self._loop(self._listen, POLL, ORDERS, pressing=lambda: self._room.listens)
            )
            group.create_task(self._loop(self._look_up, POLL, "lookups"))
            group.create_task(self._loop(self._leave_chats, SWEEP, quiet=UNTOLD))
            group.create_task(self._loop(self._decode, DECODE))
            group.create_task(self._loop(self._forget, CLEAN))
            group.create_task(self._loop(self._drop_unused, UNUSED, pressing=lambda: True))
            group.create_task(self._loop(self._schedule, SWEEP, "tasks"))
            group.create_task(self._loop(self._show_waits, POLL, pressing=lambda: True))

    async def _loop(
        self,
        step: Callable[[], Awaitable[None]],
        interval: float,
        *collections: str,
        pressing: Callable[[], bool] = lambda: False,
        quiet: float | None = None,
    ) -> None:
        """Do a step for ever: at each interval, and sooner when a collection changed.

        While changes are told at once it is done more rarely, after `quiet` seconds, unless it is
        `pressing`: time alone may give it something to do, of which no change tells.
        """
        changes = self._database.changes
        name = step.__name__.removeprefix("_")
        while True:
            since = changes.mark()
            await self._database.outage.attempt(name, step)
            obey_cancellation()
            waited = 0.0
            while waited < (max(interval, quiet or QUIET) if changes.lively() else interval):
                if await changes.wait(*collections, since=since, timeout=interval):
                    await asyncio.sleep(GATHER)
                    break
                waited += interval
                if pressing():
                    break

    async def _settle_for_ever(self) -> None:
        """Derive the runs whose jobs began or ended, those of a moment together."""
        derivations = self._crew.keeper.derivations
        while True:
            await derivations.due()
            await asyncio.sleep(MOMENT)
            await self._database.outage.attempt("settle", derivations.settle)
            obey_cancellation()

    async def _pull(self) -> None:
        while await self._claims.pull(self._runners):
            self._busy = True

    async def _plan(self) -> None:
        if await self._crew.keeper.plan_all():
            self._busy = True
            await self._claims.settle_queue(self._runners, unless_just_done=True)

    async def _sweep(self) -> None:
        if (now := self._crew.trusted.judge().timed) is not None:
            await self._database.accounts.wake_rested(now)
        if has_jobs := await self._database.jobs.any_open():
            await self._database.jobs.wake(self._crew.clock.now())
            await self._orphans.release()
        self._busy = bool(await self._crew.keeper.sweep()) or has_jobs
        if has_jobs:
            await self._claims.settle_queue(self._runners)

    async def _stop_runs(self) -> None:
        if not await self._database.runs.open_runs(limit=1):
            return
        stopped = await self._database.runs.stopped()
        for run in stopped:
            for runner in list(self._runners.values()):
                runner.stop_run(run.id)
        paused = await self._database.runs.paused()
        for run in paused:
            for runner in list(self._runners.values()):
                runner.pause_run(run.id)
        for run in stopped:
            await self._crew.keeper.end_stopped(run)
        for run in paused:
            await self._crew.keeper.derive(run.id)

    async def _listen(self) -> None:
        await self._room.look()

    async def _look_up(self) -> None:
        await self._desk.answer_all()

    async def _leave_chats(self) -> None:
        await self._leaving.leave()

    async def _decode(self) -> None:
        await self._decoding.again()

    async def _forget(self) -> None:
        now = await self._proven()
        await self._retention.sweep(now)
        await self._database.expiry.sweep(now)

    async def _drop_unused(self) -> None:
        await self._unused.drop(await self._proven())

    async def _proven(self) -> datetime:
        """The time, once the clock is proven to be right: for what cannot be undone."""
        while (now := self._crew.trusted.judge().proven) is None:  # noqa: ASYNC110 - no event
            await asyncio.sleep(POLL)
        return now

    async def _schedule(self) -> None:
        self._scheduler.poke()

    async def _show_waits(self) -> None:
        for runner in list(self._runners.values()):
            await runner.show_waits()
