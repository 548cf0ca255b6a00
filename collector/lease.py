"""The leases of one worker: which accounts it may connect, and until when it may write to them."""

from collections.abc import Callable, Mapping

import structlog

from core.account import Account
from core.clock import Clock
from db.accounts import Accounts

log = structlog.get_logger(__name__)

MARGIN = 0.2
"""Share of a lease that its holder does not use, and that a taker waits on top."""

LONGEST_MARGIN = 2.0
"""Seconds that a taker waits on top at most: the holder has stopped long before the lease ends."""


class Leases:
    """Takes, renews and gives back. Deadlines count the time a machine was suspended."""

    def __init__(
        self, worker: str, accounts: Accounts, clock: Clock, *, seconds: float, most: int
    ) -> None:
        self._worker = worker
        self._accounts = accounts
        self._clock = clock
        self._seconds = seconds
        self._most = most
        self._tokens: dict[int, int] = {}
        self._deadlines: dict[int, float] = {}
        self._tended_at = float("-inf")

    def silent_for(self) -> float:
        """Seconds since the leases were last looked after; endless before the first time."""
        return self._clock.elapsed() - self._tended_at

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

    async def begin(self) -> None:
        """Free what a former life of this worker held."""
        freed = await self._accounts.give_back_all(self._worker)
        if freed:
            log.info("lease.reclaimed", accounts=freed)

    async def take(self) -> Account | None:
        """One more account, if there is a free one and room for it."""
        if len(self._tokens) >= self._most:
            return None
        asked_at = self._clock.elapsed()
        account = await self._accounts.lease(
            self._worker,
            seconds=self._seconds,
            margin=min(self._seconds * MARGIN, LONGEST_MARGIN),
        )
        if account is None or account.lease is None:
            return None
        self._tokens[account.id] = account.lease.token
        self._deadlines[account.id] = self._deadline(asked_at)
        log.info("lease.taken", account=account.id, token=account.lease.token)
        return account

    async def renew(self) -> set[int]:
        """Prolong all leases; the accounts that were lost."""
        asked_at = self._clock.elapsed()
        tokens = dict(self._tokens)
        held = await self._accounts.renew(self._worker, tokens, seconds=self._seconds)
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
        await self._accounts.give_back(account, token)

    def _deadline(self, asked_at: float) -> float:
        return asked_at + self._seconds * (1 - MARGIN)

    def _drop(self, account: int) -> None:
        self._tokens.pop(account, None)
        self._deadlines.pop(account, None)
