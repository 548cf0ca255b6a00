"""Pulling jobs from the queue for the accounts that have a free hand."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from collector.jobs.handing_over import readers_of
from collector.lease import Leases
from collector.run_keeper import RunKeeper
from collector.runner import Runner
from collector.together import together
from core.account import READING_STATES, Account
from core.chat import ChatKind
from core.clock import Clock
from core.demand import ALONE, PULLED, addressee
from core.job import Failure, Family, Job, Wait
from core.planning import (
    Hand,
    Pairing,
    calls_of,
    crowded,
    doomed,
    explain,
    pair,
    peek_keys,
    speaker,
)
from core.standing import nobody_can, unusable
from core.task import Step
from db.database import Database
from db.jobs import PEEKED

ADDRESSING = frozenset({Family.RESOLVE, Family.INFO})
"""What an account calls that does not know a source yet."""

SETTLED = 0.25
"""Seconds within which the queue was looked through just now."""

NEARLY = timedelta(seconds=20)
"""How far the shown end of a wait may be from the true one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """How many jobs were seen and taken, and the accounts that their pace kept from some."""

    seen: int = 0
    taken: int = 0
    held_back: frozenset[int] = frozenset()


class Claims:
    """One worker's look at the queue."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        keeper: RunKeeper,
        leases: Leases,
        *,
        most: int = 1000,
    ) -> None:
        self._most = most
        self._leases = leases
        self._database = database
        self._clock = clock
        self._keeper = keeper
        self._settled_at = -SETTLED
        self._further: dict[Family, int] = {}
        self.left_some = False
        """Whether the last pull saw jobs that it left in the queue."""

    async def pull(self, runners: Mapping[int, Runner]) -> int:
        """Claim what our accounts should take now; how many jobs that were."""
        self.left_some = False
        free = [hand for hand in _hands(runners) if hand.free > 0]
        if not free or self._room(runners) <= 0:
            return 0
        ready = await self._database.jobs.ready_families(PULLED)
        claimed = 0
        for family in PULLED:
            if family in ready:
                claimed += await self._pull(family, runners)
        return claimed

    async def _pull(self, family: Family, runners: Mapping[int, Runner]) -> int:
        """The jobs of one family: the fairest, and where accounts must leave those for what they
        may call, some of the others for these accounts, in turn, so that none hides behind them.
        """
        first = await self._take(family, runners, _hands(runners), skip=0)
        if first.seen < PEEKED or first.taken >= first.seen or not first.held_back:
            self._further.pop(family, None)
            return first.taken
        skip = self._further.get(family, 0) + PEEKED
        hands = [hand for hand in _hands(runners) if hand.account in first.held_back]
        more = await self._take(family, runners, hands, skip=skip)
        self._further[family] = skip if more.seen == PEEKED else 0
        return first.taken + more.taken

    async def _take(
        self,
        family: Family,
        runners: Mapping[int, Runner],
        hands: Sequence[Hand],
        *,
        skip: int,
    ) -> "_Look":
        """Claim for these hands some of the jobs that follow the first `skip`."""
        calls = {family} & ALONE
        free = [hand.account for hand in hands if hand.free > 0 and hand.may_call(calls)]
        self.left_some |= any(hand.free > 0 and not hand.may_call(calls) for hand in hands)
        room = self._room(runners)
        if not free or room <= 0:
            return _Look()
        jobs = await self._database.jobs.peek(family, peek_keys(free), skip=skip)
        if not jobs:
            return _Look()
        pairings = (await self._pair(jobs, runners, hands))[:room]
        taken = await self._claim(pairings, runners)
        self.left_some |= taken < len(jobs)
        return _Look(seen=len(jobs), taken=taken, held_back=_held_back(hands, pairings))

    def _room(self, runners: Mapping[int, Runner]) -> int:
        return self._most - sum(runner.jobs() for runner in runners.values())

    async def _pair(
        self, jobs: list[Job], runners: Mapping[int, Runner], hands: Sequence[Hand]
    ) -> list[Pairing]:
        load, met = await self._crew_load(runners, hands), await self._met(jobs)
        joins = [job for job in jobs if job.step is Step.JOIN]
        now = self._clock.now()
        inside = await self._insiders(joins)
        slots = await self._database.accounts.free_slots(now) if joins else None
        return pair(
            jobs, hands, crew_load=load, knows={**met, **inside}, now=now, slots=slots, met=met
        )

    async def _claim(self, pairings: Sequence[Pairing], runners: Mapping[int, Runner]) -> int:
        """Claim at once what was paired, and let the runs know; how many jobs began here."""
        taken: list[Pairing] = []

        async def claim(pairing: Pairing) -> None:
            runner = runners.get(pairing.account)
            if runner is not None and await runner.claim(pairing.job, pairing.calls):
                taken.append(pairing)

        await together(claim(pairing) for pairing in pairings)
        if taken:
            for one in taken:
                self._keeper.poke(one.job.run)
            await self._database.jobs.passed(max(one.job.vt for one in taken))
            accounts = {one.account for one in taken}
            await self._database.accounts.claimed(accounts, self._clock.now())
        return len(taken)

    async def settle_queue(
        self, runners: Mapping[int, Runner], *, unless_just_done: bool = False
    ) -> None:
        """End what nobody can ever do, and say why the rest of the queue waits: of each job one
        worker says it, so that no two contradict each other."""
        if unless_just_done and self._clock.elapsed() - self._settled_at < SETTLED:
            return
        self._settled_at = self._clock.elapsed()
        waiting = await self._database.jobs.queued()
        delayed = await self._database.jobs.delayed()
        if not waiting and not delayed:
            return
        accounts = {account.id: account for account in await self._database.accounts.all()}
        hopeless: set[str] = set()
        for job in {job.id: job for job in (*waiting, *delayed)}.values():
            failure = await self._hopeless(job, accounts)
            if failure is not None and await self._left_to_readers(job):
                continue
            if failure is not None:
                hopeless.add(job.id)
                await self._database.jobs.fail_queued([job.id], failure, self._clock.now())
                await self._keeper.derive(job.run)
        held = {one.id: one.lease for one in accounts.values() if one.lease is not None}
        live = self._leases.live(held)
        left = [
            job
            for job in waiting
            if job.id not in hopeless and speaker(job, accounts, live) in {None, *runners}
        ]
        await self._explain(left, accounts, runners)

    async def _left_to_readers(self, job: Job) -> bool:
        """Whether files that one account was to fetch, and will not any more, are for others now;
        the ids of a basic group mean nothing to them."""
        if job.step is not Step.MEDIA or job.chat is None:
            return False
        chat = await self._database.chats.get(job.chat)
        if chat is None or chat.kind is ChatKind.GROUP:
            return False
        able = await readers_of(self._database, job, job.chat, but=None)
        return bool(able) and await self._database.jobs.narrow_queued(job.id, able)

    async def _explain(
        self, jobs: Sequence[Job], accounts: Mapping[int, Account], runners: Mapping[int, Runner]
    ) -> None:
        now, met = self._clock.now(), None
        workers = await self._database.workers.all() if jobs else []
        unused = {one.id: why for one in accounts.values() if (why := unusable(one, workers))}
        if any(runner.held_up(ADDRESSING, automatic=False) for runner in runners.values()):
            met = await self._met(jobs)
        waits: dict[str, Wait | None] = {}
        for job in jobs:
            wait = explain(job, accounts, now) or nobody_can(job, accounts.values(), unused)
            wait = wait or _held_up(job, accounts, runners, met)
            if not _says_the_same(wait, job.wait):
                waits[job.id] = wait
        await self._database.jobs.explain_queued(waits)

    async def _hopeless(self, job: Job, accounts: Mapping[int, Account]) -> Failure | None:
        """Why nobody can ever do a queued job; an account that is in a chat need not join it."""
        failure = doomed(job, accounts)
        if failure is None:
            failure = crowded(job, accounts, self._clock.now())
            if failure is not None and await self._database.memberships.inside(job.source):
                return None
        return failure

    async def _crew_load(
        self, runners: Mapping[int, Runner], hands: Sequence[Hand]
    ) -> dict[int, int]:
        """Running jobs of the accounts that could take one, as far as this worker can tell."""
        running = await self._database.jobs.running_by_account()
        able = {hand.account for hand in hands if not hand.rests}
        others = (await self._leases.live_tokens()).keys() - runners.keys()
        return {account: running.get(account, 0) for account in able | others}

    async def _met(self, jobs: Iterable[Job]) -> dict[str, set[int]]:
        """Who knows the address of whom each job calls."""
        return await self._database.memberships.knowing({addressee(job) for job in jobs})

    async def _insiders(self, joins: Iterable[Job]) -> dict[str, set[int]]:
        """Who is in what is to be joined."""
        sources = {job.source for job in joins}
        return await self._database.memberships.knowing(sources, inside=True) if sources else {}


def _held_back(hands: Iterable[Hand], pairings: Iterable[Pairing]) -> frozenset[int]:
    """Those that could take one more job, but not of every kind. Who only has a hand free again by
    now takes its next job from the front, where the fairest stand.
    """
    given = Counter(pairing.account for pairing in pairings)
    return frozenset(
        hand.account
        for hand in hands
        if hand.free > given[hand.account] and any(room < 1 for room in hand.room.values())
    )


def _hands(runners: Mapping[int, Runner]) -> list[Hand]:
    return [hand for runner in runners.values() if (hand := runner.hand())]


def _held_up(
    job: Job,
    accounts: Mapping[int, Account],
    runners: Mapping[int, Runner],
    met: Mapping[str, Collection[int]] | None,
) -> Wait | None:
    """What keeps a job when every account that could take it is ours: no connection, a rest, or a
    turn that is far.
    """
    able = [
        account.id
        for account in accounts.values()
        if account.state in READING_STATES and job.may_be_taken_by(account.id)
    ]
    mine = [runners[account] for account in able if account in runners]
    if not mine or len(mine) < len(able):
        return None
    connected = [runner for runner in mine if runner.gateway]
    if not connected:
        return Wait(why=mine[0].trouble or "connecting")
    waits: list[Wait] = []
    for runner in connected:
        calls = calls_of(job, runner.account.id, {}, met)
        wait = runner.held_up(calls, automatic=not job.is_pinned())
        if wait is None:
            return None
        waits.append(wait)
    return min(waits, key=lambda wait: wait.until.timestamp() if wait.until else 0.0)


def _says_the_same(wait: Wait | None, shown: Wait | None) -> bool:
    """Whether people would read the same: a turn moves a little each time that somebody looks."""
    if wait is None or shown is None or wait.until is None or shown.until is None:
        return wait == shown
    return wait.why == shown.why and abs(wait.until - shown.until) < NEARLY
