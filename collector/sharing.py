"""Which accounts this worker takes and gives, so that all live workers hold fair shares.

Others are known by their leases and signs of life. Whether one lives is told by its signs changing,
on this worker's own clock. One that has just come is left alone until it has stayed for a while,
the longer the more often it came and went: accounts do not move to and fro with it.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.clock import Clock
from core.fair_share import Share, Sharer, share
from core.setback import Scope
from core.worker import SILENT, WorkerSign
from db.leases import LeaseTable

STEADY = 12.0
"""Seconds that a worker must have been seen living before others hand accounts over to it."""

LONGEST_STEADY = 600.0

FORGIVEN = 900.0
"""Seconds of staying after which its comings and goings are forgotten."""

PROPORTION = 4
"""A worker gives at most a quarter of what it has too much at once, and one at least."""

UNCLAIMED = 5.0
"""Seconds after which a free account is anybody's: those whose share it was do not take it."""

KEPT = 600.0
"""Seconds for which an account that nobody else took is not given away again."""

NEVER = float("-inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What was seen of one worker: its last sign and when it changed, by our own clock.

    `since`: when it came, or came again after a start anew or a long silence; `returns`: how often.
    """

    seen_at: datetime
    started_at: datetime
    changed_at: float
    since: float
    returns: int = 0

    def steady_after(self) -> float:
        """Seconds that it must stay before it is given anything."""
        return min(STEADY * 2.0**self.returns, LONGEST_STEADY)


class Sharing:
    """One worker's view of the others and of what is free."""

    def __init__(self, worker: str, clock: Clock) -> None:
        self._worker = worker
        self._clock = clock
        self._lives: dict[str, Life] = {}
        self._signs: Sequence[WorkerSign] = ()
        self._free_since: dict[int, float] = {}
        self._given: set[int] = set()
        self._kept_until: dict[int, float] = {}

    def saw(self, signs: Sequence[WorkerSign]) -> None:
        """Look at the signs of life as they are now."""
        now = self._clock.elapsed()
        self._lives = {
            sign.id: _after(self._lives.get(sign.id), sign, now)
            for sign in signs
            if sign.id != self._worker
        }
        self._signs = signs

    def share(self, table: LeaseTable, *, dead: Collection[str], room: int) -> Share:
        """What is fair now, by the leases as they are. `dead`: workers whose leases stand still;
        `room`: how many accounts more we could hold.

        Nothing is given while something is free: whoever lacks an account takes that.
        """
        held = Counter(one.lease.worker for one in table.held.values())
        able = table.free | table.takeable
        mine = Sharer(worker=self._worker, held=held[self._worker], most=held[self._worker] + room)
        others = [
            self._sharer(sign, held[sign.id], able)
            for sign in self._signs
            if sign.id not in dead and self._is_live(sign)
        ]
        found = share(self._worker, [mine, *others], len(able))
        waits = any(not self._is_overdue(account) for account in table.free)
        give = 0 if waits else -(-found.give // PROPORTION)
        return Share(take_to=found.take_to, give=give)

    def look(self, table: LeaseTable) -> None:
        """Remember since when each account is free, and what nobody wanted that we gave."""
        now = self._clock.elapsed()
        self._free_since = {account: self._free_since.get(account, now) for account in table.free}
        self._given -= {
            account for account, one in table.held.items() if one.lease.worker != self._worker
        }

    def not_ours(self, table: LeaseTable, *, full: bool) -> set[int]:
        """Free accounts that others should take. `full`: we hold our share."""
        if not full:
            return {one for one in table.free if one in self._given and not self._is_overdue(one)}
        return {account for account in table.free if not self._is_overdue(account)}

    def gave(self, account: int) -> None:
        """It is handed over: somebody else should take it."""
        self._given.add(account)

    def took(self, account: int) -> None:
        """It is ours; where nobody took what we gave, it stays for a while."""
        if account in self._given:
            self._given.discard(account)
            self._kept_until[account] = self._clock.elapsed() + KEPT

    def may_be_given(self, account: int) -> bool:
        """Whether others may want it."""
        return self._kept_until.get(account, NEVER) <= self._clock.elapsed()

    def _is_overdue(self, account: int) -> bool:
        since = self._free_since.get(account)
        return since is not None and self._clock.elapsed() - since >= UNCLAIMED

    def _sharer(self, sign: WorkerSign, held: int, able: Collection[int]) -> Sharer:
        """One that does not say how many it takes, of version 0.1, takes all that it can get."""
        life = self._lives[sign.id]
        room = len(able) if sign.load.room is None else sign.load.room
        most = min(len(sign.load.accounts) + room, len(able) - len(_unusable(sign, able)))
        return Sharer(
            worker=sign.id,
            held=held,
            most=max(most, 0),
            steady=self._clock.elapsed() - life.since >= life.steady_after(),
        )

    def _is_live(self, sign: WorkerSign) -> bool:
        life = self._lives.get(sign.id)
        if life is None or sign.left_at is not None or sign.draining:
            return False
        return self._clock.elapsed() - life.changed_at < SILENT.total_seconds()


def _unusable(sign: WorkerSign, able: Collection[int]) -> set[int]:
    """What a worker says that it cannot connect: all of it where it does not reach Telegram."""
    if any(setback.scope is Scope.TELEGRAM for setback in sign.setbacks):
        return set(able)
    return {one for setback in sign.setbacks for one in setback.accounts} & set(able)


def _after(life: Life | None, sign: WorkerSign, now: float) -> Life:
    """What is known of a worker after this look; one that was never seen may be long dead."""
    if life is None:
        return Life(seen_at=sign.seen_at, started_at=sign.started_at, changed_at=NEVER, since=now)
    if sign.seen_at == life.seen_at:
        return life
    silent = now - life.changed_at >= SILENT.total_seconds()
    if sign.started_at == life.started_at and not silent:
        calm = now - life.since > FORGIVEN
        return replace(
            life, seen_at=sign.seen_at, changed_at=now, returns=0 if calm else life.returns
        )
    return Life(
        seen_at=sign.seen_at,
        started_at=sign.started_at,
        changed_at=now,
        since=now,
        returns=life.returns + (life.changed_at != NEVER),
    )
