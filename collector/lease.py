"""The leases of one worker: which accounts it may connect, and until when it may write to them.

Nothing in here compares two clocks. The holder's deadline is counted by its own clock from before
it asked; a taker takes only what it watched standing still, by its own clock, for longer than that.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping

import structlog

from core.account import Account, Lease
from core.clock import Clock
from core.lease_watch import MARGIN, LeaseWatch
from db.leases import AccountLeases, LeaseTable

log = structlog.get_logger(__name__)


class Leases:
    """Takes, renews and gives back. Deadlines count the time a machine was suspended."""

    def __init__(
        self, worker: str, leases: AccountLeases, clock: Clock, *, seconds: float, most: int
    ) -> None:
        self._worker = worker
        self._store = leases
        self._clock = clock
        self._seconds = seconds
        self._most = most
        self._tokens: dict[int, int] = {}
        self._deadlines: dict[int, float] = {}
        self._watch = LeaseWatch(seconds=seconds)
        self._tended_at = float("-inf")

    def silent_for(self) -> float:
        """Seconds since the leases were last looked after; endless before the first time."""
        return self._clock.elapsed() - self._tended_at

    @property
    def worker(self) -> str:
        """In whose name leases are taken."""
        return self._worker

    def room(self) -> int:
        """How many accounts more it may hold."""
        return max(self._most - len(self._tokens), 0)

    @property
    def tokens(self) -> Mapping[int, int]:
        """The token of each account that is held, as far as this worker knows."""
        return self._tokens

    def may_write(self, account: int, token: int) -> Callable[[], bool]:
        """A check for the connection: False once the lease may belong to somebody else."""

        def check() -> bool:
            held = self._tokens.get(account) == token
            return held and self._clock.elapsed() < self._deadlines.get(account, 0.0)

        return check

    async def live_tokens(self) -> dict[int, int]:
        """The token of each lease whose holder is not known to be dead, by account."""
        held = await self._store.held()
        return {account: held[account].token for account in self.live(held)}

    def live(self, held: Mapping[int, Lease]) -> set[int]:
        """Those of these leases, by account, whose holder is not known to be dead."""
        now = self._clock.elapsed()
        return {one for one, lease in held.items() if not self._watch.is_dead(one, lease, now)}

    async def look(self, *, busy: Collection[int] = ()) -> LeaseTable:
        """See all leases, and free those in our name that we know nothing of: of a former life, or
        of a taking whose answer was lost. `busy`: accounts that may still be connected here.
        """
        table = await self._store.look()
        self._watch.saw(table.held, self._clock.elapsed())
        strays = {
            account: one.lease.token
            for account, one in table.held.items()
            if one.lease.worker == self._worker
            and account not in busy
            and account not in self._tokens
        }
        if not strays:
            return table
        await self._store.give_back(strays)
        log.info("lease.reclaimed", accounts=len(strays))
        freed = strays.keys() & table.takeable
        return LeaseTable(
            held={key: one for key, one in table.held.items() if key not in strays},
            free=table.free | freed,
            takeable=table.takeable - freed,
        )

    def dead_workers(self, table: LeaseTable) -> set[str]:
        """Workers with a lease that stood still for so long that they must be dead."""
        now = self._clock.elapsed()
        return {
            one.lease.worker
            for account, one in table.held.items()
            if self._watch.is_dead(account, one.lease, now)
        }

    async def take(self, table: LeaseTable, *, but: Collection[int] = ()) -> Account | None:
        """One more account, if there is room for it: a free one, else one whose holder is dead.

        Of a table that `look` gave just now; `but`: accounts that are not to be taken.
        """
        if not self.room():
            return None
        unwanted = {*but, *self._tokens}
        if free := table.free - unwanted:
            account = await self._taken(
                lambda: self._store.take(free, self._worker, seconds=self._seconds)
            )
            if account is not None:
                return account
        for number in sorted(table.takeable - unwanted):
            account = await self._take_over(table, number)
            if account is not None:
                return account
        return None

    async def renew(self) -> set[int]:
        """Prolong all leases; the accounts that were lost."""
        asked_at = self._clock.elapsed()
        tokens = dict(self._tokens)
        held = await self._store.renew(self._worker, tokens, seconds=self._seconds)
        still = {account for account, token in tokens.items() if self._tokens.get(account) == token}
        for account in held & still:
            self._deadlines[account] = self._deadline(asked_at)
        self._tended_at = asked_at
        log.debug("lease.renewed", accounts=len(held))
        gone = still - held
        for account in gone:
            log.warning("lease.lost", account=account)
            self._drop(account)
        return gone

    def expired(self) -> set[int]:
        """Accounts past their deadline: not renewed in time, whatever the reason."""
        now = self._clock.elapsed()
        gone = {account for account, deadline in self._deadlines.items() if deadline <= now}
        for account in gone:
            log.warning("lease.expired", account=account)
            self._drop(account)
        return gone

    async def give_back(self, account: int, token: int) -> None:
        """End a lease, after disconnecting."""
        if self._tokens.get(account) == token:
            self._drop(account)
        await self._store.give_back({account: token})

    async def _take_over(self, table: LeaseTable, account: int) -> Account | None:
        seen = table.held[account].lease
        dead = self._watch.is_dead(account, seen, self._clock.elapsed())
        if not dead or seen.worker == self._worker:
            return None
        return await self._taken(
            lambda: self._store.take_over(account, seen, self._worker, seconds=self._seconds)
        )

    async def _taken(self, take: Callable[[], Awaitable[Account | None]]) -> Account | None:
        asked_at = self._clock.elapsed()
        account = await take()
        if account is None or account.lease is None:
            return None
        self._tokens[account.id] = account.lease.token
        self._deadlines[account.id] = self._deadline(asked_at)
        log.info("lease.taken", account=account.id, token=account.lease.token)
        return account

    def _deadline(self, asked_at: float) -> float:
        return asked_at + self._seconds * (1 - MARGIN)

    def _drop(self, account: int) -> None:
        self._tokens.pop(account, None)
        self._deadlines.pop(account, None)
