"""Collectors on machines of their own that share the accounts of a site."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from bench.nursery import Nursery
from bench.soak.service import Service
from bench.soak.site import CLOCK, Site
from bench.soak.truth import marked
from collector.identity import identity_in
from core.run import Run, RunState
from core.task import AccountPolicy, Schedule, TaskSpec
from sandbox.counters import Line

HELLO = 64
"""Bytes that tell less than a call: TCP's greeting and a key that is not known yet."""


class Crowd:
    """Collectors on machines of their own; no more accounts each than the others can do without."""

    def __init__(self, site: Site, size: int, nursery: Nursery | None) -> None:
        self._site = site
        self._nursery = nursery
        self._counters = site.sandbox.counters
        self._share = math.ceil(len(site.sandbox.world.accounts) / (size - 1))
        self.machines = [f"machine-{number}" for number in range(1, size + 1)]
        self.services: dict[str, Service] = {}

    async def start(self, machine: str) -> None:
        """A collector on this machine."""
        given = self._site.settings_of(machine) | {"WORKER_ACCOUNTS": str(self._share)}
        log = self._site.folder / f"{machine}.log"
        self.services[machine] = Service(given, "collector", log=log, nursery=self._nursery)
        await self.services[machine].start()

    async def read(self, source: str, account: int) -> Run:
        """A run that reads a source by one account."""
        now, database = CLOCK.now(), self._site.database
        spec = TaskSpec(sources=(f"@{source}",), policy=AccountPolicy.pinned(account))
        task = await database.tasks.add(
            owner=1, chat=1, spec=spec, schedule=Schedule(), next_due=None, now=now
        )
        run = await database.runs.open(task, due=now, now=now)
        assert run is not None
        return run

    async def busiest(self) -> tuple[str, set[int]]:
        """The machine with the most accounts, and their Telegram ids."""
        held = await self.held()
        machine = max(self.machines, key=lambda one: len(held[one]))
        return machine, held[machine]

    async def held(self) -> dict[str, set[int]]:
        """The Telegram ids of the accounts of each machine, by their leases."""
        held: dict[str, set[int]] = {machine: set() for machine in self.machines}
        people = self._site.sandbox.world.accounts
        for account in await self._site.database.accounts.all():
            for machine in self.machines:
                if account.lease is not None and account.lease.worker == self._worker(machine):
                    held[machine].add(people[account.id - 1].id)
        return held

    def _worker(self, machine: str) -> str:
        return identity_in(self._site.folder / machine) or ""

    def lines(self, accounts: set[int]) -> list[Line]:
        """The open connections of these accounts."""
        lines = self._counters.lines
        return [line for line in lines if line.account in accounts and line.closed_at is None]

    async def called(self, accounts: set[int], lease: float) -> None:
        """Until each has called on a connection that was opened from now on."""
        since, missing = time.monotonic(), set(accounts)
        async with asyncio.timeout(3 * lease + 60):
            while missing:
                missing -= {
                    line.account
                    for line in self._counters.lines
                    if line.opened_at > since and line.account is not None and line.heard > HELLO
                }
                await asyncio.sleep(0.02)

    async def whole(self, runs: Sequence[Run], chats: Iterable[str]) -> bool:
        """Whether every run gets done, and everything is stored."""
        database = self._site.database
        async with asyncio.timeout(300):
            for run in runs:
                if await self._end_of(run) is not RunState.DONE:
                    return False
        for name in chats:
            chat = self._site.sandbox.world.chat(name)
            stored = [number async for number in database.messages.ids(marked(chat.id))]
            if stored != list(chat.ids()):
                return False
        return True

    async def _end_of(self, run: Run) -> RunState:
        while True:
            found = await self._site.database.runs.get(run.id)
            if found is not None and not found.is_open():
                return found.status.state
            await asyncio.sleep(0.1)


@asynccontextmanager
async def open_crowd(site: Site, size: int, nursery: Nursery | None) -> AsyncIterator[Crowd]:
    """So many collectors, ended with the block."""
    crowd = Crowd(site, size, nursery)
    try:
        for machine in crowd.machines:
            await crowd.start(machine)
        yield crowd
    finally:
        for service in crowd.services.values():
            if service.alive:
                await service.kill()
