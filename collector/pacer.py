"""When an account may make its next call of a method family."""

import asyncio
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import structlog

from collector.meter import Meter
from collector.promise import Promise, Promises, held
from collector.rests import Rests
from core.clock import Clock
from core.errors import DailyLimit, FloodError, Paced
from core.job import Family, Wait
from core.pacing import Budget, TokenBucket
from db.budgets import Budgets, end_of_day

log = structlog.get_logger(__name__)

LONGEST_WAIT = 60.0
"""Seconds that a call waits; a longer rest that Telegram asked for gives its job back to the queue.
A job waits for the account's own pace as long as that takes, all others no longer than this."""

SOON = 10.0
"""Seconds within which an account must be able to make a job's first calls for it to begin."""

NOTICED = 0.001
"""Seconds from which a wait is counted."""


class Pacer:
    """One account's pace. Rests, what was used of a day and slow budgets outlive restarts; fast
    budgets begin anew with a process.
    """

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
        self._rests = Rests(account, store, clock)
        self._guessed: set[Family] = set()
        """Whose bucket was filled before Telegram's time was known."""
        self._waits: dict[asyncio.Task[Any] | None, Wait] = {}
        self._promises = Promises()
        self._used: dict[Family, tuple[datetime, int]] = {}
        """What was used until the end of a day, as far as is known here."""
        self._calling: Counter[Family] = Counter()

    async def load(self, *, sure: bool = True) -> None:
        """Read what earlier connections earned and used. `sure`: Telegram's time is known here;
        else it is to be loaded once more when it is.
        """
        await self._rests.load(sure=sure)
        today = end_of_day(self._clock.now())
        for spent, count in (await self._store.used(self._account, self._clock.now())).items():
            self._used[spent] = (today, count)
        full_times = await self._store.full_times(self._account)
        now, elapsed = self._clock.now(), self._clock.elapsed()
        for family, budget in self._budgets.items():
            known = family in self._buckets and family not in self._guessed
            if budget.is_slow() and family in full_times and not known:
                most = budget.burst / budget.rate + LONGEST_WAIT
                left = min((full_times[family] - now).total_seconds(), most)
                self._buckets[family] = TokenBucket.full_in(budget, elapsed, left)
                (self._guessed.discard if sure else self._guessed.add)(family)

    async def __call__(self, family: Family) -> None:
        """Wait until a call of `family` may be made; FloodError if that is over a minute away:
        Paced or DailyLimit where Telegram has nothing to do with it. Who works under a promise is
        never Paced.
        """
        promise = held()
        self._refuse_long_rest(family)
        self._refuse_spent_day(family)
        if promise is not None:
            promise.called(family)
        began = self._clock.elapsed()
        waited = self._reserve(family)
        self._calling[family] += 1
        try:
            await self._sleep(family, waited)
            await self._spend(family)
            await self._rest(family)
        except BaseException:
            self._put_back(family)
            raise
        finally:
            self._calling[family] -= 1
        self._meter.called(family)
        if (spent := self._clock.elapsed() - began) > NOTICED:
            self._meter.waited(family, spent)

    async def flooded(self, family: str, seconds: float) -> None:
        """Telegram asked for a rest: nothing of the family goes out before it is over.

        Returns when that is written, so whoever was flooded does not go on before.
        """
        log.warning("account.flooded", account=self._account, family=family, seconds=seconds)
        await self._rests.asked(family, seconds)

    def waiting(self, caller: "asyncio.Task[Any]") -> Wait | None:
        """Why a call that this task makes waits just now, and until when."""
        return self._waits.get(caller)

    def promise(self, families: Iterable[Family]) -> Promise:
        """Keep a call of each family for a job that is about to begin."""
        return self._promises.make(families)

    def room(self) -> dict[Family, float]:
        """How many jobs may begin now that each call a family first; without those that have no
        bound.
        """
        found = {family: self._room_of(family) for family in Family}
        return {family: room for family, room in found.items() if room < math.inf}

    def _room_of(self, family: Family) -> float:
        if self._rests.left(family) > SOON:
            return 0.0
        budget = self._budgets.get(family)
        if budget is None:
            return math.inf
        now = self._clock.elapsed()
        bucket = self._buckets.get(family) or TokenBucket.full(budget, now)
        left = self._left_today(family, budget) - self._calling[family]
        return min(bucket.calls_within(now, SOON), left) - self._promises.of(family)

    def held_up(self, families: Iterable[Family]) -> Wait | None:
        """Why a job that calls these first does not begin, if that takes long; None if not."""
        waits = [wait for family in families if (wait := self._long_wait(family))]
        return max(waits, key=lambda wait: wait.until or self._clock.now(), default=None)

    def _long_wait(self, family: Family) -> Wait | None:
        if (rest := self.long_rest(family)) is not None:
            return Wait(why="flood", until=rest)
        budget, now = self._budgets.get(family), self._clock.now()
        if budget is None:
            return None
        if self._left_today(family, budget) < 1:
            return Wait(why="daily_limit", until=end_of_day(now))
        bucket = self._buckets.get(family)
        seconds = 0.0 if bucket is None else bucket.seconds_to_call(self._clock.elapsed())
        if seconds <= LONGEST_WAIT:
            return None
        return Wait(why="paced", until=now + timedelta(seconds=seconds))

    def _left_today(self, family: Family, budget: Budget) -> float:
        if budget.daily is None:
            return math.inf
        until, used = self._used.get(family, (self._clock.now(), 0))
        return budget.daily - (used if until > self._clock.now() else 0)

    def long_rest(self, family: Family) -> datetime | None:
        """Until when the family rests, if that is longer than a call may wait."""
        return self._rests.until(family) if self._rests.left(family) > LONGEST_WAIT else None

    def _refuse_long_rest(self, family: Family) -> None:
        if self.long_rest(family) is not None:
            raise FloodError(self._rests.left(family), family)

    def _refuse_spent_day(self, family: Family) -> None:
        budget, now = self._budgets.get(family), self._clock.now()
        if budget is not None and self._left_today(family, budget) < 1:
            raise DailyLimit((end_of_day(now) - now).total_seconds(), family)

    def _reserve(self, family: Family) -> float:
        budget = self._budgets.get(family)
        if budget is None:
            return 0.0
        now = self._clock.elapsed()
        bucket = self._buckets.setdefault(family, TokenBucket.full(budget, now))
        return bucket.reserve(now)

    def _put_back(self, family: Family) -> None:
        if family in self._buckets:
            self._buckets[family].put_back()

    async def _sleep(self, family: Family, paced: float) -> None:
        if paced > LONGEST_WAIT and held() is None:
            raise Paced(paced, family)
        if paced > 0:
            until = self._clock.now() + timedelta(seconds=paced)
            with self._shown(Wait(why="paced", until=until)):
                await asyncio.sleep(paced)
        await self._rest(family)

    async def _rest(self, family: Family) -> None:
        while (rest := self._rests.left(family)) > 0:
            self._refuse_long_rest(family)
            with self._shown(Wait(why="flood", until=self._rests.until(family))):
                await asyncio.sleep(rest)

    @contextmanager
    def _shown(self, wait: Wait) -> Iterator[None]:
        caller = asyncio.current_task()
        self._waits[caller] = wait
        try:
            yield
        finally:
            del self._waits[caller]

    async def _spend(self, family: Family) -> None:
        """Write what must outlive this process of a call that is about to be made."""
        await self._rests.write_behind()
        budget = self._budgets.get(family)
        if budget is None:
            return
        if budget.daily is not None:
            await self._spend_daily(family, budget.daily)
        if budget.is_slow():
            full = self._buckets[family].seconds_to_full(self._clock.elapsed())
            until = self._clock.now() + timedelta(seconds=full)
            await self._store.use(self._account, family, until)

    async def _spend_daily(self, family: Family, most: int) -> None:
        now = self._clock.now()
        spent = await self._store.spend_daily(self._account, family, now, most=most)
        self._used[family] = (end_of_day(now), most if spent is None else spent)
        if spent is None:
            raise DailyLimit((end_of_day(now) - now).total_seconds(), family)
