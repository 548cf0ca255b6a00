"""Which leases stand still, as one process sees it with its own clock. Pure.

No two clocks are compared: a lease counts as dead once this process itself saw it unchanged for as
long as it lasts and a margin. Whatever changes in it is a sign of life: holder, token, beat, until.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.account import Lease

MARGIN = 0.2
"""Share of a lease that its holder does not use, and that a watcher waits on top."""

LONGEST_MARGIN = 2.0
"""Seconds that a watcher waits on top at most: the holder stopped long before the lease ended."""

LONGEST_UNTOLD = 120.0
"""Seconds that a lease is believed to last at most which does not say so itself."""


def underway(seconds: float) -> float:
    """For how many seconds the last bytes of a holder may be on their way: between its deadline and
    the moment when a watcher takes the account, of a lease that lasts so long."""
    return seconds * MARGIN + min(seconds * MARGIN, LONGEST_MARGIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLease:
    """A lease as it was found. `left`: seconds to its `until`, by MongoDB's clock alone."""

    lease: Lease
    left: float = 0.0


@dataclass(frozen=True, slots=True)
class _Sight:
    lease: Lease
    since: float
    lasts: float


class LeaseWatch:
    """`seconds`: what a lease is believed to last at least. Times are `Clock.elapsed`'s."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._sights: dict[int, _Sight] = {}

    def saw(self, held: Mapping[int, HeldLease], now: float) -> None:
        """Remember what an answer told of all leases, by account; `now` is after it came."""
        self._sights = {
            account: self._sight(self._sights.get(account), one, now)
            for account, one in held.items()
        }

    def is_dead(self, account: int, lease: Lease, now: float) -> bool:
        """Whether exactly this lease was seen unchanged for so long that its holder must have let
        go."""
        sight = self._sights.get(account)
        return sight is not None and sight.lease == lease and now - sight.since >= sight.lasts

    def _sight(self, before: _Sight | None, found: HeldLease, now: float) -> _Sight:
        if before is not None and before.lease == found.lease:
            return before
        lasts = self._lasts(found)
        return _Sight(found.lease, now, lasts + min(lasts * MARGIN, LONGEST_MARGIN))

    def _lasts(self, found: HeldLease) -> float:
        told = found.lease.seconds
        if told is None:
            told = min(found.left, LONGEST_UNTOLD)
        return max(told, self._seconds)
