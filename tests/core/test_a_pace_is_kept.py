"""The pace is what was set: late calls lose nothing of it, and nobody gets more than a burst."""

import random
from itertools import pairwise

import pytest

from core.job import Family
from core.pace import parse_pace
from core.pacing import Budget, TokenBucket

FIVE = parse_pace("history=5/1").allowances()[Family.HISTORY]


def calls(budget: Budget, count: int, *, late: float, seed: int = 1) -> list[float]:
    """When calls go out that each come up to `late` seconds after the one before was let go."""
    chance = random.Random(seed)
    bucket, now, out = TokenBucket.full(budget, 0.0), 0.0, []
    for _ in range(count):
        now += bucket.reserve(now)
        out.append(now)
        now += chance.uniform(0, late)
    return out


@pytest.mark.parametrize("late", [0.0, 0.05, 0.15, 0.19])
def test_answers_that_take_less_than_a_slot_cost_no_time(late: float) -> None:
    out = calls(FIVE, 500, late=late)
    assert out[-1] == pytest.approx((500 - FIVE.burst) / 5, abs=late)


def test_an_answer_that_takes_two_slots_is_made_up_for() -> None:
    bucket, now, out = TokenBucket.full(FIVE, 0.0), 0.0, []
    for place in range(100):
        now += bucket.reserve(now)
        out.append(now)
        now += 0.35 if place % 10 == 9 else 0.01
    assert out[-1] == pytest.approx((100 - FIVE.burst) / 5, abs=0.01)


@pytest.mark.parametrize("late", [0.0, 0.3, 2.0])
def test_no_second_has_more_calls_than_the_rate_and_a_burst(late: float) -> None:
    out = calls(FIVE, 500, late=late)
    for first in range(len(out)):
        in_a_second = sum(out[first] <= moment < out[first] + 1 for moment in out[first:])
        assert in_a_second <= 5 + FIVE.burst


def test_a_long_rest_earns_a_burst_and_no_more() -> None:
    bucket = TokenBucket.full(FIVE, 0.0)
    for _ in range(10):
        bucket.reserve(0.0)
    waits = [bucket.reserve(1000.0) for _ in range(FIVE.burst + 3)]
    assert waits[: FIVE.burst] == [0.0] * FIVE.burst
    steps = [later - earlier for earlier, later in pairwise(waits[FIVE.burst - 1 :])]
    assert steps == pytest.approx([0.2] * 3)


def test_a_reservation_that_was_not_used_goes_back() -> None:
    bucket = TokenBucket.full(Budget(rate=1.0), 0.0)
    assert bucket.reserve(0.0) == 0.0
    assert bucket.reserve(0.0) == 1.0
    bucket.put_back()
    assert bucket.reserve(0.0) == 1.0


@pytest.mark.parametrize(
    ("words", "burst"),
    [("history=30/30", 3), ("history=5/1", 2), ("history=1/1", 1), ("history=1/60", 1)],
)
def test_a_budget_bounds_what_is_made_up_for(words: str, burst: int) -> None:
    assert parse_pace(words).allowances()[Family.HISTORY].burst == burst


@pytest.mark.parametrize(
    ("words", "daily"),
    [
        ("resolve=10/60", 50),
        ("join=1/2", 20),
        ("history=30/30", None),
        ("join=1/450/7", 7),
        ("join=1/2/0", None),
        ("resolve=10/60/-", None),
        ("history=1/1/9", 9),
    ],
)
def test_a_bound_of_a_day_stays_unless_another_one_is_set(words: str, daily: int | None) -> None:
    family = Family(words.partition("=")[0])
    assert parse_pace(words).allowances()[family].daily == daily


@pytest.mark.parametrize("day", ["", "x", "-1", "1.5", "5/5", "2000000"])
def test_a_bound_of_a_day_that_is_no_number_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_pace(f"join=1/450/{day}")
