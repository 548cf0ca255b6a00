"""What the sandbox saw, so that a check can assert on the server's side."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.rules import GRACE_SECONDS

KEEP = 200_000
_FLOODS = ("FLOOD_WAIT", "FLOOD_PREMIUM_WAIT", "SLOWMODE_WAIT")
_FAMILIES = {
    "messages.getHistory": "history",
    "messages.getMessages": "history",
    "channels.getMessages": "history",
    "contacts.search": "search",
    "messages.search": "search",
    "messages.searchGlobal": "search",
    "channels.getFullChannel": "info",
    "messages.getFullChat": "info",
    "channels.joinChannel": "join",
    "messages.importChatInvite": "join",
}
_Windows = dict[tuple[int, str], tuple[float, float]]


def family_of(method: str) -> str:
    """Methods that Telegram seems to count together; others are families of their own."""
    return _FAMILIES.get(method, method)


@dataclass(slots=True, kw_only=True)
class Call:
    """One MTProto request. Times are of `time.monotonic()`; `items`: messages in the answer.
    `violation`: it came inside a flood's window of its method; `family_violation`: of its
    family."""

    account: int | None
    method: str
    chat_id: int | None = None
    username: str | None = None
    received_at: float
    answered_at: float | None = None
    error: str | None = None
    items: int = 0
    violation: bool = False
    family_violation: bool = False

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


@dataclass(slots=True, kw_only=True)
class Line:
    """One MTProto connection: whose key it showed last, and what bytes came until `heard_at`."""

    opened_at: float
    heard_at: float
    account: int | None = None
    heard: int = 0
    closed_at: float | None = None


class Counters:
    """Bounded memory: the newest `KEEP` calls of each door; the sums are never cut."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.changed: Callable[[], None] = lambda: None
        self.clear()

    def clear(self) -> None:
        self.calls: deque[Call] = deque(maxlen=KEEP)
        self.bot_calls: deque[BotCall] = deque(maxlen=KEEP)
        self.key_violations: deque[KeyViolation] = deque(maxlen=KEEP)
        self.lines: deque[Line] = deque(maxlen=KEEP)
        self.violations = 0
        self.family_violations = 0
        self.floods = 0
        self.totals: Counter[tuple[int | None, str]] = Counter()
        self.bot_totals: Counter[str] = Counter()
        self.joins: Counter[int] = Counter()
        self.searches: Counter[tuple[int, str]] = Counter()
        self._floods: _Windows = {}
        self._family_floods: _Windows = {}
        self._open: dict[int | None, int] = {}
        self.most_in_flight = 0
        self.most_accounts_in_flight = 0

    def received(self, account: int | None, method: str) -> Call:
        """Opens a call; `answered` or `dropped` closes it."""
        call = Call(account=account, method=method, received_at=self._clock())
        call.violation = _inside(self._floods, call, method)
        call.family_violation = _inside(self._family_floods, call, family_of(method))
        self.violations += call.violation
        self.family_violations += call.family_violation
        self.calls.append(call)
        self.totals[account, method] += 1
        self._open[account] = self._open.get(account, 0) + 1
        self.most_in_flight = max(self.most_in_flight, sum(self._open.values()))
        self.most_accounts_in_flight = max(self.most_accounts_in_flight, len(self._open))
        self.changed()
        return call

    def answered(self, call: Call, *, error: str | None = None) -> None:
        self.dropped(call)
        call.answered_at = self._clock()
        call.error = error
        if call.account is not None and error is not None and error.startswith(_FLOODS):
            self.floods += 1
            until = call.answered_at + int(error.rpartition("_")[2])
            _note(self._floods, (call.account, call.method), call.answered_at, until)
            family = family_of(call.method)
            _note(self._family_floods, (call.account, family), call.answered_at, until)
            self.changed()

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
        self.changed()

    def connected(self) -> Line:
        """A connection was opened."""
        now = self._clock()
        self.lines.append(Line(opened_at=now, heard_at=now))
        return self.lines[-1]

    def heard(self, line: Line, count: int) -> None:
        """Bytes came on a connection."""
        line.heard += count
        line.heard_at = self._clock()

    def disconnected(self, line: Line) -> None:
        """The connection has gone."""
        line.closed_at = self._clock()

    def joined(self, account: int) -> None:
        """It became a member of a chat."""
        self.joins[account] += 1
        self.changed()

    def searched(self, account: int, bot: str) -> None:
        """It asked a search bot, by its username, for something or for another page."""
        self.searches[account, bot] += 1
        self.changed()

    def key_violated(self, key_id: str, account: int | None) -> None:
        seen = KeyViolation(key_id=key_id, account=account, seen_at=self._clock())
        self.key_violations.append(seen)
        self.changed()

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
            "joins": {str(account): count for account, count in self.joins.items()},
            "searches": [[*key, count] for key, count in self.searches.items()],
            "floods": self.floods,
            "violations": self.violations,
            "family_violations": self.family_violations,
            "key_violations": [asdict(seen) for seen in self.key_violations],
            "most_in_flight": self.most_in_flight,
            "most_accounts_in_flight": self.most_accounts_in_flight,
        }

    def state(self) -> dict[str, Any]:
        """What a restart must not lose, as JSON: sums, key violations, floods still open."""
        now, wall = self._clock(), time.time()
        return {
            "totals": [[*key, count] for key, count in self.totals.items()],
            "bot_totals": dict(self.bot_totals),
            "joins": list(self.joins.items()),
            "searches": [[*key, count] for key, count in self.searches.items()],
            "floods": self.floods,
            "violations": self.violations,
            "family_violations": self.family_violations,
            "key_violations": [asdict(seen) for seen in self.key_violations],
            "windows": _saved(self._floods, now, wall),
            "family_windows": _saved(self._family_floods, now, wall),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Starts from what `state` gave; the calls themselves are gone."""
        self.clear()
        now, wall = self._clock(), time.time()
        self.totals.update({(account, method): n for account, method, n in state["totals"]})
        self.bot_totals.update(state["bot_totals"])
        self.joins.update(dict(state["joins"]))
        self.searches.update({(account, bot): n for account, bot, n in state["searches"]})
        self.floods, self.violations = state["floods"], state["violations"]
        self.family_violations = state["family_violations"]
        self.key_violations.extend(KeyViolation(**seen) for seen in state["key_violations"])
        self._floods = _loaded(state["windows"], now, wall)
        self._family_floods = _loaded(state["family_windows"], now, wall)


def _inside(windows: _Windows, call: Call, name: str) -> bool:
    if call.account is None:
        return False
    flood = windows.get((call.account, name))
    return flood is not None and flood[0] + GRACE_SECONDS < call.received_at < flood[1]


def _note(windows: _Windows, key: tuple[int, str], answered: float, until: float) -> None:
    """A flood inside another lengthens that one: its grace is over."""
    first, last = windows.get(key, (answered, until))
    windows[key] = (first, max(last, until)) if answered < last else (answered, until)


def _saved(windows: _Windows, now: float, wall: float) -> list[list[Any]]:
    """Account, name, and both times as Unix seconds."""
    return [
        [*key, first - now + wall, last - now + wall]
        for key, (first, last) in windows.items()
        if last > now
    ]


def _loaded(saved: list[list[Any]], now: float, wall: float) -> _Windows:
    return {
        (account, name): (first - wall + now, last - wall + now)
        for account, name, first, last in saved
    }
