"""MongoDB's clock steps forward, back, and drifts, under collectors at work: nobody's connection
ends, no key is used twice at once, and a dead one's accounts are taken as soon as ever."""

import asyncio
import json
import math
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from process_side import Service, environment
from service import make_worker, recruit, working
from skewed_mongo import SkewedMongo, skewed_mongo
from upgrade.releases import LAST, unpack
from waiting import wait_until

import collector.sharing
from bench.soak.service import ROOT
from collector.telegram.vault import SessionVault
from collector.worker import Worker
from core.lease_watch import MARGIN
from db.database import Database, open_database
from sandbox.counters import Line
from sandbox.seed import small_world
from sandbox.server import Sandbox, SandboxConfig

KEY = SessionVault.new_key()
VAULT = SessionVault([KEY])
ACCOUNTS = 3
LEASE = 5.0
LOOK = LEASE / 6
SLACK = 0.2
"""Seconds until the sandbox sees that a connection was closed."""

BUSY = 2.0
"""Seconds that a busy machine takes for connecting, beside what is promised."""


def opened(sealed: bytes) -> bytes:
    """Whoever's it is."""
    fields = json.loads(Fernet(KEY).decrypt(sealed))
    return VAULT.open(fields["account"], sealed)


@dataclass
class Place:
    """A sandbox, and a database on a mongod with a clock of its own."""

    folder: Path
    sandbox: Sandbox
    mongo: SkewedMongo
    database: Database
    name: str

    def worker(self, name: str, *, accounts: int = 200, sealed: bool = False) -> Worker:
        return make_worker(
            self.database,
            self.sandbox,
            name=name,
            lease_seconds=LEASE,
            accounts=accounts,
            open_session=opened if sealed else bytes,
        )

    async def tokens(self) -> dict[int, int]:
        held = await self.database.accounts.leases.held()
        return {account: lease.token for account, lease in held.items()}

    def most_at_once(self) -> int:
        """Connections of one account at the same time, at most."""
        assert not self.sandbox.counters.key_violations
        lines: dict[int, list[Line]] = defaultdict(list)
        for line in self.sandbox.counters.lines:
            if line.account is not None:
                lines[line.account].append(line)
        return max(
            sum(one.opened_at <= other.opened_at < (one.closed_at or math.inf) - SLACK
                for one in some)
            for some in lines.values() for other in some
        )  # fmt: skip


@dataclass
class Crew:
    """Workers at one place, which hold all accounts together."""

    place: Place
    workers: list[Worker]
    tokens: dict[int, int]

    def connected(self) -> int:
        return sum(worker.connected() for worker in self.workers)


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody hands an account over for the sake of fair shares."""
    monkeypatch.setattr(collector.sharing, "STEADY", 3600.0)


@asynccontextmanager
async def at(folder: Path, mongo: SkewedMongo, name: str) -> AsyncIterator[Place]:
    """A place of its own on this mongod; no other has this name there."""
    world = small_world(chats={"alpha_chat": 10}, accounts=ACCOUNTS)
    config = SandboxConfig(data_dir=folder / name / "telegram")
    async with Sandbox(world, config) as sandbox, open_database(mongo.uri, name) as database:
        yield Place(folder / name, sandbox, mongo, database, name)


@pytest.fixture(scope="session")
def last_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of the release before this one."""
    return unpack(LAST, tmp_path_factory.mktemp("release"))


def to_and_fro() -> Iterator[float]:
    yield from (40.0, -600.0, 86_400.0 * 31, 0.0)


def drifting() -> Iterator[float]:
    for tenth in range(70):
        yield tenth * 0.5


def falling_behind() -> Iterator[float]:
    for tenth in range(70):
        yield -tenth * 0.5


Trial = Callable[[Place, Path], Awaitable[None]]
WAYS = (to_and_fro, drifting, falling_behind)


async def test_collectors_keep_what_they_have_whichever_way_it_goes(tmp_path: Path) -> None:
    """All the ways at once, each on a mongod of its own."""
    async with asyncio.TaskGroup() as group:
        for way in WAYS:
            group.create_task(walked(tmp_path / way.__name__, way()), name=way.__name__)


async def walked(folder: Path, way: Iterator[float]) -> None:
    """One collector, and elsewhere two that share, while the clock goes its way."""
    async with AsyncExitStack() as stack:
        mongo = await stack.enter_async_context(skewed_mongo(folder / "store"))
        alone = await stack.enter_async_context(at(folder, mongo, "alone"))
        shared = await stack.enter_async_context(at(folder, mongo, "shared"))
        crews = [await crew(stack, alone, 200), await crew(stack, shared, 2, 200)]
        await moved(mongo, way, crews)
        for one in crews:
            assert await one.place.tokens() == one.tokens
            assert [await worker.trouble() for worker in one.workers] == [None] * len(one.workers)
            assert one.place.most_at_once() == 1


async def crew(stack: AsyncExitStack, place: Place, *most: int) -> Crew:
    """Workers that hold so many accounts at most each; the first has its own before the next."""
    await recruit(place.database, place.sandbox, place.sandbox.world.accounts)
    made = Crew(place, [], {})
    for number, limit in enumerate(most, start=1):
        worker = place.worker(f"w{number}", accounts=limit)
        made.workers.append(await stack.enter_async_context(working(worker)))
        wanted = min(limit, ACCOUNTS - made.connected())
        await wait_until(lambda w=worker, n=wanted: w.connected() == n, timeout=30)
    made.tokens = await place.tokens()
    return made


