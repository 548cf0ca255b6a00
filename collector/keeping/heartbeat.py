"""Signs of life: which accounts a worker holds, what it does, and that it goes."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable
from importlib.metadata import version

from collector.held_accounts import HeldAccounts
from collector.shield import finish
from core.clock import Clock
from core.errors import StoreError
from core.setback import Setback
from core.trusted_clock import TimeJudge
from core.worker import Load
from db.database import Database

EVERY = 5.0
"""Seconds between two signs."""

LOOK = 0.5
"""Seconds after which a change of what cannot be used is told, so that nobody waits for the next
sign to learn why a job waits."""


class Heartbeat:
    """One worker's. `run` begins it and says, when it is cancelled, that the worker drains."""

    def __init__(
        self,
        database: Database,
        worker: str,
        held: HeldAccounts,
        clock: Clock,
        trusted: TimeJudge,
    ) -> None:
        self._database = database
        self._held = held
        self._worker = worker
        self._runners = held.runners
        self._clock = clock
        self._trusted = trusted
        self._lag = 0.0
        self._told: tuple[Setback, ...] = ()

    async def run(self) -> None:
        """Beat until cancelled."""
        await self._database.outage.insist("heartbeat", self._begin)
        try:
            while True:
                await self._database.outage.attempt("heartbeat", self._beat)
                await self._rest()
        finally:
            await finish(self._tell(self._database.workers.drain(self._worker)))

    async def leave(self) -> None:
        """The worker holds nothing any more."""
        await finish(self._tell(self._database.workers.leave(self._worker)))

    async def _begin(self) -> None:
        await self._database.workers.begin(
            self._worker, host=socket.gethostname(), version=version("telecrew")
        )

    async def _beat(self) -> None:
        load = Load(
            accounts=tuple(sorted(self._runners)),
            jobs=sum(runner.jobs() for runner in self._runners.values()),
            lag=round(self._lag, 3),
            clock=self._trusted.judge().sign(),
            room=self._held.room(),
        )
        self._told = self._held.setbacks.told()
        if not await self._database.workers.beat(self._worker, load, self._told):
            await self._begin()

    async def _rest(self) -> None:
        lag, until = 0.0, self._clock.elapsed() + EVERY
        while (began := self._clock.elapsed()) < until:
            await asyncio.sleep(min(LOOK, until - began))
            lag += max(self._clock.elapsed() - began - LOOK, 0.0)
            if self._held.setbacks.told() != self._told:
                break
        self._lag = lag

    @staticmethod
    async def _tell(sign: Awaitable[None]) -> None:
        with contextlib.suppress(StoreError):
            await sign
