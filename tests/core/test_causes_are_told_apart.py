"""Of what a worker cannot connect it says what lies behind: itself, an account, a data centre, or
Telegram; and of an account, what all collectors that could use it say."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.account import Account, AccountState, Lease
from core.setback import Failing, Scope, Setback, in_words, told_apart
from core.standing import advice_for, in_brief, unusable
from core.worker import Load, WorkerSign

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def net(centre: int | None) -> Failing:
    return Failing(why="network", own=False, data_centre=centre)


OWN = Failing(why="session_unreadable", own=True, data_centre=None)


@pytest.mark.parametrize(
    ("failing", "connected", "told"),
    [
        ({}, {}, set()),
        ({}, {1: 2}, set()),
        ({1: net(2)}, {}, {(Scope.TELEGRAM, (1,))}),
        ({1: net(2), 2: net(4)}, {}, {(Scope.TELEGRAM, (1, 2))}),
        ({1: net(None)}, {}, {(Scope.TELEGRAM, (1,))}),
        ({1: net(4), 2: net(4)}, {3: 2}, {(Scope.DATA_CENTRE, (1, 2))}),
        ({1: net(4)}, {3: 2}, {(Scope.DATA_CENTRE, (1,))}),
        ({1: net(4), 2: net(5)}, {3: 2}, {(Scope.DATA_CENTRE, (1,)), (Scope.DATA_CENTRE, (2,))}),
        ({1: net(2)}, {3: 2}, {(Scope.ACCOUNT, (1,))}),
        ({1: net(2), 2: net(2)}, {3: 2}, {(Scope.ACCOUNT, (1,)), (Scope.ACCOUNT, (2,))}),
        ({1: net(None)}, {3: 2}, {(Scope.ACCOUNT, (1,))}),
        ({1: OWN, 2: OWN}, {}, {(Scope.OWN, (1, 2))}),
        ({1: OWN, 2: net(2)}, {}, {(Scope.OWN, (1,)), (Scope.TELEGRAM, (2,))}),
        ({1: OWN, 2: net(4)}, {3: 2}, {(Scope.OWN, (1,)), (Scope.DATA_CENTRE, (2,))}),
    ],
)
def test_each_cause(
    failing: dict[int, Failing],
    connected: dict[int, int | None],
    told: set[tuple[Scope, tuple[int, ...]]],
) -> None:
    assert {(one.scope, one.accounts) for one in told_apart(failing, connected)} == told


centres = st.sampled_from([None, 1, 2, 4])
failings = st.builds(
    Failing, why=st.sampled_from(["network", "timeout"]), own=st.booleans(), data_centre=centres
)


@given(
    failing=st.dictionaries(st.integers(1, 9), failings),
    connected=st.dictionaries(st.integers(10, 19), st.sampled_from([1, 2, 4])),
)
def test_each_account_is_told_once_and_only_of_what_fails(
    failing: dict[int, Failing], connected: dict[int, int | None]
) -> None:
    told = told_apart(failing, connected)
    named = [account for one in told for account in one.accounts]
    assert sorted(named) == sorted(failing)
    assert all(in_words(one) for one in told)
    if connected:
        assert all(one.scope is not Scope.TELEGRAM for one in told)


def account(state: AccountState = AccountState.READY, lease: Lease | None = None) -> Account:
    return Account(
        id=1, name="One", username=None, telegram_id=1, phone="+1", state=state, is_default=True,
        created_at=NOW, lease=lease,
    )  # fmt: skip


def worker(
    name: str, *, unfit: bool = False, holds: bool = False, room: int | None = 5, silent: float = 1
) -> WorkerSign:
    setback = Setback(scope=Scope.OWN, why="session_unreadable", accounts=(1,))
    return WorkerSign(
        id=name, host=name, version="1", started_at=NOW, seen_at=NOW, silent=silent,
        load=Load(accounts=(1,) if holds else (), room=room),
        setbacks=(setback,) if unfit else (),
    )  # fmt: skip


BAD, GOOD = worker("bad", unfit=True), worker("good")


@pytest.mark.parametrize(
    ("workers", "used"),
    [
        ([], True),
        ([GOOD], True),
        ([BAD], False),
        ([BAD, GOOD], True),
        ([BAD, worker("full", room=0)], False),
        ([worker("full", room=0)], True),
        ([BAD, worker("gone", silent=60)], False),
        ([worker("dead", unfit=True, silent=60)], True),
        ([BAD, worker("of before", room=None)], True),
        ([BAD, worker("holder", holds=True)], True),
        ([worker("holder", holds=True, unfit=True), GOOD], False),
        ([BAD, worker("worse", unfit=True)], False),
    ],
)
def test_an_account_is_unusable_when_all_who_could_use_it_say_so(
    workers: list[WorkerSign], used: bool
) -> None:
    found = unusable(account(), workers)
    assert (found is None) is used
    if found is not None:
        assert "session_unreadable" in in_brief(found)
        assert advice_for(found)


@pytest.mark.parametrize("state", [AccountState.LOST, AccountState.BANNED, AccountState.SIGNED_OUT])
def test_what_cannot_work_anyway_has_its_own_reason(state: AccountState) -> None:
    assert unusable(account(state), [BAD]) is None