async def moved(mongo: SkewedMongo, way: Iterator[float], crews: list[Crew]) -> None:
    """Let the clock go its way; all the while every account is connected, once."""
    for offset in way:
        mongo.step(offset)
        await asyncio.sleep(0.05 if abs(offset) < 40 else LEASE)
        assert [one.connected() for one in crews] == [ACCOUNTS] * len(crews)
    for _ in range(20):
        await asyncio.sleep(LEASE / 10)
        assert [one.connected() for one in crews] == [ACCOUNTS] * len(crews)


@asynccontextmanager
async def process(
    place: Place, folder: Path = ROOT, *, machine: str = "first"
) -> AsyncIterator[Service]:
    """A collector of its own process; of another release by `folder`."""
    given = environment(place.sandbox, place.mongo.uri, place.name, place.folder / machine)
    given |= {"LEASE_SECONDS": str(LEASE), "SESSION_KEYS": KEY}
    service = Service(given, "collector", folder=folder)
    await service.start()
    try:
        yield service
    finally:
        if service.alive:
            await service.kill()


async def enrol(place: Place) -> None:
    """As `recruit`, but the sessions are sealed with KEY."""
    await recruit(place.database, place.sandbox, place.sandbox.world.accounts, seal=VAULT.seal)


async def connected_by(place: Place, service: Service) -> None:
    assert service.alive
    others = {"w1", "w2"}

    async def all_held() -> bool:
        held = await place.database.accounts.leases.held()
        return len([one for one in held.values() if one.worker not in others]) == ACCOUNTS

    await wait_until(all_held, timeout=60)
    since = time.monotonic()
    await wait_until(lambda: len(open_lines(place)) == ACCOUNTS and time.monotonic() > since + 0.2)


def open_lines(place: Place) -> list[Line]:
    lines = place.sandbox.counters.lines
    return [line for line in lines if line.account is not None and line.closed_at is None]


PROMISED = LEASE + LEASE * MARGIN + LOOK


async def test_a_dead_ones_accounts_are_taken_in_time(tmp_path: Path) -> None:
    """All the steps at once, each on a mongod of its own."""
    async with asyncio.TaskGroup() as group:
        for step in (0.0, 40.0, -600.0):
            group.create_task(taken_in_time(tmp_path / f"step{step:.0f}", step), name=str(step))


async def taken_in_time(folder: Path, step: float) -> None:
    async with skewed_mongo(folder / "store") as mongo, at(folder, mongo, "skewed") as place:
        await enrol(place)
        async with process(place) as service:
            await connected_by(place, service)
            async with working(place.worker("w1", sealed=True)) as heir:
                await asyncio.sleep(LOOK)
                await service.kill()
                killed_at = time.monotonic()
                place.mongo.step(step)
                await wait_until(lambda: heir.connected() == ACCOUNTS, timeout=30)
                assert time.monotonic() - killed_at < PROMISED + BUSY
        assert place.most_at_once() == 1


async def test_beside_the_release_before_nobody_takes_what_is_held(
    tmp_path: Path, last_release: Path
) -> None:
    """Both directions at once, on one mongod."""
    async with skewed_mongo(tmp_path / "store") as mongo, asyncio.TaskGroup() as group:
        for trial in (the_old_one_dies_and_comes_again, the_old_one_takes_over):
            group.create_task(beside(trial, tmp_path, mongo, last_release), name=trial.__name__)


async def beside(trial: Trial, folder: Path, mongo: SkewedMongo, last_release: Path) -> None:
    async with at(folder, mongo, trial.__name__) as place:
        await enrol(place)
        await trial(place, last_release)
        assert place.most_at_once() == 1


async def the_old_one_dies_and_comes_again(place: Place, last_release: Path) -> None:
    async with process(place, last_release) as old:
        await connected_by(place, old)
        async with working(place.worker("w2", sealed=True)) as new:
            tokens = await place.tokens()
            await asyncio.sleep(2 * PROMISED + BUSY)
            assert await place.tokens() == tokens
            await old.kill()
            killed_at = time.monotonic()
            await wait_until(lambda: new.connected() == ACCOUNTS, timeout=30)
            assert time.monotonic() - killed_at < PROMISED + BUSY
            tokens = await place.tokens()
            async with process(place, last_release) as again:
                await asyncio.sleep(2 * PROMISED + BUSY)
                assert again.alive
                assert await place.tokens() == tokens
                assert new.connected() == ACCOUNTS


async def the_old_one_takes_over(place: Place, last_release: Path) -> None:
    """From a dead one of today."""
    async with process(place) as new:
        await connected_by(place, new)
        async with process(place, last_release, machine="other") as old:
            tokens = await place.tokens()
            await asyncio.sleep(2 * PROMISED + BUSY)
            assert await place.tokens() == tokens
            await new.kill()
            await wait_until(lambda: moved_on(place, tokens), timeout=30)
            await connected_by(place, old)


async def moved_on(place: Place, tokens: dict[int, int]) -> bool:
    now = await place.tokens()
    return now.keys() == tokens.keys() and all(now[one] > tokens[one] for one in tokens)
