"""A worker that does not reach Telegram, a data centre of it, or Telegram with one account, says
which, and leaves to others what it cannot use. Where nobody can, nobody pays for it."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import pytest
from road import Road
from service import make_worker, recruit, telegram, working
from structlog.testing import capture_logs
from waiting import wait_until

import collector.setbacks as rules
from collector.gateway import Gateway, Pace
from collector.telegram.gateway import TelethonGateway
from collector.worker import Worker, WorkerLimits
from core.account import Account
from core.data_centre import PRODUCTION, parse_data_centre
from core.setback import Scope, Setback
from core.standing import unusable
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

ACCOUNTS = 4
LEASE = 1.0
CALL = 1.0
BEYOND = 4.0
PROBE = 1.5
SOON = LEASE + BEYOND + 20.0
CENTRES = (2, 4)


@pytest.fixture(autouse=True)
def _sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minutes in seconds."""
    monkeypatch.setattr(rules, "BEYOND", BEYOND)
    monkeypatch.setattr(rules, "PROBE", PROBE)
    monkeypatch.setattr(rules, "PAUSES", (PROBE, 2 * PROBE))
    monkeypatch.setattr(rules, "SOON", 1.0)


@dataclass
class Place:
    """Accounts of two data centres, each of which a worker reaches by a road of its own."""

    sandbox: Sandbox
    database: Database
    stack: AsyncExitStack

    async def roads(self) -> dict[int, Road]:
        there = parse_data_centre(self.sandbox.telegram_dc)
        return {
            number: await self.stack.enter_async_context(Road(there.host, there.port).built())
            for number in CENTRES
        }

    def worker(self, name: str, roads: dict[int, Road]) -> Worker:
        settings = replace(telegram(self.sandbox), dc=PRODUCTION)

        def make(
            account: Account, session: bytes, pace: Pace, may_write: Callable[[], bool]
        ) -> Gateway:
            fields = json.loads(session)
            fields["dc"] = CENTRES[account.id % 2]
            fields["host"], fields["port"] = "127.0.0.1", roads[fields["dc"]].port
            return TelethonGateway(
                json.dumps(fields).encode(),
                settings,
                account=account.id,
                pace=pace,
                may_write=may_write,
                call_timeout=CALL,
                probe_every=(0.5, 1.0),
            )

        crew = replace(make_worker(self.database, self.sandbox, name=name)._crew, make_gateway=make)
        return Worker(crew, WorkerLimits(id=name, lease_seconds=LEASE))

    async def holders(self) -> Counter[str]:
        held = await self.database.accounts.leases.held()
        return Counter(lease.worker for lease in held.values())

    async def told(self, worker: str) -> tuple[Setback, ...]:
        [sign] = [one for one in await self.database.workers.all() if one.id == worker]
        return sign.setbacks


@pytest.fixture
async def place(database: Database) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        world = small_world(chats={"alpha_chat": 10}, accounts=ACCOUNTS)
        sandbox = await stack.enter_async_context(Sandbox(world))
        await recruit(database, sandbox, sandbox.world.accounts)
        yield Place(sandbox, database, stack)


def setbacks(logs: list[dict[str, object]]) -> list[object]:
    return [one["scope"] for one in logs if one["event"] == "worker.setback"]


@pytest.mark.parametrize("when", ["from the start", "later"])
async def test_all_of_telegram(place: Place, when: str) -> None:
    roads = await place.roads()
    with capture_logs() as logs:
        if when == "from the start":
            block(roads)
        async with working(place.worker("cut", roads)) as cut:
            if when == "later":
                await wait_until(lambda: cut.connected() == ACCOUNTS)
                block(roads)
            began = time.monotonic()
            async with working(place.worker("fit", await place.roads())) as fit:
                await wait_until(lambda: fit.connected() == ACCOUNTS, timeout=SOON)
                took = time.monotonic() - began
                trouble = await cut.trouble()
                assert trouble is not None
                assert "cannot reach Telegram (" in trouble
                assert await fit.trouble() is None
                await wait_until(lambda: scopes(place, "cut", {Scope.TELEGRAM}), timeout=8)
                await asyncio.sleep(4)
                assert await place.holders() == {"fit": ACCOUNTS}
    assert took > LEASE + BEYOND - 2.0
    assert took < LEASE + BEYOND + 10 * CALL
    assert setbacks(logs) == [Scope.TELEGRAM]
    assert not place.sandbox.counters.key_violations


