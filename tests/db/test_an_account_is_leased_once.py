"""Leases on a real MongoDB: each account has one holder, and nobody asks what time it is."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from leasing import lease

from core.account import Account, AccountState, Lease
from db.accounts import SignedIn
from db.client import Document, MongoDatabase
from db.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OLD = {"worker": "old", "token": 5, "until": NOW}
"""A lease as version 0.1 writes it."""


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


async def seen(database: Database, account: Account) -> Lease:
    return (await database.accounts.leases.look()).held[account.id].lease


async def take_over(database: Database, account: Account, lease: Lease) -> Account | None:
    return await database.accounts.leases.take_over(account.id, lease, "w2", seconds=30)


async def test_of_many_workers_one_gets_the_account(database: Database, account: Account) -> None:
    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(lease(database, f"w{n}")) for n in range(20)]
    assert [one.result().id for one in tries if one.result()] == [account.id]


async def test_of_many_that_saw_the_same_one_takes_over(
    database: Database, account: Account
) -> None:
    await lease(database, "dead")
    last = await seen(database, account)
    leases = database.accounts.leases
    async with asyncio.TaskGroup() as group:
        tries = [
            group.create_task(leases.take_over(account.id, last, f"w{n}", seconds=30))
            for n in range(20)
        ]
    assert len([one for one in tries if one.result()]) == 1


async def test_tokens_grow_with_every_lease(database: Database, account: Account) -> None:
    for token in (1, 2, 3):
        held = await lease(database, "w1")
        assert held is not None
        assert held.lease is not None
        assert held.lease.token == token
        assert (held.lease.beat, held.lease.seconds) == (0, 30)
        await database.accounts.leases.give_back({account.id: token})


async def test_what_is_held_is_not_free_however_old(database: Database, account: Account) -> None:
    assert await lease(database, "w1", seconds=0.001)
    await asyncio.sleep(0.05)
    assert await lease(database, "w2") is None


async def test_a_lease_is_renewed_however_old_unless_somebody_took_it(
    database: Database, account: Account
) -> None:
    leases = database.accounts.leases
    assert await lease(database, "w1", seconds=0.001)
    await asyncio.sleep(0.05)
    assert await leases.renew("w1", {account.id: 1}, seconds=30) == {account.id}
    assert await take_over(database, account, await seen(database, account))
    assert await leases.renew("w1", {account.id: 1}, seconds=30) == set()
    assert await leases.renew("w2", {account.id: 2}, seconds=30) == {account.id}
    assert {key: one.token for key, one in (await leases.held()).items()} == {account.id: 2}


@pytest.mark.parametrize(
    "change",
    [
        {"lease.worker": "w9"},
        {"lease.token": 2},
        {"lease.beat": 1},
        {"lease.until": NOW},
        {"lease.seconds": 31.0},
        {"lease": None},
        {"lease": {**OLD, "token": 1}},
    ],
    ids=",".join,
)
async def test_whatever_moved_in_a_lease_it_is_not_taken_over(
    database: Database, mongo_database: MongoDatabase, account: Account, change: Document
) -> None:
    await lease(database, "w1")
    last = await seen(database, account)
    await mongo_database["accounts"].update_one({"_id": account.id}, {"$set": change})
    assert await take_over(database, account, last) is None


@pytest.mark.parametrize("moved", [{}, {"until": NOW + timedelta(milliseconds=1)}])
async def test_a_lease_of_version_0_1_is_taken_as_it_was_seen_or_not_at_all(
    database: Database, mongo_database: MongoDatabase, account: Account, moved: Document
) -> None:
    where = {"_id": account.id}
    await mongo_database["accounts"].update_one(where, {"$set": {"lease": OLD, "token": 5}})
    last = await seen(database, account)
    assert (last.beat, last.seconds) == (0, None)
    await mongo_database["accounts"].update_one(where, {"$set": {"lease": {**OLD, **moved}}})
    taken = await take_over(database, account, last)
    assert (taken is None) is bool(moved)
    if taken is not None:
        assert taken.lease is not None
        assert taken.lease.token == 6


async def test_each_renewal_is_seen_by_two_signs(database: Database, account: Account) -> None:
    await lease(database, "w1")
    before = await seen(database, account)
    await asyncio.sleep(0.01)
    await database.accounts.leases.renew("w1", {account.id: 1}, seconds=30)
    after = await seen(database, account)
    assert after.beat == before.beat + 1
    assert after.until > before.until


async def test_a_look_tells_how_long_a_lease_lasts_yet(
    database: Database, account: Account
) -> None:
    await lease(database, "w1", seconds=30)
    assert 25 < (await database.accounts.leases.look()).held[account.id].left <= 30


async def test_a_stale_holder_cannot_move_the_account(database: Database, account: Account) -> None:
    await lease(database, "w1")
    moved = await database.accounts.set_state(account.id, AccountState.LOST, token=99)
    assert not moved
    assert await database.accounts.set_state(account.id, AccountState.LOST, token=1)


async def test_what_is_given_back_too_late_stays_the_next_ones(
    database: Database, account: Account
) -> None:
    leases = database.accounts.leases
    await lease(database, "w1")
    await leases.give_back({account.id: 1})
    assert await lease(database, "w2")
    await leases.give_back({account.id: 1})
    assert (await seen(database, account)).worker == "w2"


@pytest.mark.parametrize("state", list(AccountState))
async def test_only_accounts_that_can_connect_are_leased(
    database: Database, account: Account, state: AccountState
) -> None:
    connects = state in {
        AccountState.READY,
        AccountState.RESTING,
        AccountState.LIMITED,
        AccountState.FROZEN,
    }
    await database.accounts.set_state(account.id, state)
    await database.accounts.add_signed_out(name="Out", phone="+1", now=NOW)
    table = await database.accounts.leases.look()
    assert table.free == ({account.id} if connects else set())
    assert (await lease(database, "w1") is not None) is connects
    if connects:
        assert (await database.accounts.leases.look()).takeable == {account.id}


async def test_an_account_that_ended_is_not_taken_over(
    database: Database, account: Account
) -> None:
    await lease(database, "w1")
    last = await seen(database, account)
    await database.accounts.set_state(account.id, AccountState.BANNED)
    assert not (await database.accounts.leases.look()).takeable
    assert await take_over(database, account, last) is None


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
