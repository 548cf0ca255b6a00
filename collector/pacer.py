"""When an account may make its next call of a method family."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from collector.meter import Meter
from core.clock import Clock
from core.errors import FloodError
from core.job import Family, Wait
from core.pacing import Budget, TokenBucket
from db.budgets import Budgets, end_of_day

log = structlog.get_logger(__name__)

LONGEST_WAIT = 60.0
"""Seconds that a call waits in its job; a longer rest gives the job back to the queue."""

GRACE = 0.25
"""Seconds added to a flood, so that no call arrives inside its window."""


class Pacer:
    """One account's pace. Rests outlive restarts; budgets begin anew with a process."""

    def __init__(
        self,
        account: int,
        budgets: Mapping[Family, Budget],
        store: Budgets,
        clock: Clock,
        meter: Meter,
    ) -> None:
        self._account = account
        self._budgets = budgets
        self._store = store
        self._clock = clock
        self._meter = meter
        self._buckets: dict[Family, TokenBucket] = {}
        self._rests: dict[str, datetime] = {}
        self._waits: dict[Family, Wait] = {}

    async def load(self) -> None:
        """Read the rests that an earlier connection earned."""
        self._rests = await self._store.next_times(self._account)

    async def __call__(self, family: Family) -> None:
        """Wait until a call of `family` may be made; FloodError if that is over a minute away."""
        await self._spend_daily(family)
        waited = self._reserve(family)
        if waited > LONGEST_WAIT:
            self._buckets[family].put_back()
            raise FloodError(waited, family)
        began = self._clock.elapsed()
        try:
            await self._sleep(family, waited)
        finally:
            self._waits.pop(family, None)
        self._meter.called(family)
        if (spent := self._clock.elapsed() - began) > 0.001:
            self._meter.waited(family, spent)

    async def flooded(self, family: str, seconds: float) -> None:
        """Telegram asked for a rest: nothing of the family goes out before it is over."""
        until = self._clock.now() + timedelta(seconds=seconds + GRACE)
        self._rests[family] = max(until, self._rests.get(family, until))
        log.warning("account.flooded", account=self._account, family=family, seconds=seconds)
        await self._store.rest(self._account, family, until)

    def waiting(self, family: Family) -> Wait | None:
        """Why calls of a family wait just now, and until when."""
        return self._waits.get(family)

    def _reserve(self, family: Family) -> float:
        budget = self._budgets.get(family)
        if budget is None:
            return 0.0
        now = self._clock.elapsed()
        bucket = self._buckets.setdefault(family, TokenBucket.full(budget, now))
        return bucket.reserve(now)

    async def _sleep(self, family: Family, paced: float) -> None:
        if paced > 0:
            until = self._clock.now() + timedelta(seconds=paced)
            self._waits[family] = Wait(why="paced", until=until)
            await asyncio.sleep(paced)
        while (rest := self._rest_of(family)) > 0:
            if rest > LONGEST_WAIT:
                raise FloodError(rest, family)
            self._waits[family] = Wait(why="flood", until=self._rests[family])
            await asyncio.sleep(rest)

    def _rest_of(self, family: str) -> float:
        until = self._rests.get(family)
        return 0.0 if until is None else (until - self._clock.now()).total_seconds()

    async def _spend_daily(self, family: Family) -> None:
        budget = self._budgets.get(family)
        if budget is None or budget.daily is None:
            return
        now = self._clock.now()
        if not await self._store.spend_daily(self._account, family, now, most=budget.daily):
            raise FloodError((end_of_day(now) - now).total_seconds(), family)
