"""How often an account may call: token buckets, and the budgets that `PACE` names.

No limit of Telegram's is published; the careful ones stay below what the community measured
(30 history calls in 30 seconds, 30 resolves a minute, an account).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.job import Family


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """`rate` calls a second in the long run, `burst` at once, `daily` a day (None: no bound)."""

    rate: float
    burst: int = 1
    daily: int | None = None

    def is_slow(self) -> bool:
        """Whether a restart that allowed a whole burst again would be too fast."""
        return self.rate <= SLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A rest that Telegram asked for, as it is stored. `seconds`: how long it lasts at most, None
    where version 0.1 wrote it; `left`: seconds to `until` by MongoDB's clock.
    """

    family: str
    until: datetime
    seconds: float | None = None
    left: float = 0.0


SLOW = 1 / 10
"""Calls a second up to which a budget is slow: what was used of it must outlive a restart."""

CAREFUL: Mapping[Family, Budget] = {
    Family.HISTORY: Budget(rate=0.9, burst=3),
    Family.RESOLVE: Budget(rate=5 / 60, burst=5, daily=50),
    Family.INFO: Budget(rate=0.5, burst=5),
    Family.SEARCH: Budget(rate=1 / 4, burst=2),
    Family.BOT: Budget(rate=1 / 4),
    Family.JOIN: Budget(rate=1 / 450, daily=20),
    Family.MESSAGES: Budget(rate=1 / 10, burst=3),
    Family.DIALOGS: Budget(rate=1 / 30, burst=2),
    Family.MEDIA: Budget(rate=2.0, burst=4),
    Family.CONNECT: Budget(rate=2.0, burst=20),
}
"""The default budgets of an account."""


@dataclass(slots=True)
class TokenBucket:
    """A bucket of calls that refills at `budget.rate`. Times are seconds of one monotonic clock."""

    budget: Budget
    tokens: float
    at: float

    @classmethod
    def full(cls, budget: Budget, now: float) -> "TokenBucket":
        """A bucket that allows a whole burst."""
        return cls(budget, float(budget.burst), now)

    @classmethod
    def full_in(cls, budget: Budget, now: float, seconds: float) -> "TokenBucket":
        """A bucket that will allow a whole burst in so many seconds; at once if they are none."""
        missing = max(seconds, 0.0) * budget.rate
        return cls(budget, budget.burst - missing, now)

    def seconds_to_full(self, now: float) -> float:
        """Until it allows a whole burst."""
        missing = (self.budget.burst - self.tokens) / self.budget.rate
        return max(missing - max(now - self.at, 0.0), 0.0)

    def calls_within(self, now: float, seconds: float) -> float:
        """How many calls could go out in the next seconds, besides those that were reserved."""
        grown = self.tokens + max(now - self.at, 0.0) * self.budget.rate
        return min(float(self.budget.burst), grown) + seconds * self.budget.rate

    def seconds_to_call(self, now: float) -> float:
        """Until one more call could go out."""
        return max((1.0 - self.calls_within(now, 0.0)) / self.budget.rate, 0.0)

    def reserve(self, now: float) -> float:
        """Take a call; the seconds to wait before making it. Reservations queue up."""
        grown = self.tokens + max(now - self.at, 0.0) * self.budget.rate
        self.tokens = min(float(self.budget.burst), grown) - 1.0
        self.at = max(now, self.at)
        return max(-self.tokens / self.budget.rate, 0.0)

    def put_back(self) -> None:
        """Return a reservation that was not used."""
        self.tokens = min(float(self.budget.burst), self.tokens + 1.0)
