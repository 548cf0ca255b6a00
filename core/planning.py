"""From waiting jobs to the accounts that take them. All pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.account import DEAD_STATES, READING_STATES, Account, AccountState
from core.demand import addressee, first_calls
from core.job import Failure, Family, Job, Wait
from core.task import Step

BALANCE_PATIENCE = timedelta(seconds=5)
"""How long an automatic job waits for the account with the fewest running jobs to take it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """An account that may take jobs here: how many it runs, how many more it can.

    `rests`: Telegram asked it to wait for long, so automatic jobs are left to the others. `room`:
    how many calls of each family it may make soon; as many as it likes where that is missing.
    """

    account: int
    running: int
    free: int
    last_claim_at: datetime | None
    rests: bool = False
    room: Mapping[Family, float] = field(default_factory=dict)

    def may_call(self, families: Iterable[Family]) -> bool:
        """Whether a job that calls these first may begin."""
        return not self.room or all(self.room.get(family, 1.0) >= 1.0 for family in families)

    def taking(self, families: Collection[Family], now: datetime) -> "Hand":
        """The hand after it took such a job."""
        return replace(
            self,
            running=self.running + 1,
            free=self.free - 1,
            last_claim_at=now,
            room={one: left - (one in families) for one, left in self.room.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """A job and the account that is to claim it, and the families that it will call first."""

    job: Job
    account: int
    calls: frozenset[Family] = frozenset()


def virtual_times(start: float, weight: float, count: int) -> list[float]:
    """The places in the queue of a run's next jobs: after `start`, the closer the heavier."""
    return [start + number / weight for number in range(1, count + 1)]


def peek_keys(accounts: Iterable[int]) -> list[str]:
    """What a worker with these accounts looks for in the queue."""
    return ["*", *(f"a{account}" for account in accounts)]


def pair(
    jobs: Sequence[Job],
    hands: Iterable[Hand],
    *,
    crew_load: Mapping[int, int],
    knows: Mapping[str, Collection[int]],
    now: datetime,
    slots: Mapping[int, int] | None = None,
    met: Mapping[str, Collection[int]] | None = None,
) -> list[Pairing]:
    """Which of our accounts takes which job, fairest job first.

    `crew_load` is the running jobs of every ready account that is connected, other workers' too:
    an automatic job is left to a less busy account elsewhere until it waited too long.
    `knows` tells per source which accounts need not resolve it, or are in it where it is to be
    joined; `slots` how many chats each account may still join, where that is known: the one with
    the most joins next. `met` tells which accounts know the address of whom a job calls: all do,
    where nobody asked.
    """
    table = {hand.account: hand for hand in hands}
    load, left = dict(crew_load), dict(slots or {})
    pairings: list[Pairing] = []
    for job in jobs:
        fit = [hand for hand in table.values() if _fits(job, hand)]
        able = [one for one in fit if one.may_call(calls_of(job, one.account, knows, met))]
        if job.step is Step.JOIN:
            hand = _choose_to_join(job, able, left, knows.get(job.source, ()))
        else:
            others = [load[one] for one in load.keys() - table.keys()]
            hand = _choose(job, able, load, others, knows.get(job.source, ()), now)
        if hand is None:
            continue
        calls = calls_of(job, hand.account, knows, met)
        left[hand.account] = left.get(hand.account, 0) - (job.step is Step.JOIN)
        pairings.append(Pairing(job=job, account=hand.account, calls=calls))
        load[hand.account] = load.get(hand.account, hand.running) + 1
        table[hand.account] = hand.taking(calls, now)
    return pairings


def calls_of(
    job: Job,
    account: int,
    knows: Mapping[str, Collection[int]],
    met: Mapping[str, Collection[int]] | None,
) -> frozenset[Family]:
    """What an account calls first for a job, by what it knows; both as `pair` has them."""
    return first_calls(
        job,
        met=met is None or account in met.get(addressee(job), ()),
        inside=account in knows.get(job.source, ()),
    )


def doomed(job: Job, accounts: Mapping[int, Account]) -> Failure | None:
    """Why a queued job can never run: every account it may use is gone or dead."""
    named = [accounts.get(number) for number in _named(job)]
    if not named or any(account and account.state not in DEAD_STATES for account in named):
        return None
    first = named[0]
    if first is None:
        return Failure(reason="account_removed", detail={"account": str(_named(job)[0])})
    return Failure(
        reason=_dead_reason(first), detail={"account": first.name, "number": str(first.id)}
    )


def crowded(job: Job, accounts: Mapping[int, Account], now: datetime) -> Failure | None:
    """Why nobody can join a chat for an automatic job: every account that lives is full."""
    if job.step is not Step.JOIN or job.is_pinned():
        return None
    alive = [one for one in _able(job, accounts) if one.state not in DEAD_STATES]
    if not alive or not all(account.is_full(now) for account in alive):
        return None
    return Failure(reason="too_many_chats")


def explain(job: Job, accounts: Mapping[int, Account], now: datetime) -> Wait | None:
    """Why nobody takes a ready job, in the words of the locale files; None when somebody will."""
    able = _able(job, accounts)
    if job.step is Step.JOIN and not job.is_pinned():
        able = [account for account in able if not account.is_full(now)] or able
    if any(account.state in READING_STATES for account in able):
        return None
    resting = [account for account in able if account.state is AccountState.RESTING]
    if resting:
        untils = [account.until for account in resting if account.until]
        return Wait(why="account_resting", until=min(untils, default=None))
    return Wait(why="no_ready_account")


def speaker(job: Job, accounts: Mapping[int, Account], live: Collection[int]) -> int | None:
    """The account whose holder says why a queued job waits: of those that may take it and are held
    (`live`) the first; where none is, the first that anybody holds. None where nobody holds any:
    there is nothing to say then but what the accounts' own states tell, to all the same.
    """
    able = [account for account in _able(job, accounts) if account.state in READING_STATES]
    held = [account.id for account in able if account.id in live]
    return min(held or live, default=None)


def _fits(job: Job, hand: Hand) -> bool:
    return hand.free > 0 and job.may_be_taken_by(hand.account)


def _choose(
    job: Job,
    able: Sequence[Hand],
    load: Mapping[int, int],
    others: Iterable[int],
    members: Collection[int],
    now: datetime,
) -> Hand | None:
    if job.is_pinned():
        return next(iter(able), None)
    able = [hand for hand in able if not hand.rests]
    if not able:
        return None
    fewest = min(able, key=lambda hand: _preference(hand, members))
    elsewhere = min([*others, *(load.get(hand.account, hand.running) for hand in able)])
    patient = now - job.created_at < BALANCE_PATIENCE
    return None if patient and fewest.running > elsewhere else fewest


def _choose_to_join(
    job: Job, able: Sequence[Hand], slots: Mapping[int, int], members: Collection[int]
) -> Hand | None:
    """One that is in the chat already, else the account with the most chats to go; one that nobody
    counted comes first, to be counted. A pinned job is left to say itself that its account is full.
    """
    if job.is_pinned():
        return next(iter(able), None)
    able = [
        hand
        for hand in able
        if not hand.rests and (hand.account in members or slots.get(hand.account, 1) > 0)
    ]
    return max(
        able,
        key=lambda hand: (hand.account in members, *_room(hand, slots), -hand.account),
        default=None,
    )


def _room(hand: Hand, slots: Mapping[int, int]) -> tuple[bool, int, int]:
    return (hand.account not in slots, slots.get(hand.account, 0), -hand.running)


def _preference(hand: Hand, members: Collection[int]) -> tuple[int, float, bool, int]:
    last = hand.last_claim_at.timestamp() if hand.last_claim_at else 0.0
    return (hand.running, last, hand.account not in members, hand.account)


def _able(job: Job, accounts: Mapping[int, Account]) -> list[Account]:
    return [account for account in accounts.values() if job.may_be_taken_by(account.id)]


def _named(job: Job) -> list[int]:
    return [int(key[1:]) for key in job.keys if key.startswith("a")]


def _dead_reason(account: Account) -> str:
    if account.state is AccountState.SIGNED_OUT:
        return "account_signed_out"
    return "account_banned" if account.state is AccountState.BANNED else "account_lost"
