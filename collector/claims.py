"""Pulling jobs from the queue for the accounts that have a free hand."""

from collections.abc import Mapping, Sequence

from collector.run_keeper import RunKeeper
from collector.runner import Runner
from collector.together import together
from core.account import READING_STATES, Account
from core.clock import Clock
from core.job import Failure, Family, Job, Wait
from core.planning import Hand, Pairing, crowded, doomed, explain, pair, peek_keys
from core.task import Step
from db.database import Database

FAMILIES = (
    Family.HISTORY,
    Family.JOIN,
    Family.BOT,
    Family.SEARCH,
    Family.INFO,
    Family.MEDIA,
)
"""What the steps call first."""


class Claims:
    """One worker's look at the queue."""

    def __init__(
        self, database: Database, clock: Clock, keeper: RunKeeper, *, most: int = 1000
    ) -> None:
        self._most = most
        self._database = database
        self._clock = clock
        self._keeper = keeper
        self.left_some = False
        """Whether the last pull saw jobs that it left in the queue."""

    async def pull(self, runners: Mapping[int, Runner]) -> int:
        """Claim what our accounts should take now; how many jobs that were."""
        hands = [hand for runner in runners.values() if (hand := runner.hand())]
        free = [hand.account for hand in hands if hand.free > 0]
        self.left_some = False
        room = self._most - sum(runner.jobs() for runner in runners.values())
        if not free or room <= 0 or not await self._database.jobs.queued(limit=1):
            return 0
        claimed = 0
        for family in FAMILIES:
            jobs = await self._database.jobs.peek(family, peek_keys(free))
            if jobs:
                pairings = (await self._pair(jobs, runners, hands))[: max(room - claimed, 0)]
                taken = await self._claim(pairings, runners)
                claimed += taken
                self.left_some |= taken < len(jobs)
        return claimed

    async def _pair(
        self, jobs: list[Job], runners: Mapping[int, Runner], hands: Sequence[Hand]
    ) -> list[Pairing]:
        load, knows = await self._crew_load(runners, hands), await self._knowers(jobs)
        joins = any(job.step is Step.JOIN for job in jobs)
        now = self._clock.now()
        slots = await self._database.accounts.free_slots(now) if joins else None
        return pair(jobs, hands, crew_load=load, knows=knows, now=now, slots=slots)

    async def _claim(self, pairings: Sequence[Pairing], runners: Mapping[int, Runner]) -> int:
        """Claim at once what was paired, and let the runs know; how many jobs began here."""
        taken: list[Pairing] = []

        async def claim(pairing: Pairing) -> None:
            runner = runners.get(pairing.account)
            if runner is not None and await runner.claim(pairing.job):
                taken.append(pairing)

        await together(claim(pairing) for pairing in pairings)
        if taken:
            await together(self._keeper.derive(run) for run in {one.job.run for one in taken})
            accounts = {one.account for one in taken}
            await self._database.accounts.claimed(accounts, self._clock.now())
        return len(taken)

    async def settle_queue(self, runners: Mapping[int, Runner]) -> None:
        """End what nobody can ever do, and say why the rest of the queue waits."""
        waiting = await self._database.jobs.queued()
        delayed = await self._database.jobs.delayed()
        if not waiting and not delayed:
            return
        accounts = {account.id: account for account in await self._database.accounts.all()}
        waits: dict[str, Wait | None] = {}
        for job in (*waiting, *delayed):
            failure = await self._hopeless(job, accounts)
            if failure is not None:
                await self._database.jobs.fail_queued([job.id], failure, self._clock.now())
                await self._keeper.derive(job.run)
                continue
            wait = explain(job, accounts, self._clock.now()) or _held_up(job, accounts, runners)
            if wait != job.wait:
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
        others = (await self._database.accounts.live_tokens()).keys() - runners.keys()
        return {account: running.get(account, 0) for account in able | others}

    async def _knowers(self, jobs: list[Job]) -> dict[str, set[int]]:
        """Who need not resolve the sources of the jobs that may choose between accounts; of what is
        to be joined, who is in it.
        """
        knows: dict[str, set[int]] = {}
        memberships = self._database.memberships

        async def ask(source: str, step: Step) -> None:
            verb = memberships.inside if step is Step.JOIN else memberships.accounts_knowing
            knows[source] = await verb(source)

        open_jobs = [job for job in jobs if not job.is_pinned()]
        await together(ask(*one) for one in {(job.source, job.step) for job in open_jobs})
        return knows


def _held_up(
    job: Job, accounts: Mapping[int, Account], runners: Mapping[int, Runner]
) -> Wait | None:
    """What keeps a job when every account that could take it is ours: no connection, or a rest."""
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
    rests = [rest for runner in connected if (rest := runner.rest())]
    if job.is_pinned() or len(rests) < len(connected):
        return None
    return Wait(why="flood", until=min(rests))
