"""A lease is dead for whoever saw it unchanged for as long as it lasts and a margin, and for nobody
else; whatever changes in it, and whatever becomes of it in between, it lives."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.account import Lease
from core.lease_watch import LONGEST_UNTOLD, HeldLease, LeaseWatch

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEASE = Lease(worker="w1", token=3, until=NOW, beat=7, seconds=30.0)
OLD = replace(LEASE, beat=0, seconds=None)
OWN = 3.0


def watch(held: Lease, left: float = 0.0, *, at: float = 100.0) -> LeaseWatch:
    made = LeaseWatch(seconds=OWN)
    made.saw({1: HeldLease(lease=held, left=left)}, at)
    return made


def ends(made: LeaseWatch, held: Lease, *, since: float = 100.0) -> float:
    """After how many seconds it counts as dead."""
    return next(n / 10 for n in range(40_000) if made.is_dead(1, held, since + n / 10 + 1e-6))


@pytest.mark.parametrize(
    ("seconds", "after"), [(1.0, 3.6), (3.0, 3.6), (10.0, 12.0), (30.0, 32.0), (3_600.0, 3_602.0)]
)
def test_it_is_watched_for_the_longer_of_both_lengths_and_a_margin(
    seconds: float, after: float
) -> None:
    held = replace(LEASE, seconds=seconds)
    assert ends(watch(held), held) == pytest.approx(after, abs=0.11)


@pytest.mark.parametrize(
    ("left", "after"),
    [(-40.0, 3.6), (0.0, 3.6), (30.0, 32.0), (600.0, LONGEST_UNTOLD + 2.0)],
)
def test_where_it_does_not_say_its_length_what_was_left_at_first_counts_within_bounds(
    left: float, after: float
) -> None:
    assert ends(watch(OLD, left), OLD) == pytest.approx(after, abs=0.11)


@pytest.mark.parametrize(
    "change",
    [
        {"worker": "w2"},
        {"token": 4},
        {"beat": 8},
        {"until": NOW + timedelta(milliseconds=1)},
        {"until": NOW - timedelta(days=1)},
        {"seconds": 31.0},
    ],
    ids=",".join,
)
def test_any_change_is_a_sign_of_life(change: dict[str, object]) -> None:
    made, moved = watch(LEASE), replace(LEASE, **change)
    made.saw({1: HeldLease(lease=moved)}, 131.0)
    assert not made.is_dead(1, moved, 133.0)
    assert not made.is_dead(1, LEASE, 1e9)
    assert ends(made, moved, since=131.0) > 30


def test_what_was_given_back_in_between_is_watched_anew() -> None:
    made = watch(LEASE)
    made.saw({}, 120.0)
    made.saw({1: HeldLease(lease=LEASE)}, 125.0)
    assert not made.is_dead(1, LEASE, 140.0)
    assert made.is_dead(1, LEASE, 157.1)


def test_what_was_never_seen_is_not_dead() -> None:
    assert not LeaseWatch(seconds=OWN).is_dead(1, LEASE, 1e9)
    assert not watch(LEASE).is_dead(2, LEASE, 1e9)


def test_more_looks_do_not_prolong_it() -> None:
    made = watch(LEASE)
    for second in range(33):
        made.saw({1: HeldLease(lease=LEASE, left=30.0 - second)}, 100.0 + second)
    assert made.is_dead(1, LEASE, 132.1)
