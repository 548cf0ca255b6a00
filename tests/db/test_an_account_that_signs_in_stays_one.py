"""Signing in adds an account, or brings one back: never a second one for the same person."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.account import AccountState
from db.accounts import SignedIn
from db.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAN = SignedIn(
    telegram_id=400,
    name="Dan",
    username="dan",
    phone="+86 *** 4",
    phone_secret=b"phone",
    session=b"session",
)


async def test_one_that_was_known_is_signed_in_as_it_is(database: Database) -> None:
    known = await database.accounts.add_signed_out(name="Dan", phone=DAN.phone, now=NOW)
    other = await database.accounts.add_signed_out(name="Eve", phone=DAN.phone, now=NOW)
    for _ in range(2):
        signed_in = await database.accounts.signed_in(DAN, NOW)
        assert (signed_in.id, signed_in.state) == (known.id, AccountState.READY)
        assert (signed_in.telegram_id, signed_in.username) == (400, "dan")
    assert [one.id for one in await database.accounts.all()] == [known.id, other.id]
    assert (await database.accounts.all())[1].state is AccountState.SIGNED_OUT


@pytest.mark.parametrize(
    "who",
    [replace(DAN, name="Dora"), replace(DAN, phone="+86 *** 5")],
    ids=["of another name", "of another phone"],
)
async def test_somebody_else_is_another_account(database: Database, who: SignedIn) -> None:
    known = await database.accounts.add_signed_out(name="Dan", phone=DAN.phone, now=NOW)
    assert (await database.accounts.signed_in(who, NOW)).id != known.id
    assert len(await database.accounts.all()) == 2
