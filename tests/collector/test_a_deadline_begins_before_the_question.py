"""What a holder may still write is counted from before it asked, and less than what MongoDB gave:
however slow the answer, and whatever the clock does, it has stopped before the lease ends.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from collector.lease import Leases
from core.account import Account, AccountState, Lease
from core.lease_watch import MARGIN
from db.leases import LeaseTable

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS = 10.0
USED = SECONDS * (1 - MARGIN)
"""Of a lease, what its holder uses."""


@dataclass
class Hands:
    """A clock that the test moves."""

    at: float = 1_000.0

    def now(self) -> datetime:
        return NOW

    def elapsed(self) -> float:
        return self.at


@dataclass
class Store:
    """Answers as MongoDB does, `slow` seconds after it was asked; the answers in turns."""

    hands: Hands
    account: Account
    slow: float = 0.0
    lost: Collection[int] = ()
    meanwhile: asyncio.Event | None = None

    async def look(self) -> LeaseTable:
        return LeaseTable(held={}, free=frozenset({1}), takeable=frozenset())

    async def take(self, _: Collection[int], worker: str, *, seconds: float) -> Account | None:
        self.hands.at += self.slow
        return replace(self.account, lease=Lease(worker=worker, token=7, until=NOW))

    async def renew(self, _: str, tokens: Mapping[int, int], *, seconds: float) -> set[int]:
        if self.meanwhile is not None:
            await self.meanwhile.wait()
        self.hands.at += self.slow
        return set(tokens) - set(self.lost)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(hands: Hands) -> Store:
    account = Account(
        id=1, name="One", username=None, telegram_id=100, phone="+1 *** 1",
        state=AccountState.READY, is_default=True, created_at=NOW,
    )  # fmt: skip
    return Store(hands, account)


@pytest.fixture
def leases(hands: Hands, store: Store) -> Leases:
    return Leases("w1", store, hands, seconds=SECONDS, most=1)  # type: ignore[arg-type]


async def test_the_time_of_taking_counts(leases: Leases, store: Store, hands: Hands) -> None:
    store.slow, asked_at = 3.0, hands.at
    assert await take(leases)
    may_write = leases.may_write(1, 7)
    hands.at = asked_at + USED - 0.001
    assert may_write()
    hands.at = asked_at + USED
    assert not may_write()
    assert leases.expired() == {1}
    assert not leases.tokens


async def test_the_time_of_a_renewal_counts(leases: Leases, store: Store, hands: Hands) -> None:
    await take(leases)
    hands.at += 2
    store.slow, asked_at = 4.0, hands.at
    assert await leases.renew() == set()
    may_write = leases.may_write(1, 7)
    hands.at = asked_at + USED - 0.001
    assert may_write()
    hands.at = asked_at + USED
    assert not may_write()


async def test_while_a_renewal_is_on_its_way_the_old_deadline_holds(
    leases: Leases, store: Store, hands: Hands
) -> None:
    await take(leases)
    may_write, store.meanwhile = leases.may_write(1, 7), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        renewal = group.create_task(leases.renew())
        await asyncio.sleep(0)
        hands.at += USED
        assert not may_write()
        store.meanwhile.set()
    assert renewal.result() == set()
    assert not may_write(), "an answer that took as long as the lease gives nothing"


async def test_a_jump_of_the_clock_ends_the_right_to_write_at_once(
    leases: Leases, hands: Hands
) -> None:
    await take(leases)
    may_write = leases.may_write(1, 7)
    assert may_write()
    hands.at += 3_600
    assert not may_write()
    assert leases.silent_for() > SECONDS


async def test_only_the_token_that_is_held_may_write(leases: Leases, store: Store) -> None:
    await take(leases)
    assert not leases.may_write(1, 6)()
    assert not leases.may_write(2, 7)()
    may_write, store.lost = leases.may_write(1, 7), {1}
    assert await leases.renew() == {1}
    assert not may_write()


async def take(leases: Leases) -> Account | None:
    return await leases.take(await leases.look())
