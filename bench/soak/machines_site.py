"""A local Telegram on the hub, a replica set, and collectors on hosts of their own."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.soak.hosts import HUB, Hosts
from bench.soak.replica_set import ReplicaSet, open_replica_set
from bench.soak.service import Service, environment, recruit_by_login
from bench.soak.truth import marked
from bench.soak.weather import HISTORY
from collector.identity import identity_in
from core.account import READING_STATES
from core.clock import SystemClock
from core.errors import StoreError
from core.run import OPEN_STATES, Run
from core.task import Schedule, TaskSpec
from db.database import Database, open_database
from sandbox.seed import small_world
from sandbox.server import Sandbox, SandboxConfig

CLOCK = SystemClock()
DATABASE = "soak"
CHATS_A_FAULT = 4
POLL_SECONDS = 0.2


class Size(Protocol):
    """How much there is."""

    faults: tuple[str, ...]
    messages: int
    live: int
    lease_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the audience of a soak works with."""

    sandbox: Sandbox
    database: Database


@dataclass(slots=True, kw_only=True)
class Machines:
    """`services`: the collector of each host that runs one."""

    hosts: Hosts
    replica_set: ReplicaSet
    site: Site
    settings: Mapping[str, str]
    folder: Path
    accounts: int
    services: dict[str, Service] = field(default_factory=dict)

    async def start(self, host: str) -> None:
        """A collector on this host."""
        given = {**self.settings, "DATA_DIR": str(self.folder / host)}
        log = self.folder / f"{host}.log"
        service = Service(given, "collector", log=log, before=self.hosts.inside(host))
        await service.start()
        self.services[host] = service

    async def revive(self) -> None:
        """Start those again that ended: one that was frozen beyond its leases ends itself."""
        for host, service in self.services.items():
            if not service.alive:
                await self.start(host)

    def slow(self, seconds: float) -> None:
        """Let each page take so long."""
        self.site.sandbox.faults.delay(seconds, method=HISTORY)

    def live_names(self, count: int) -> list[str]:
        """The chats that are listened to."""
        return [f"live_{number:03d}" for number in range(count)]

    def read_names(self, number: int) -> list[str]:
        """The chats that are read during a fault."""
        return names_of(number)

    async def read(self, name: str) -> Run:
        """A run that reads a chat by whoever is free."""
        now, database = CLOCK.now(), self.site.database
        spec = TaskSpec(sources=(f"@{name}",))
        task = await database.tasks.add(
            owner=1, chat=1, spec=spec, schedule=Schedule(), next_due=None, now=now
        )
        run = await database.runs.open(task, due=now, now=now)
        if run is None:
            raise RuntimeError("a new task has no run")
        return run

    async def stored_more(self, names: Sequence[str], more: int, patience: float) -> None:
        """Until so many messages of these chats are stored more than now, or all there are."""
        whole = sum(self.site.sandbox.world.chat(name).count for name in names)
        wanted = min(await self._count(names) + more, whole)
        async with asyncio.timeout(patience):
            while await self._count(names) < wanted:  # noqa: ASYNC110 - others store
                await asyncio.sleep(POLL_SECONDS)

    async def longest_silence(self, names: Sequence[str], patience: float) -> float:
        """Seconds between two stored messages at most, from now until all of these chats are."""
        whole = sum(self.site.sandbox.world.chat(name).count for name in names)
        longest, stored, since = 0.0, -1, time.monotonic()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while stored < whole:
                    now, looked_at = await self._count(names), time.monotonic()
                    longest = max(longest, looked_at - since)
                    if now > stored:
                        stored, since = now, looked_at
                    await asyncio.sleep(POLL_SECONDS)
                return longest
        return max(longest, patience)

    async def ended(self, runs: Sequence[Run], patience: float) -> list[str]:
        """The states of the runs that end within that."""
        found: dict[str, str] = {}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while len(found) < len(runs):
                    for run in runs:
                        with contextlib.suppress(StoreError):
                            now = await self.site.database.runs.get(run.id)
                            if now is not None and now.status.state not in OPEN_STATES:
                                found[run.id] = str(now.status.state)
                    await asyncio.sleep(POLL_SECONDS)
        return list(found.values())

    async def compared(self, names: Sequence[str]) -> tuple[int, list[str]]:
        """How many messages of these chats are stored, and the chats that differ from the world."""
        count, wrong = 0, []
        for name in names:
            chat = self.site.sandbox.world.chat(name)
            ids = [one async for one in self.site.database.messages.ids(marked(chat.id))]
            count += len(ids)
            if ids != list(chat.ids()):
                wrong.append(f"{name}: {len(ids)} of {chat.count}")
        return count, wrong

    async def held(self) -> Counter[str]:
        """How many accounts each host's collector holds."""
        workers = {self._worker(host): host for host in self.services}
        leases = [one.lease for one in await self.site.database.accounts.all()]
        return Counter(workers.get(lease.worker, "?") for lease in leases if lease is not None)

    async def lost(self) -> int:
        """How many accounts cannot read any more."""
        accounts = await self.site.database.accounts.all()
        return sum(one.state not in READING_STATES for one in accounts)

    def _worker(self, host: str) -> str:
        """What it is called in its leases."""
        return identity_in(self.folder / host) or ""

    async def _count(self, names: Sequence[str]) -> int:
        database, world = self.site.database, self.site.sandbox.world

        async def count() -> int:
            chats = [marked(world.chat(name).id) for name in names]
            return sum([await database.messages.count(chat) for chat in chats])

        return await database.outage.insist("count", count)


def names_of(number: int) -> list[str]:
    """The chats of one fault."""
    return [f"chat_{number:02d}_{part}" for part in range(CHATS_A_FAULT)]


@asynccontextmanager
async def open_machines(
    hosts: Hosts, folder: Path, plan: Size, members: Sequence[str], *, accounts: int
) -> AsyncIterator[Machines]:
    """A site whose accounts are signed in; no collector runs yet. Ends what it started."""
    read = [name for number in range(len(plan.faults)) for name in names_of(number)]
    live = [f"live_{number:03d}" for number in range(plan.live)]
    sizes = {**dict.fromkeys(read, plan.messages), **dict.fromkeys(live, 20)}
    world = small_world(chats=sizes, accounts=accounts)
    config = SandboxConfig(host=hosts.address(HUB), data_dir=folder.parent / "telegram")
    async with (
        Sandbox(world, config) as sandbox,
        open_replica_set(hosts, members, folder / "store") as replica_set,
    ):
        settings = environment(sandbox, replica_set.uri, DATABASE, folder / "first")
        settings |= {"LEASE_SECONDS": str(plan.lease_seconds), "PACE": "off"}
        await recruit_by_login(settings, world.accounts)
        async with open_database(replica_set.uri, DATABASE) as database:
            machines = Machines(
                hosts=hosts,
                replica_set=replica_set,
                site=Site(sandbox=sandbox, database=database),
                settings=settings,
                folder=folder,
                accounts=accounts,
            )
            try:
                yield machines
            finally:
                for service in machines.services.values():
                    if service.alive:
                        await service.kill()
