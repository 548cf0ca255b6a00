"""MongoDB's clock steps forward, back, and drifts, under collectors at work: nobody's connection
ends, no key is used twice at once, and a dead one's accounts are taken as soon as ever."""

import asyncio
import json
import math
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
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
    """A sandbox, a mongod with a clock of its own, and a database there."""

    folder: Path
    sandbox: Sandbox
    mongo: SkewedMongo
    database: Database

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


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody hands an account over for the sake of fair shares."""
    monkeypatch.setattr(collector.sharing, "STEADY", 3600.0)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    world = small_world(chats={"alpha_chat": 10}, accounts=ACCOUNTS)
    async with AsyncExitStack() as stack:
        config = SandboxConfig(data_dir=tmp_path / "telegram")
        sandbox = await stack.enter_async_context(Sandbox(world, config))
        mongo = await stack.enter_async_context(skewed_mongo(tmp_path / "store"))
        database = await stack.enter_async_context(open_database(mongo.uri, "skewed"))
        yield Place(tmp_path, sandbox, mongo, database)


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


WAYS = (to_and_fro, drifting, falling_behind)


async def moved(place: Place, way: Iterator[float], *workers: Worker) -> None:
    """Let the clock go its way; all the while every account is connected, once."""
    for offset in way:
        place.mongo.step(offset)
        await asyncio.sleep(0.05 if abs(offset) < 40 else LEASE)
        assert sum(worker.connected() for worker in workers) == ACCOUNTS
    for _ in range(20):
        await asyncio.sleep(LEASE / 10)
        assert sum(worker.connected() for worker in workers) == ACCOUNTS


@pytest.mark.parametrize("way", WAYS)
async def test_one_collector_goes_on(place: Place, way) -> None:
    await recruit(place.database, place.sandbox, place.sandbox.world.accounts)
    async with working(place.worker("w1")) as worker:
        await wait_until(lambda: worker.connected() == ACCOUNTS)
        before = await place.tokens()
        await moved(place, way(), worker)
        assert await place.tokens() == before
        assert await worker.trouble() is None
    assert place.most_at_once() == 1


@pytest.mark.parametrize("way", WAYS)
async def test_two_collectors_keep_what_each_has(place: Place, way) -> None:
    await recruit(place.database, place.sandbox, place.sandbox.world.accounts)
    async with working(place.worker("w1", accounts=2)) as one:
        await wait_until(lambda: one.connected() == 2)
        async with working(place.worker("w2")) as two:
            await wait_until(lambda: two.connected() == 1)
            before = await place.tokens()
            await moved(place, way(), one, two)
            assert await place.tokens() == before
    assert place.most_at_once() == 1


@asynccontextmanager
async def process(
    place: Place, folder: Path = ROOT, *, machine: str = "first"
) -> AsyncIterator[Service]:
    """A collector of its own process; of another release by `folder`."""
    given = environment(place.sandbox, place.mongo.uri, "skewed", place.folder / machine)
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


@pytest.mark.parametrize("step", [0.0, 40.0, -600.0])
async def test_a_dead_ones_accounts_are_taken_in_time(place: Place, step: float) -> None:
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
    place: Place, last_release: Path
) -> None:
    """The old one holds and dies, the new one has it, and the old one comes again."""
    await enrol(place)
    async with process(place, last_release) as old:
        await connected_by(place, old)
        async with working(place.worker("w2", sealed=True)) as new:
            tokens = await place.tokens()
            await asyncio.sleep(3 * PROMISED)
            assert await place.tokens() == tokens
            await old.kill()
            killed_at = time.monotonic()
            await wait_until(lambda: new.connected() == ACCOUNTS, timeout=30)
            assert time.monotonic() - killed_at < PROMISED + BUSY
            tokens = await place.tokens()
            async with process(place, last_release) as again:
                await asyncio.sleep(3 * PROMISED + BUSY)
                assert again.alive
                assert await place.tokens() == tokens
                assert new.connected() == ACCOUNTS
    assert place.most_at_once() == 1


async def test_the_release_before_takes_over_from_a_dead_one_of_today(
    place: Place, last_release: Path
) -> None:
    await enrol(place)
    async with process(place) as new:
        await connected_by(place, new)
        async with process(place, last_release, machine="other") as old:
            tokens = await place.tokens()
            await asyncio.sleep(2 * PROMISED + BUSY)
            assert await place.tokens() == tokens
            await new.kill()
            await wait_until(lambda: moved_on(place, tokens), timeout=30)
            await connected_by(place, old)
    assert place.most_at_once() == 1


async def moved_on(place: Place, tokens: dict[int, int]) -> bool:
    now = await place.tokens()
    return now.keys() == tokens.keys() and all(now[one] > tokens[one] for one in tokens)
