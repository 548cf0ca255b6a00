"""Single faults: whom each is for, how long it lasts, what it does to a call."""

import math
from collections import deque
from dataclasses import dataclass, field

GRACE_SECONDS = 0.25
"""What was on its way when a flood was answered is not held against its sender."""


@dataclass(slots=True, kw_only=True)
class Rule:
    """For one account or all (None), one method or all (None), `times` or for ever (None)."""

    account: int | None = None
    method: str | None = None
    times: int | None = None

    def fits(self, account: int | None, method: str) -> bool:
        return self.account in (None, account) and self.method in (None, method)

    def spend(self) -> None:
        if self.times is not None:
            self.times -= 1

    @property
    def spent(self) -> bool:
        return self.times is not None and self.times <= 0


@dataclass(slots=True, kw_only=True)
class ServerError(Rule):
    """Every `every`th call gets it."""

    code: int
    message: str
    every: int = 1
    seen: int = 0

    def strikes(self) -> bool:
        """Whether this call is one of those."""
        self.seen += 1
        if self.seen % self.every:
            return False
        self.spend()
        return True


@dataclass(slots=True, kw_only=True)
class Delay(Rule):
    seconds: float


@dataclass(slots=True, kw_only=True)
class Silence(Rule):
    pass


@dataclass(slots=True, kw_only=True)
class Blackhole(Rule):
    """New connections are accepted, and nothing on them is answered."""


@dataclass(slots=True, kw_only=True)
class Slowness(Rule):
    bytes_per_second: float


@dataclass(slots=True, kw_only=True)
class EmptyPage(Rule):
    chat_id: int | None


@dataclass(slots=True, kw_only=True)
class Blanks(Rule):
    """Ids from `oldest` to `newest` that read as `MessageEmpty`: all, or the holes alone."""

    chat_id: int
    oldest: int
    newest: int
    holes_only: bool

    def hides(self, message_id: int) -> bool:
        """Whether even a message that exists reads as empty."""
        return not self.holes_only and self.oldest <= message_id <= self.newest


class Strikes:
    """What accounts have on their record: one sum over all methods."""

    def __init__(self) -> None:
        self._known: dict[int | None, tuple[int, float]] = {}

    def add(self, account: int | None, now: float, *, until: float) -> int:
        """One more, forgotten at `until` unless another follows. Returns how many there were."""
        count, forgotten_at = self._known.get(account, (0, 0.0))
        if now >= forgotten_at:
            count = 0
        self._known[account] = count + 1, until
        return count

    def count(self, account: int | None, now: float) -> int:
        count, forgotten_at = self._known.get(account, (0, 0.0))
        return count if now < forgotten_at else 0

    def forget(self, account: int | None) -> None:
        self._known.pop(account, None)


@dataclass(slots=True, kw_only=True)
class Limit(Rule):
    """At most `calls` in any `seconds`, for each account on its own. With `strikes`, a wait
    doubles with each flood and each call inside one that the account has on its record."""

    calls: int
    seconds: float
    wait: int | None = None
    strikes: Strikes | None = None
    most: int = 3600
    forgive: float = 600.0
    seen: dict[int | None, deque[float]] = field(default_factory=dict)
    blocked: dict[int | None, tuple[float, float, int]] = field(default_factory=dict)

    def refuse(self, account: int | None, now: float) -> int:
        """Seconds to wait, or 0; counts the call when it is let through."""
        told, until, base = self.blocked.get(account, (0.0, 0.0, 0))
        if now < until:
            if self.strikes is not None and now > told + GRACE_SECONDS:
                return self._block(account, now, base)
            return max(1, math.ceil(until - now))
        window = self.seen.setdefault(account, deque())
        while window and window[0] <= now - self.seconds:
            window.popleft()
        if len(window) < self.calls:
            window.append(now)
            return 0
        base = self.wait or max(1, math.ceil(window[0] + self.seconds - now))
        return self._block(account, now, base)

    def _block(self, account: int | None, now: float, base: int) -> int:
        wait = base
        if self.strikes is not None:
            wait = min(self.most, base << min(self.strikes.count(account, now), 16))
            self.strikes.add(account, now, until=now + wait + self.forgive)
        self.blocked[account] = now, now + wait, base
        return wait
