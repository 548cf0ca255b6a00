"""The accounts that this worker holds: a lease and a runner each, begun and ended together."""

import asyncio
from functools import partial

import structlog

from collector.crew import Crew
from collector.lease import Leases
from collector.listening.recorder import Recorder
from collector.runner import Runner
from collector.setbacks import Setbacks
from core.account import Account
from core.errors import StoreError
from core.setback import in_words
from db.leases import LeaseTable

log = structlog.get_logger(__name__)

CONNECTING = 10.0
"""Seconds that it may take until the first account is connected."""


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
        while (account := await self._leases.take(table, but=self._unwanted(table))) is not None:
            self._begin(account, group)

    def _unwanted(self, table: LeaseTable) -> set[int]:
        """What runs here still, and what failed here a short while ago."""
        return {*self._tasks, *self.setbacks.unwanted(table.free | table.takeable)}

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
