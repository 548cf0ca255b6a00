"""What goes wrong, and for whom: scripted by tests and by the control routes."""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.mtproto.rpc import RpcError

BANNED = "USER_DEACTIVATED_BAN"
REVOKED = "SESSION_REVOKED"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to one call: an error, a delay in seconds, or no answer ever."""

    error: RpcError | None = None
    delay: float = 0.0
    silent: bool = False


@dataclass(slots=True, kw_only=True)
class _Rule:
    """For one account or all (None), one method or all (None), `times` or for ever (None)."""

    account: int | None
    method: str | None
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
class _Limit(_Rule):
    """At most `calls` in any `seconds`, for each account on its own."""

    calls: int
    seconds: float
    wait: int | None
    seen: dict[int | None, deque[float]] = field(default_factory=dict)
    blocked: dict[int | None, float] = field(default_factory=dict)

    def refuse(self, account: int | None, now: float) -> int:
        """Seconds to wait, or 0; counts the call when it is let through."""
        until = self.blocked.get(account, 0.0)
        if now < until:
            return max(1, math.ceil(until - now))
        window = self.seen.setdefault(account, deque())
        while window and window[0] <= now - self.seconds:
            window.popleft()
        if len(window) < self.calls:
            window.append(now)
            return 0
        wait = self.wait or max(1, math.ceil(window[0] + self.seconds - now))
        self.blocked[account] = now + wait
        return wait


@dataclass(slots=True, kw_only=True)
class _Error(_Rule):
    code: int
    message: str


@dataclass(slots=True, kw_only=True)
class _Delay(_Rule):
    seconds: float


@dataclass(slots=True, kw_only=True)
class _Silence(_Rule):
    pass


class Faults:
    """Methods have Telegram's names (`messages.getHistory`), accounts their ids; None is any."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rules: list[_Rule] = []
        self._denied: dict[tuple[int | None, int], str] = {}
        self.banned: set[int] = set()
        self._cut: Callable[[int | None], int] = lambda _account: 0
        self._revoke: Callable[[int, str], int] = lambda _account, _error: 0

    def wire(self, *, cut: Callable[[int | None], int], revoke: Callable[[int, str], int]) -> None:
        """The door says how connections are cut and keys revoked."""
        self._cut, self._revoke = cut, revoke

    def limit(
        self,
        method: str | None,
        *,
        calls: int,
        seconds: float,
        account: int | None = None,
        wait: int | None = None,
    ) -> None:
        """A flood limit in a sliding window, kept for each account. `wait`: a fixed FLOOD_WAIT
        instead of the time until the window has room."""
        self._rules.append(
            _Limit(account=account, method=method, calls=calls, seconds=seconds, wait=wait)
        )

    def flood(
        self, seconds: int, *, account: int | None = None, method: str | None = None, times: int = 1
    ) -> None:
        """The next `times` calls get FLOOD_WAIT_`seconds`."""
        self.fail(f"FLOOD_WAIT_{seconds}", code=420, account=account, method=method, times=times)

    def fail(
        self,
        message: str = "RPC_CALL_FAIL",
        *,
        code: int = 500,
        account: int | None = None,
        method: str | None = None,
        times: int | None = 1,
    ) -> None:
        """The next `times` calls (all when None) get this error."""
        self._rules.append(
            _Error(account=account, method=method, times=times, code=code, message=message)
        )

    def delay(
        self, seconds: float, *, account: int | None = None, method: str | None = None
    ) -> None:
        """Answers come this much later."""
        self._rules.append(_Delay(account=account, method=method, seconds=seconds))

    def silence(self, account: int | None = None, *, method: str | None = None) -> None:
        """Calls are received and never answered."""
        self._rules.append(_Silence(account=account, method=method))

    def deny(
        self, chat_id: int, *, account: int | None = None, error: str = "CHANNEL_PRIVATE"
    ) -> None:
        """The account can no longer see the chat."""
        self._denied[account, chat_id] = error

    def cut(self, account: int | None = None) -> int:
        """Breaks connections now. Returns how many."""
        return self._cut(account)

    def revoke(self, account: int) -> int:
        """Ends the account's sessions, as its owner can from another device. Returns how many."""
        return self._revoke(account, REVOKED)

    def ban(self, account: int) -> int:
        """The account is gone for good: its keys are refused, and so is a new sign-in."""
        self.banned.add(account)
        return self._revoke(account, BANNED)

    def clear(self, account: int | None = None) -> None:
        """Ends all faults, or those of one account. What was revoked stays revoked."""
        if account is None:
            self._rules, self._denied, self.banned = [], {}, set()
            return
        self._rules = [rule for rule in self._rules if rule.account != account]
        self._denied = {key: error for key, error in self._denied.items() if key[0] != account}
        self.banned.discard(account)

    def denied(self, account: int | None, chat_id: int) -> str | None:
        """The error for this chat, or None."""
        return self._denied.get((account, chat_id)) or self._denied.get((None, chat_id))

    def judge(self, account: int | None, method: str) -> Verdict:
        """What is to happen to a call that just came."""
        delay, error = 0.0, None
        for rule in self._rules:
            if rule.spent or not rule.fits(account, method):
                continue
            if isinstance(rule, _Silence):
                return Verdict(silent=True)
            if isinstance(rule, _Delay):
                delay += rule.seconds
            elif error is None:
                error = self._error(rule, account)
        self._rules = [rule for rule in self._rules if not rule.spent]
        return Verdict(error=error, delay=delay)

    def _error(self, rule: _Rule, account: int | None) -> RpcError | None:
        if isinstance(rule, _Limit):
            wait = rule.refuse(account, self._clock())
            return RpcError(420, f"FLOOD_WAIT_{wait}") if wait else None
        if isinstance(rule, _Error):
            rule.spend()
            return RpcError(rule.code, rule.message)
        return None
