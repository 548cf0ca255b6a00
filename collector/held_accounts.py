"""The accounts that this worker holds: a lease and a runner each, begun and ended together."""

import asyncio
from functools import partial

import structlog

from collector.crew import Crew
from collector.lease import Leases
from collector.listening.recorder import Recorder
from collector.runner import Runner
from collector.setbacks import Setbacks
from collector.sharing import Sharing
from core.account import Account
from core.errors import StoreError
from core.fair_share import Share
from core.setback import in_words
from db.leases import LeaseTable

log = structlog.get_logger(__name__)

CONNECTING = 10.0
"""Seconds that it may take until the first account is connected."""

SIGNS_EVERY = 5.0
"""Seconds between two looks at the other workers' signs of life, which come as often."""

HANDOVER = 30.0
"""Seconds that an account which is to be another worker's may finish its jobs in."""


class HeldAccounts:
    """`open` lets it work: take what is free or was left by the dead, run it, give it back."""

    def __init__(self, crew: Crew, recorder: Recorder, leases: Leases, *, seconds: float) -> None:
        self._crew = crew
        self._recorder = recorder
        self._leases = leases
        self._seconds = seconds
        self._pause = min(seconds / 6, 2.0)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._idle_since: float | None = None
        self._sharing = Sharing(leases.worker, crew.clock)
        self._signs_at = float("-inf")
        self.setbacks = Setbacks(crew.clock, lease_seconds=seconds)
        self.runners: dict[int, Runner] = {}
        """By account; others may look, and hand jobs to them."""

    def connected(self) -> int:
        """How many accounts are connected now."""
        return sum(runner.gateway is not None for runner in self.runners.values())

    def room(self) -> int:
        """How many accounts more are held if there are some."""
        return self._leases.room()

    def trouble(self) -> str | None:
        """Why nothing works here: leases are not looked after, or nothing can be connected."""
        if self._leases.silent_for() >= self._seconds:
            return "leases are not being renewed"
        if self.connected():
            self._idle_since = None
            return None
        if told := self.notes():
            return "; ".join(told)
        return self._connects_nothing()

    def notes(self) -> list[str]:
        """What cannot be used here, and why, though others may be connected."""
        return [in_words(one) for one in self.setbacks.told()]

    def _connects_nothing(self) -> str | None:
        now = self._crew.clock.elapsed()
        if not self.runners:
            self._idle_since = None
            return None
        self._idle_since = now if self._idle_since is None else self._idle_since
        if now - self._idle_since < CONNECTING:
            return None
        return f"holds {len(self.runners)} accounts and connects none of them"

    def open(self, group: asyncio.TaskGroup) -> None:
        """Work in `group` from now on."""
        group.create_task(self._lease_for_ever(group))
        group.create_task(self._let_go_in_time())

    async def _lease_for_ever(self, group: asyncio.TaskGroup) -> None:
        while True:
            await self._crew.database.outage.attempt("lease", partial(self._lease, group))
            await asyncio.sleep(self._pause)

    async def _lease(self, group: asyncio.TaskGroup) -> None:
        if self._leases.silent_for() >= self._seconds / 6:
            self._end(await self._leases.renew())
        table = await self._leases.look(busy=self._tasks)
        self._sharing.look(table)
        await self._see_others(soon=bool(table.free))
        dead = self._leases.dead_workers(table)
        share = self._sharing.share(table, dead=dead, room=self.room())
        while (
            account := await self._leases.take(table, but=self._unwanted(table, share))
        ) is not None:
            self._sharing.took(account.id)
            self._begin(account, group)
        self._hand_over(share.give)

    async def _see_others(self, *, soon: bool) -> None:
        """`soon`: something is free, so it matters at once whose it is."""
        now = self._crew.clock.elapsed()
        if soon or now - self._signs_at >= SIGNS_EVERY:
            self._sharing.saw(await self._crew.database.workers.all())
            self._signs_at = now

    def _unwanted(self, table: LeaseTable, share: Share) -> set[int]:
        """What runs here still, what failed here a short while ago, and what is for others."""
        full = len(self._leases.tokens) >= share.take_to
        theirs = self._sharing.not_ours(table, full=full)
        if full:
            theirs |= table.takeable
        return {*self._tasks, *self.setbacks.unwanted(table.free | table.takeable), *theirs}

    def _hand_over(self, count: int) -> None:
        """Give so many accounts to others, gently: the idle first, others once their jobs are done
        and somebody else listens for them, or after half a minute."""
        leaving = [one for one in self.runners.values() if one.leaving_since is not None]
        if not count:
            for runner in leaving:
                runner.leaving_since = None
            return
        able = [
            one
            for one in self.runners.values()
            if one.leaving_since is None and self._sharing.may_be_given(one.account.id)
        ]
        able.sort(key=lambda one: (one.jobs() + one.listens, one.account.id))
        for runner in able[: max(count - len(leaving), 0)]:
            runner.leave()
        now = self._crew.clock.elapsed()
        for runner in [one for one in self.runners.values() if one.leaving_since is not None]:
            since = now if runner.leaving_since is None else runner.leaving_since
            if not (runner.jobs() or runner.listens) or now - since >= HANDOVER:
                log.info("account.handed_over", account=runner.account.id)
                self._sharing.gave(runner.account.id)
                self._end({runner.account.id})

    async def _let_go_in_time(self) -> None:
        """A loop of its own: a store that hangs must not keep an account past its lease."""
        while True:
            self._end(self._leases.expired())
            self._leave_to_others()
            self.setbacks.tell()
            await asyncio.sleep(self._pause)

    def _leave_to_others(self) -> None:
        """Let go of what cannot be used here."""
        for account in [one for one in self.runners if self.setbacks.hopeless(one)]:
            self.setbacks.given_back(account)
            self._end({account})

    def _begin(self, account: Account, group: asyncio.TaskGroup) -> None:
        token = self._leases.tokens[account.id]
        may_write = self._leases.may_write(account.id, token)
        runner = Runner(account, token, self._crew, may_write, self._recorder, self.setbacks)
        self.setbacks.begun(account.id)
        self.runners[account.id] = runner
        self._tasks[account.id] = group.create_task(
            self._keep(runner), name=f"account {account.id}"
        )

    def _end(self, accounts: set[int]) -> None:
        for account in accounts:
            if (task := self._tasks.get(account)) is not None:
                task.cancel()

    async def _keep(self, runner: Runner) -> None:
        """Run to the end. Until then nothing else is begun for the account, whoever holds it."""
        account = runner.account.id
        try:
            await runner.run()
        finally:
            del self.runners[account], self._tasks[account]
            self.setbacks.ended(account)
            await self._give_back(account, runner.token)

    async def _give_back(self, account: int, token: int) -> None:
        try:
            await self._leases.give_back(account, token)
        except StoreError as error:
            log.warning("lease.kept", account=account, error=str(error))
