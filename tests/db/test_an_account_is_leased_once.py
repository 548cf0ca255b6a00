"""Leases on a real MongoDB, by MongoDB's clock."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from waiting import wait_until

from core.account import Account, AccountState
from db.accounts import SignedIn
from db.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def who(number: int) -> SignedIn:
    return SignedIn(
        telegram_id=number,
        name=f"Account {number}",
        username=None,
        phone="+86 *** 1",
        phone_secret=b"phone",
        session=b"session",
    )


@pytest.fixture
async def account(database: Database) -> Account:
    return await database.accounts.signed_in(who(100), NOW)


async def lease(database: Database, worker: str, seconds: float = 30) -> Account | None:
    return await database.accounts.lease(worker, seconds=seconds, margin=0.1)


async def test_of_many_workers_one_gets_the_account(database: Database, account: Account) -> None:
    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(lease(database, f"w{n}")) for n in range(20)]
    assert [one.result().id for one in tries if one.result()] == [account.id]


async def test_tokens_grow_with_every_lease(database: Database, account: Account) -> None:
    for token in (1, 2, 3):
        held = await lease(database, "w1")
        assert held is not None
        assert held.lease is not None
        assert held.lease.token == token
        await database.accounts.give_back(account.id, token)


async def test_a_lease_that_ran_out_is_taken_over_and_not_renewed(
    database: Database, account: Account
) -> None:
    assert await lease(database, "w1", seconds=0.3)
    assert await lease(database, "w2") is None
    taken = await wait_until(lambda: lease(database, "w2"))
    assert taken.lease is not None
    assert taken.lease.token == 2
    assert await database.accounts.renew("w1", {account.id: 1}, seconds=30) == set()
    assert await database.accounts.renew("w2", {account.id: 2}, seconds=30) == {account.id}
    assert await database.accounts.live_tokens() == {account.id: 2}


async def test_nobody_takes_within_the_margin_by_mongodbs_time(
    database: Database, account: Account
) -> None:
    margin, seconds = 0.6, 0.2

    async def take() -> Account | None:
        return await database.accounts.lease("w2", seconds=seconds, margin=margin)

    held = await lease(database, "w1", seconds=seconds)
    assert held is not None
    assert held.lease is not None
    taken = await wait_until(take)
    assert taken.lease is not None
    taken_at = taken.lease.until - timedelta(seconds=seconds)
    late = (taken_at - held.lease.until).total_seconds() - margin
    assert 0 <= late < 1


async def test_the_margin_does_not_wait_for_a_lease_that_was_given_back(
    database: Database, account: Account
) -> None:
    await lease(database, "w1")
    await database.accounts.give_back(account.id, 1)
    assert await database.accounts.lease("w2", seconds=30, margin=30) is not None


async def test_a_stale_holder_cannot_move_the_account(database: Database, account: Account) -> None:
    await lease(database, "w1")
    moved = await database.accounts.set_state(account.id, AccountState.LOST, token=99)
    assert not moved
    assert await database.accounts.set_state(account.id, AccountState.LOST, token=1)


async def test_a_restarted_worker_frees_its_leases(database: Database, account: Account) -> None:
    await lease(database, "w1")
    assert await database.accounts.give_back_all("w2") == 0
    assert await database.accounts.give_back_all("w1") == 1
    assert await lease(database, "w2") is not None


async def test_only_accounts_that_can_connect_are_leased(
    database: Database, account: Account
) -> None:
    await database.accounts.set_state(account.id, AccountState.BANNED)
    await database.accounts.add_signed_out(name="Out", phone="+1", now=NOW)
    assert await lease(database, "w1") is None


async def test_signing_in_again_brings_the_same_account_back(
    database: Database, account: Account
) -> None:
    await database.accounts.set_state(account.id, AccountState.LOST, reason="session_revoked")
    again = await database.accounts.signed_in(who(100), NOW)
    assert again.id == account.id
    assert (again.state, again.reason) == (AccountState.READY, None)
    assert len(await database.accounts.all()) == 1


async def test_one_account_is_the_default(database: Database, account: Account) -> None:
    second = await database.accounts.signed_in(who(200), NOW)
    assert [a.is_default for a in await database.accounts.all()] == [True, False]
    await database.accounts.make_default(second.id)
    assert [a.is_default for a in await database.accounts.all()] == [False, True]
    assert not await database.accounts.make_default(99)