async def test_one_data_centre(place: Place) -> None:
    roads = await place.roads()
    roads[4].block()
    with capture_logs() as logs:
        async with (
            working(place.worker("cut", roads)) as cut,
        ):
            await wait_until(lambda: cut.connected() == ACCOUNTS / 2)
            async with working(place.worker("fit", await place.roads())) as fit:
                await wait_until(lambda: fit.connected() == ACCOUNTS / 2, timeout=SOON)
                assert cut.connected() == ACCOUNTS / 2
                assert await cut.trouble() is None
                [note] = cut.notes()
                assert "data centre 4" in note
                await wait_until(lambda: scopes(place, "cut", {Scope.DATA_CENTRE}), timeout=8)
    assert setbacks(logs) == [Scope.DATA_CENTRE]


async def test_one_account(place: Place) -> None:
    person = place.sandbox.world.accounts[0]
    place.sandbox.faults.blackhole(person.id)
    with capture_logs() as logs:
        async with working(place.worker("w1", await place.roads())) as worker:
            await wait_until(lambda: worker.connected() == ACCOUNTS - 1)
            await wait_until(lambda: bool(worker.notes()), timeout=SOON)
            await wait_until(lambda: unheld(place, 1), timeout=SOON)
            assert await worker.trouble() is None
            [note] = worker.notes()
            assert "#1" in note
            await wait_until(lambda: scopes(place, "w1", {Scope.ACCOUNT}), timeout=8)
            accounts = await place.database.accounts.all()
            workers = await place.database.workers.all()
            assert [bool(unusable(one, workers)) for one in accounts] == [
                True, *[False] * (ACCOUNTS - 1)
            ]  # fmt: skip
            place.sandbox.faults.clear()
            await wait_until(lambda: worker.connected() == ACCOUNTS, timeout=SOON)
            assert worker.notes() == []
    assert setbacks(logs) == [Scope.ACCOUNT]


async def test_where_nobody_can_one_try_stands_for_all_and_then_all_is_back(place: Place) -> None:
    first, second = await place.roads(), await place.roads()
    block(first)
    block(second)
    with capture_logs() as logs:
        async with (
            working(place.worker("w1", first)) as one,
            working(place.worker("w2", second)) as two,
        ):
            await wait_until(lambda: unheld(place, ACCOUNTS - 2), timeout=SOON)
            await asyncio.sleep(3)
            before, began = taken(logs), time.monotonic()
            await asyncio.sleep(10)
            rate = (taken(logs) - before) / (time.monotonic() - began)
            assert rate <= 2 / PROBE
            assert await one.trouble()
            first[2].unblock()
            first[4].unblock()
            await wait_until(lambda: one.connected() == ACCOUNTS, timeout=SOON)
            assert await one.trouble() is None
            assert two.connected() == 0
    assert len([one for one in setbacks(logs) if one is Scope.TELEGRAM]) == 2


def block(roads: dict[int, Road]) -> None:
    for road in roads.values():
        road.block()


def taken(logs: list[dict[str, object]]) -> int:
    return sum(one["event"] == "lease.taken" for one in logs)


async def unheld(place: Place, least: int) -> bool:
    return len((await place.database.accounts.leases.look()).free) >= least


async def scopes(place: Place, worker: str, wanted: set[Scope]) -> bool:
    return {one.scope for one in await place.told(worker)} == wanted
