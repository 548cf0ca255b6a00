"""Live collectors hold fair shares of the accounts; they change hands gently, and not in vain."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from service import make_worker, recruit, start, stored_ids, working, world_ids
from waiting import wait_until

import collector.held_accounts
import collector.keeping.heartbeat
import collector.sharing
from collector.worker import Worker
from core.account import AccountState
from core.run import OPEN_STATES
from core.task import Step
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

ACCOUNTS = 9
CHATS = {"alpha_chat": 3_000, "beta_chat": 60}
SOON = 25


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs of life come ten times as often, and are believed as much sooner."""
    monkeypatch.setattr(collector.keeping.heartbeat, "EVERY", 0.5)
    monkeypatch.setattr(collector.held_accounts, "SIGNS_EVERY", 0.5)
    monkeypatch.setattr(collector.sharing, "STEADY", 1.2)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(small_world(chats=CHATS, accounts=ACCOUNTS)) as sandbox:
        yield sandbox


class House:
    """Collectors in this loop that share a store and a local Telegram."""

    def __init__(self, database: Database, sandbox: Sandbox) -> None:
        self.database = database
        self.sandbox = sandbox
        self._running: dict[str, AsyncExitStack] = {}
        self.workers: dict[str, Worker] = {}

    async def begin(self, name: str, **more: object) -> None:
        worker = make_worker(self.database, self.sandbox, name=name, **more)  # type: ignore[arg-type]
        stack = AsyncExitStack()
        await stack.enter_async_context(working(worker))
        self._running[name], self.workers[name] = stack, worker

    async def end(self, name: str) -> None:
        del self.workers[name]
        await self._running.pop(name).aclose()

    async def close(self) -> None:
        for name in list(self._running):
            await self.end(name)

    async def held(self) -> Counter[str]:
        leases = [one.lease for one in await self.database.accounts.all()]
        return Counter(one.worker for one in leases if one is not None)

    async def until(self, *shares: int) -> None:
        """Until they hold so many each, whoever which, and have connected them."""

        async def shared() -> bool:
            held = await self.held()
            connected = sorted(one.connected() for one in self.workers.values())
            return connected == sorted(held[name] for name in self.workers) == sorted(shares)

        try:
            await wait_until(shared, timeout=SOON, every=0.05)
        except AssertionError:
            raise AssertionError(f"{await self.held()}, not {shares}") from None

    async def moves(self) -> int:
        """How often any account was taken."""
        accounts = self.database._database["accounts"]
        return sum([one["token"] async for one in accounts.find({}, {"token": 1})])


@pytest.fixture
async def house(database: Database, sandbox: Sandbox) -> AsyncIterator[House]:
    await recruit(database, sandbox, sandbox.world.accounts)
    made = House(database, sandbox)
    try:
        yield made
    finally:
        await made.close()
    assert not sandbox.counters.key_violations
    assert {one.state for one in await database.accounts.all()} == {AccountState.READY}


async def test_each_that_comes_gets_its_share_and_each_that_goes_leaves_it(house: House) -> None:
    await house.begin("w1")
    await house.until(9)
    await house.begin("w2")
    await house.until(5, 4)
    await house.begin("w3")
    await house.until(3, 3, 3)
    await house.end("w2")
    await house.until(5, 4)
    before = await house.moves()
    await asyncio.sleep(5)
    assert await house.moves() == before


@pytest.mark.parametrize(
    ("bounds", "shares"),
    [
        ({"w1": 200, "w2": 2}, {"w1": 7, "w2": 2}),
        ({"w1": 2, "w2": 3}, {"w1": 2, "w2": 3}),
        ({"w1": 200, "w2": 0}, {"w1": 9, "w2": 0}),
    ],
)
async def test_the_bound_of_each_is_kept(
    house: House, bounds: dict[str, int], shares: dict[str, int]
) -> None:
    for name, bound in bounds.items():
        await house.begin(name, accounts=bound)
        await asyncio.sleep(1)
    await house.until(*shares.values())
    held = await house.held()
    assert {name: held[name] for name in bounds} == shares


async def test_who_comes_and_goes_moves_less_each_time(house: House) -> None:
    await house.begin("w1")
    await house.until(9)
    moved = []
    for _ in range(4):
        before = await house.moves()
        await house.begin("w2")
        await asyncio.sleep(4)
        await house.end("w2")
        await house.until(9)
        moved.append(await house.moves() - before)
    assert moved[-1] == 0, moved
    assert moved[0] > 0, moved


async def test_who_cannot_open_accounts_gets_none(house: House) -> None:
    def broken(session: bytes) -> bytes:
        raise ValueError("another key")

    await house.begin("w1")
    await house.until(9)
    before = await house.moves()
    await house.begin("w2", open_session=broken)
    await asyncio.sleep(5)

    async def left_alone() -> bool:
        return (await house.held())["w1"] == ACCOUNTS

    await wait_until(left_alone, timeout=SOON)
    assert await house.moves() - before <= 10


async def test_jobs_and_listeners_change_hands_without_a_loss(
    house: House, sandbox: Sandbox
) -> None:
    for person in sandbox.world.accounts:
        sandbox.world.membership.enter(person.id, sandbox.world.chat("beta_chat").id)
    sandbox.faults.delay(0.3, method="messages.getHistory")
    await house.begin("w1")
    await house.until(9)
    reading = [await start(house.database, "@alpha_chat") for _ in range(3)]
    await start(house.database, "@beta_chat", steps=(Step.LISTEN,))
    await wait_until(lambda: looked(house), timeout=SOON)
    posted = [sandbox.live.post("beta_chat")]
    await house.begin("w2")
    await wait_until(lambda: half(house), timeout=40, every=0.1)
    posted.append(sandbox.live.post("beta_chat"))
    sandbox.faults.clear()
    await wait_until(lambda: over(house, [run.id for run in reading]), timeout=60, every=0.1)
    assert await stored_ids(house.database, sandbox, "alpha_chat") == world_ids(
        sandbox, "alpha_chat"
    )

    async def heard() -> bool:
        return set(posted) <= set(await stored_ids(house.database, sandbox, "beta_chat"))

    await wait_until(heard, timeout=SOON)


async def looked(house: House) -> bool:
    every = await house.database.subscriptions.all()
    return bool(every) and all(one.checked_at is not None for one in every)


async def half(house: House) -> bool:
    held = await house.held()
    return min(held["w1"], held["w2"]) >= 4


async def over(house: House, runs: list[str]) -> bool:
    found = [await house.database.runs.get(run) for run in runs]
    return all(run is not None and run.status.state not in OPEN_STATES for run in found)
