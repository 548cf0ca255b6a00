"""The accounts that this worker holds: a lease and a runner each, begun and ended together."""

import asyncio
from functools import partial

import structlog

from collector.crew import Crew
from collector.lease import Leases
from collector.listening.recorder import Recorder
from collector.runner import Runner
from core.account import Account
from core.errors import StoreError

log = structlog.get_logger(__name__)


class HeldAccounts:
    """`open` lets it work: take what is free or was left by the dead, run it, give it back."""

    def __init__(self, crew: Crew, recorder: Recorder, leases: Leases, *, seconds: float) -> None:
        self._crew = crew
        self._recorder = recorder
        self._leases = leases
        self._seconds = seconds
        self._pause = min(seconds / 6, 2.0)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self.runners: dict[int, Runner] = {}
        """By account; others may look, and hand jobs to them."""

    def connected(self) -> int:
        """How many accounts are connected now."""
        return sum(runner.gateway is not None for runner in self.runners.values())

    async def trouble(self) -> str | None:
        """Why the worker is not ready: its leases are not looked after."""
        silent = self._leases.silent_for()
        return None if silent < self._seconds else "leases are not being renewed"

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
        while (account := await self._leases.take(table, but=self._tasks)) is not None:
            self._begin(account, group)

    async def _let_go_in_time(self) -> None:
        """A loop of its own: a store that hangs must not keep an account past its lease."""
        while True:
            self._end(self._leases.expired())
            await asyncio.sleep(self._pause)

    def _begin(self, account: Account, group: asyncio.TaskGroup) -> None:
        token = self._leases.tokens[account.id]
        may_write = self._leases.may_write(account.id, token)
        runner = Runner(account, token, self._crew, may_write, self._recorder)
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
            await self._give_back(account, runner.token)

    async def _give_back(self, account: int, token: int) -> None:
        try:
            await self._leases.give_back(account, token)
        except StoreError as error:
            log.warning("lease.kept", account=account, error=str(error))
