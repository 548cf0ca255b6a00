"""What this worker could not open or reach: when it lets go of it, and when it tries again."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import structlog

from core.clock import Clock
from core.errors import (
    AccountLimited,
    CrewError,
    FloodError,
    KeyDoubted,
    LeaseGone,
    StoreError,
    WorkerUnfit,
)
from core.setback import Failing, Scope, Setback, in_words, told_apart

log = structlog.get_logger(__name__)

BEYOND = 30.0
"""Seconds beyond a lease in which an account that cannot be reached is tried on."""

OWN_PAUSES = (60.0, 120.0, 240.0, 480.0, 600.0)
"""Seconds before an account is taken again that this worker lacked something for, or whose key was
not taken by what answered: to ask again soon would change neither."""

PAUSES = (15.0, 30.0, 60.0)
"""The same for an account that could not be reached."""

PROBE = 15.0
"""Seconds between two tries where many accounts wait for the same: one tries for all."""

PING = 10.0
"""Seconds beyond that time within which a line that is well was heard of, however idle."""

SOON = 5.0
"""Seconds without a connection from which on it is told, unless the worker itself is to blame."""

FORGET = 900.0
"""Seconds after which a failure says nothing any more that could not be tried again."""

NEVER = float("-inf")

WAITS = (FloodError, AccountLimited, StoreError, LeaseGone)
"""No reason to let go: it would be the same for every other worker, or is none of Telegram."""


@dataclass(slots=True)
class _Record:
    """`since`: when it was connected last, or begun; `down_at`: when the first failure was seen;
    `why` is empty before anything failed."""

    since: float
    down_at: float = NEVER
    why: str = ""
    own: bool = False
    doubted: bool = False
    waits: bool = False
    data_centre: int | None = None
    failed_at: float = NEVER
    attempts: int = 0
    tries: int = 0
    again_at: float = 0.0
    held: bool = True

    def failing(self) -> Failing:
        return Failing(why=self.why, own=self.own, data_centre=self.data_centre)


def _never_silent() -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class _Line:
    centre: int | None
    silent_for: Callable[[], float]


class Setbacks:
    """Runners report; whoever takes and gives back asks. One for each worker."""

    def __init__(self, clock: Clock, *, lease_seconds: float) -> None:
        self._clock = clock
        self._patience = lease_seconds + BEYOND
        self._records: dict[int, _Record] = {}
        self._connected: dict[int, _Line] = {}
        self._told: set[tuple[Scope, int | None, str]] = set()

    def begun(self, account: int) -> None:
        """A runner tries to connect the account from now on."""
        now = self._clock.elapsed()
        record = self._records.setdefault(account, _Record(since=now))
        record.held, record.since, record.failed_at, record.attempts = True, now, NEVER, 0

    def connected(
        self, account: int, data_centre: int | None, silent_for: Callable[[], float] = _never_silent
    ) -> None:
        """It is connected: what waits for the same may be tried at once. `silent_for`: seconds
        since anything came on its line.
        """
        was_alone = not self._connected
        self._connected[account] = _Line(data_centre, silent_for)
        self._records.pop(account, None)
        for record in self._records.values():
            if not record.own and (was_alone or record.data_centre in {data_centre, None}):
                record.again_at, record.tries = 0.0, 0

    def failed(
        self, account: int, error: Exception, data_centre: int | None, *, silent: float = 0.0
    ) -> bool:
        """An attempt failed, or a connection ended that was `silent` for so many seconds. Whether
        that is news: the first time, or another reason."""
        now = self._clock.elapsed()
        was_connected = self._connected.pop(account, None) is not None
        record = self._records.setdefault(account, _Record(since=now - silent))
        record.attempts += not was_connected
        why = error.reason if isinstance(error, CrewError) else "unexpected"
        is_news = why != record.why
        record.down_at = now if record.down_at == NEVER else record.down_at
        record.why, record.waits = why, isinstance(error, WAITS)
        unfit = isinstance(error, WorkerUnfit) or not isinstance(error, CrewError)
        record.own = unfit and not was_connected
        record.doubted = isinstance(error, KeyDoubted)
        record.data_centre, record.failed_at = data_centre or record.data_centre, now
        return is_news

    def hopeless(self, account: int) -> bool:
        """Whether an account that is held should be left to others, who may do better."""
        record, now = self._records.get(account), self._clock.elapsed()
        if record is None or record.waits:
            return False
        if record.attempts:
            return record.own or record.tries > 0 or now - record.since >= self._patience
        return now - max(record.since, record.failed_at) >= self._patience

    def given_back(self, account: int) -> None:
        """It is left to others, and for a while not taken again."""
        record = self._records[account]
        pauses = OWN_PAUSES if record.own or record.doubted else PAUSES
        record.why = record.why or "timeout"
        record.failed_at = self._clock.elapsed()
        record.down_at = record.failed_at if record.down_at == NEVER else record.down_at
        record.again_at = record.failed_at + pauses[min(record.tries, len(pauses) - 1)]
        record.tries += 1
        log.info("account.given_back", account=account, reason=record.why)

    def ended(self, account: int) -> None:
        """Its runner ended. What was not given back for a reason is as good as any other."""
        self._connected.pop(account, None)
        record = self._records.get(account)
        if record is None:
            return
        record.held = False
        if not record.tries:
            del self._records[account]

    def unwanted(self, accounts: Collection[int]) -> set[int]:
        """Which of these are not to be taken now."""
        now = self._clock.elapsed()
        left = {one for one in accounts if one in self._records}
        refused = {one for one in left if self._records[one].again_at > now}
        for setback in self.told():
            if setback.scope is Scope.TELEGRAM:
                refused = {*accounts} - self._probe(setback, {*accounts} - refused)
            elif setback.scope is Scope.DATA_CENTRE:
                group = left & {*setback.accounts}
                refused |= group - self._probe(setback, group - refused)
        return refused

    def _probe(self, setback: Setback, able: Collection[int]) -> set[int]:
        """The one that tries for all that wait for the same: what was tried longest ago."""
        group = [self._records[one] for one in setback.accounts]
        resting = max(record.failed_at for record in group) + PROBE > self._clock.elapsed()
        if resting or not able or any(record.held for record in group):
            return set()
        ages = {one: self._records[one].failed_at for one in able if one in self._records}
        return {min(able, key=lambda one: (ages.get(one, NEVER), one))}

    def told(self) -> tuple[Setback, ...]:
        """What cannot be used now, by its cause."""
        now = self._clock.elapsed()
        for account, record in list(self._records.items()):
            if not record.held and now - record.failed_at > FORGET and record.again_at < now:
                del self._records[account]
        failing = {
            account: record
            for account, record in self._records.items()
            if record.why and not record.waits and self._is_certain(record, now)
        }
        first = min((record.down_at for record in failing.values()), default=now)
        reached = {
            one: line.centre
            for one, line in self._connected.items()
            if now - line.silent_for() > first
        }
        return told_apart({one: record.failing() for one, record in failing.items()}, reached)

    def tell(self) -> None:
        """Say in the log what is new, once, and what is over."""
        told = {(one.scope, one.data_centre, _mark(one)): one for one in self.told()}
        for mark, one in told.items():
            if mark not in self._told:
                log.warning("worker.setback", scope=one.scope, reason=one.why, what=in_words(one))
        for scope, centre, _ in self._told - told.keys():
            log.info("worker.setback_over", scope=scope, data_centre=centre)
        self._told = set(told)

    def _is_certain(self, record: _Record, now: float) -> bool:
        """A line that breaks is mostly back at once; and where others only seem to be connected,
        what they hear since then tells what is broken: an idle line answers a ping a minute."""
        if record.own:
            return True
        lines = self._connected.values()
        beside = [line for line in lines if line.centre == record.data_centre]
        heard = any(now - line.silent_for() > record.down_at for line in beside or lines)
        proven = heard or not lines
        late = now - record.down_at >= self._patience + PING
        return (proven or late) and (record.tries > 0 or now - record.since >= SOON)


def _mark(setback: Setback) -> str:
    """What makes a cause another one than the last, though it has the same scope."""
    match setback.scope:
        case Scope.OWN:
            return setback.why
        case Scope.ACCOUNT:
            return str(setback.accounts)
        case _:
            return ""
