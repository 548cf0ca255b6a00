"""The rests that Telegram asked an account for: they outlive restarts, and no clock shortens them.

Whoever was asked counts the seconds himself. Another process goes by the corrected clock, and as
long as Telegram's time is not known there by MongoDB's, too: whichever says later. It never waits
longer than the whole rest, so a wrong clock of whoever wrote it costs that at most.
"""

import asyncio
from datetime import datetime, timedelta

import structlog

from core.clock import Clock
from core.corrected_clock import NEAR
from core.errors import StoreError
from core.pacing import Rest
from core.told_once import ToldOnce
from db.budgets import Budgets

log = structlog.get_logger(__name__)

GRACE = 0.25
"""Seconds added to a flood, so that no call arrives inside its window."""

WRITE_AGAIN = 1.0
"""Seconds after which a flood that MongoDB did not take is written again."""

LONGEST_UNTOLD = 86_400.0
"""Seconds that a rest is believed to last at most which a version wrote that did not say it."""

APART = 2 * NEAR
"""Seconds that two corrected clocks may be apart."""


class Rests:
    """One account's."""

    def __init__(self, account: int, store: Budgets, clock: Clock) -> None:
        self._account = account
        self.store = store
        self._clock = clock
        self._asked: dict[str, float] = {}
        """When the rests are over that Telegram asked this process for, by `elapsed`."""
        self._found: dict[str, float] = {}
        """The same of those that were stored."""
        self._seen: dict[tuple[str, datetime], float] = {}
        """Since when a stored rest is known here."""
        self._untils: dict[str, datetime] = {}
        self._unwritten: dict[str, float] = {}
        self._writing = asyncio.Lock()
        self._trouble = ToldOnce()

    async def load(self, *, sure: bool) -> None:
        """Read what is stored. `sure`: Telegram's time is known here."""
        found = await self.store.rests(self._account)
        elapsed, now = self._clock.elapsed(), self._clock.now()
        seen = {(one.family, one.until): elapsed for one in found}
        self._seen = seen | {key: at for key, at in self._seen.items() if key in seen}
        self._found = {
            one.family: min(
                elapsed + _left(one, now, sure=sure),
                self._seen[one.family, one.until] + _lasts(one),
            )
            for one in found
            if self._untils.get(one.family) != one.until
        }

    def left(self, family: str) -> float:
        """Seconds until the family may call; 0 or less when it may now."""
        ends = max(self._asked.get(family, 0.0), self._found.get(family, 0.0))
        return ends - self._clock.elapsed()

    def until(self, family: str) -> datetime:
        """When the family may call."""
        return self._clock.now() + timedelta(seconds=max(self.left(family), 0.0))

    async def asked(self, family: str, seconds: float) -> None:
        """Telegram asked for a rest. Returns when that is written, so whoever was flooded does not
        go on before."""
        lasts = seconds + GRACE
        ends = self._clock.elapsed() + lasts
        if ends > self._asked.get(family, 0.0):
            self._asked[family] = ends
            self._untils[family] = self._clock.now() + timedelta(seconds=lasts)
            self._unwritten[family] = lasts
        while self.left(family) > 0:
            if await self.write():
                return
            await asyncio.sleep(WRITE_AGAIN)

    async def write_behind(self) -> None:
        """Write what MongoDB did not take, unless somebody does."""
        if self._unwritten and not self._writing.locked():
            await self.write()

    async def write(self) -> bool:
        """Whether all of them are written now."""
        async with self._writing:
            for family, lasts in list(self._unwritten.items()):
                until = self._untils[family]
                try:
                    await self.store.rest(self._account, family, until, lasts)
                except StoreError:
                    if self._trouble.failed("store"):
                        log.warning("account.flood_unwritten", account=self._account, family=family)
                    return False
                self._trouble.worked()
                if self._untils[family] == until:
                    self._unwritten.pop(family, None)
        return True


def _left(rest: Rest, now: datetime, *, sure: bool) -> float:
    by_clock = (rest.until - now).total_seconds()
    if sure:
        return by_clock + APART
    return max(by_clock, rest.left) + APART


def _lasts(rest: Rest) -> float:
    return LONGEST_UNTOLD if rest.seconds is None else rest.seconds
