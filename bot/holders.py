"""Whether any collector holds accounts and lives, as the bot itself sees it."""

from core.clock import Clock
from core.lease_watch import LeaseWatch
from db.database import Database

SHORTEST_LEASE = 1.0
"""Seconds; each lease says how long it lasts."""


class Holders:
    """No clock is compared with another: a lease is dead once it was seen to stand still."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._leases = database.accounts.leases
        self._clock = clock
        self._watch = LeaseWatch(seconds=SHORTEST_LEASE)

    async def any_alive(self) -> bool:
        """Whether some account is held by a collector that is not known to be dead."""
        held = (await self._leases.look()).held
        now = self._clock.elapsed()
        self._watch.saw(held, now)
        return any(not self._watch.is_dead(key, one.lease, now) for key, one in held.items())
