"""When a worker lets go of what it cannot use, and when it takes it again, by a clock in hand."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from collector.setbacks import BEYOND, OWN_PAUSES, PAUSES, PROBE, SOON, Setbacks
from core.errors import (
    AccountLimited,
    DailyLimit,
    FloodError,
    LeaseGone,
    Paced,
    Retriable,
    StoreError,
    Unexpected,
    WorkerUnfit,
)
from core.setback import Scope

LEASE = 30.0
PATIENCE = LEASE + BEYOND


@dataclass
class Hands:
    at: float = 1_000.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def elapsed(self) -> float:
        return self.at


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def setbacks(hands: Hands) -> Setbacks:
    return Setbacks(hands, lease_seconds=LEASE)


def fail(setbacks: Setbacks, account: int, error: Exception, *, centre: int = 2) -> None:
    setbacks.failed(account, error, centre)


def give_back(setbacks: Setbacks, account: int, error: Exception, *, centre: int = 2) -> None:
    setbacks.begun(account)
    fail(setbacks, account, error, centre=centre)
    setbacks.given_back(account)
    setbacks.ended(account)


@pytest.mark.parametrize("error", [Retriable(), Retriable(reason="server"), Unexpected()])
def test_what_cannot_be_reached_is_held_beyond_a_lease(
    setbacks: Setbacks, hands: Hands, error: Exception
) -> None:
    setbacks.begun(1)
    fail(setbacks, 1, error)
    hands.at += PATIENCE - 1
    fail(setbacks, 1, error)
    assert not setbacks.hopeless(1)
    hands.at += 1
    assert setbacks.hopeless(1)


def test_one_that_says_nothing_at_all_is_let_go_too(setbacks: Setbacks, hands: Hands) -> None:
    setbacks.begun(1)
    hands.at += PATIENCE
    assert setbacks.hopeless(1)


@pytest.mark.parametrize("error", [WorkerUnfit(), KeyError("a bug")])
def test_what_the_worker_lacks_something_for_is_let_go_at_once(
    setbacks: Setbacks, error: Exception
) -> None:
    setbacks.begun(1)
    assert not setbacks.hopeless(1)
    fail(setbacks, 1, error)
    assert setbacks.hopeless(1)


@pytest.mark.parametrize(
    "error",
    [
        FloodError(900, "connect"),
        Paced(900, "connect"),
        DailyLimit(9_000, "connect"),
        AccountLimited(),
        StoreError(),
        LeaseGone(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_would_be_the_same_elsewhere_is_kept(
    setbacks: Setbacks, hands: Hands, error: Exception
) -> None:
    setbacks.begun(1)
    fail(setbacks, 1, error)
    hands.at += 10 * PATIENCE
    assert not setbacks.hopeless(1)
    assert setbacks.told() == ()


def test_a_line_that_was_silent_has_used_up_its_patience_but_is_tried_once(
    setbacks: Setbacks, hands: Hands
) -> None:
    setbacks.begun(1)
    setbacks.connected(1, 2)
    hands.at += 1_000
    setbacks.failed(1, Retriable(), 2, silent=PATIENCE)
    assert not setbacks.hopeless(1)
    setbacks.failed(1, Retriable(), 2)
    assert setbacks.hopeless(1)


def test_a_line_that_breaks_is_not_told_before_it_had_time(
    setbacks: Setbacks, hands: Hands
) -> None:
    setbacks.begun(1)
    setbacks.connected(1, 2)
    fail(setbacks, 1, Retriable())
    assert setbacks.told() == ()
    hands.at += SOON
    assert [one.scope for one in setbacks.told()] == [Scope.TELEGRAM]
    setbacks.connected(1, 2)
    assert setbacks.told() == ()


def test_a_bug_while_connected_is_not_the_workers_own(setbacks: Setbacks, hands: Hands) -> None:
    setbacks.begun(1)
    setbacks.connected(1, 2)
    fail(setbacks, 1, KeyError("a bug"))
    assert not setbacks.hopeless(1)


def test_own_failures_are_tried_again_more_and_more_seldom(
    setbacks: Setbacks, hands: Hands
) -> None:
    for pause in (*OWN_PAUSES, OWN_PAUSES[-1]):
        give_back(setbacks, 1, WorkerUnfit())
        hands.at += pause - 1
        assert setbacks.unwanted({1, 2}) == {1}
        hands.at += 1
        assert setbacks.unwanted({1, 2}) == set()


def test_one_account_is_tried_again_by_itself(setbacks: Setbacks, hands: Hands) -> None:
    setbacks.begun(9)
    setbacks.connected(9, 2)
    for pause in (*PAUSES, PAUSES[-1]):
        give_back(setbacks, 1, Retriable())
        hands.at += pause - 1
        assert setbacks.unwanted({1, 2}) == {1}
        hands.at += 1
        assert setbacks.unwanted({1, 2}) == set()


def test_after_one_more_failure_it_is_let_go_at_once(setbacks: Setbacks, hands: Hands) -> None:
    give_back(setbacks, 1, Retriable())
    setbacks.begun(1)
    assert not setbacks.hopeless(1)
    fail(setbacks, 1, Retriable())
    assert setbacks.hopeless(1)


def test_without_telegram_one_tries_for_all_every_so_often(
    setbacks: Setbacks, hands: Hands
) -> None:
    group = set(range(1, 51))
    for account in group:
        give_back(setbacks, account, Retriable())
    tries = 0
    for _ in range(600):
        hands.at += 1
        for account in (group | {99}) - setbacks.unwanted(group | {99}):
            give_back(setbacks, account, Retriable())
            tries += 1
    assert 600 / PROBE * 0.5 <= tries <= 600 / PROBE


def test_while_one_tries_nobody_else_does(setbacks: Setbacks, hands: Hands) -> None:
    for account in (1, 2, 3):
        give_back(setbacks, account, Retriable())
    hands.at += PROBE
    [probe] = {1, 2, 3} - setbacks.unwanted({1, 2, 3})
    setbacks.begun(probe)
    hands.at += 10 * PROBE
    assert setbacks.unwanted({1, 2, 3}) == {1, 2, 3}


def test_when_one_is_back_all_may_follow(setbacks: Setbacks, hands: Hands) -> None:
    for account in (1, 2, 3):
        give_back(setbacks, account, Retriable())
    setbacks.begun(1)
    setbacks.connected(1, 2)
    assert setbacks.unwanted({2, 3}) == set()


def test_of_a_data_centre_one_tries_for_all_and_the_others_are_wanted(
    setbacks: Setbacks, hands: Hands
) -> None:
    setbacks.begun(9)
    setbacks.connected(9, 2)
    for account in (1, 2, 3):
        give_back(setbacks, account, Retriable(), centre=4)
    assert setbacks.unwanted({1, 2, 3, 5}) == {1, 2, 3}
    hands.at += PROBE
    assert len(setbacks.unwanted({1, 2, 3, 5})) == 2


def test_what_went_to_others_is_forgotten_in_time(setbacks: Setbacks, hands: Hands) -> None:
    give_back(setbacks, 1, Retriable())
    assert setbacks.told()
    hands.at += 3_600
    assert setbacks.told() == ()


def test_an_end_without_a_reason_leaves_nothing(setbacks: Setbacks, hands: Hands) -> None:
    setbacks.begun(1)
    fail(setbacks, 1, Retriable())
    setbacks.ended(1)
    hands.at += 60
    assert setbacks.told() == ()
    assert setbacks.unwanted({1}) == set()
