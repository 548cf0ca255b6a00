"""What the sandbox saw, so that a check can assert on the server's side."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

KEEP = 200_000
GRACE_SECONDS = 0.25
_FLOODS = ("FLOOD_WAIT", "FLOOD_PREMIUM_WAIT", "SLOWMODE_WAIT")


@dataclass(slots=True, kw_only=True)
class Call:
    """One MTProto request. Times are of `time.monotonic()`; `items`: messages in the answer."""

    account: int | None
    method: str
    chat_id: int | None = None
    username: str | None = None
    received_at: float
    answered_at: float | None = None
    error: str | None = None
    items: int = 0
    violation: bool = False

    @property
    def open(self) -> bool:
        return self.answered_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class BotCall:
    """One Bot API request."""

    method: str
    token_ok: bool
    user_id: int | None
    chat_id: int | None
    received_at: float
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyViolation:
    """Bytes on the older of two connections of one auth key after the newer one had spoken."""

    key_id: str
    account: int | None
    seen_at: float


class Counters:
    """Bounded memory: the newest `KEEP` calls of each door; the sums are never cut."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.clear()

    def clear(self) -> None:
        self.calls: deque[Call] = deque(maxlen=KEEP)
        self.bot_calls: deque[BotCall] = deque(maxlen=KEEP)
        self.key_violations: deque[KeyViolation] = deque(maxlen=KEEP)
        self.violations = 0
        self.totals: Counter[tuple[int | None, str]] = Counter()
        self.bot_totals: Counter[str] = Counter()
        self._floods: dict[tuple[int, str], tuple[float, float]] = {}
        self._open: dict[int | None, int] = {}
        self.most_in_flight = 0
        self.most_accounts_in_flight = 0

    def received(self, account: int | None, method: str) -> Call:
        """Opens a call; `answered` or `dropped` closes it."""
        call = Call(account=account, method=method, received_at=self._clock())
        call.violation = self._violates(call)
        self.violations += call.violation
        self.calls.append(call)
        self.totals[account, method] += 1
        self._open[account] = self._open.get(account, 0) + 1
        self.most_in_flight = max(self.most_in_flight, sum(self._open.values()))
        self.most_accounts_in_flight = max(self.most_accounts_in_flight, len(self._open))
        return call

    def answered(self, call: Call, *, error: str | None = None) -> None:
        self.dropped(call)
        call.answered_at = self._clock()
        call.error = error
        if call.account is not None and error is not None and error.startswith(_FLOODS):
            until = call.answered_at + int(error.rpartition("_")[2])
            self._floods[call.account, call.method] = (call.answered_at, until)

    def dropped(self, call: Call) -> None:
        """The call will never be answered, or just was."""
        left = self._open.get(call.account, 0) - 1
        if left > 0:
            self._open[call.account] = left
        else:
            self._open.pop(call.account, None)

    def bot_api_call(
        self,
        method: str,
        *,
        token_ok: bool,
        user_id: int | None = None,
        chat_id: int | None = None,
        error: str | None = None,
    ) -> None:
        self.bot_totals[method] += 1
        self.bot_calls.append(
            BotCall(
                method=method,
                token_ok=token_ok,
                user_id=user_id,
                chat_id=chat_id,
                received_at=self._clock(),
                error=error,
            )
        )

    def key_violated(self, key_id: str, account: int | None) -> None:
        seen = KeyViolation(key_id=key_id, account=account, seen_at=self._clock())
        self.key_violations.append(seen)

    def of(self, account: int | None = None, method: str | None = None) -> Iterator[Call]:
        """Calls kept, oldest first; None means any."""
        for call in self.calls:
            if account in (None, call.account) and method in (None, call.method):
                yield call

    def methods(self) -> list[str]:
        """Names of all MTProto methods ever called."""
        return sorted({method for _, method in self.totals})

    def summary(self) -> dict[str, Any]:
        """Sums as JSON."""
        accounts: dict[str, dict[str, int]] = {}
        for (account, method), count in self.totals.items():
            accounts.setdefault(str(account), {})[method] = count
        return {
            "mtproto": accounts,
            "bot_api": dict(self.bot_totals),
            "violations": self.violations,
            "key_violations": [asdict(seen) for seen in self.key_violations],
            "most_in_flight": self.most_in_flight,
            "most_accounts_in_flight": self.most_accounts_in_flight,
        }

    def _violates(self, call: Call) -> bool:
        if call.account is None:
            return False
        flood = self._floods.get((call.account, call.method))
        return flood is not None and flood[0] + GRACE_SECONDS < call.received_at < flood[1]
