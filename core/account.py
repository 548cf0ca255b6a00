"""Accounts of the crew and the lease that lets one worker connect one of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.membership import Slots


class AccountState(StrEnum):
    """What an account can do. Being connected belongs to its lease, not here."""

    SIGNED_OUT = "signed_out"
    READY = "ready"
    RESTING = "resting"
    LIMITED = "limited"
    FROZEN = "frozen"
    BANNED = "banned"
    LOST = "lost"
    PAUSED = "paused"


DEAD_STATES = frozenset({AccountState.SIGNED_OUT, AccountState.LOST, AccountState.BANNED})
"""States that a job pinned to the account cannot wait out: it fails at once."""

LIMITED_STATES = frozenset({AccountState.LIMITED, AccountState.FROZEN})
"""States in which an account is spared for a while."""

LIMIT_LASTS = timedelta(hours=1)
"""How long an account that Telegram limits is spared, before it is tried again."""

READING_STATES = frozenset({AccountState.READY, AccountState.LIMITED, AccountState.FROZEN})
"""States in which an account may still read history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The exclusive right of one worker to connect an account.

    `beat` grows with each renewal; `seconds` is how long a renewal lasts, None where a worker of
    version 0.1 wrote the lease. `until` is MongoDB's time at the last renewal and that long after:
    only such a worker compares it with a clock.
    """

    worker: str
    token: int
    until: datetime
    beat: int = 0
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A Telegram user account that the crew owns.

    `id` is small and shown to people (`#1`); `telegram_id` is Telegram's; `phone` is masked.
    `reason` is a key of why the state holds (`session_revoked`, `flood`, ...), `until` its end.
    `slots`: the channels that it is in and may be in; None before anybody counted.
    """

    id: int
    name: str
    username: str | None
    telegram_id: int | None
    phone: str
    state: AccountState
    is_default: bool
    created_at: datetime
    reason: str | None = None
    until: datetime | None = None
    lease: Lease | None = None
    running: int = 0
    last_claim_at: datetime | None = None
    slots: Slots | None = None

    def is_full(self, now: datetime) -> bool:
        """Whether it can join nothing more, as a count tells that still holds."""
        return self.slots is not None and self.slots.holds(now) and not self.slots.free()

    def limited_until(self, now: datetime) -> datetime | None:
        """Until when Telegram limits it: no longer than that lasts, whoever's clock wrote it."""
        if self.state not in LIMITED_STATES or self.until is None:
            return None
        return min(self.until, now + LIMIT_LASTS)

    def can_work(self) -> bool:
        """Whether a new task may be given to this account now."""
        return self.state is AccountState.READY
