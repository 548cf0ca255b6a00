"""Changes are numbered: whatever their order, a missing one is noticed until somebody looks."""

import random

from hypothesis import given
from hypothesis import strategies as st

from core.continuity import MOST_AHEAD, Continuity


def changes(counts: list[int], start: int = 10) -> list[tuple[int, int]]:
    """(pts, count) of changes one after another."""
    told, pts = [], start
    for count in counts:
        pts += count
        told.append((pts, count))
    return told


@given(st.lists(st.integers(1, 5), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_all_of_them_in_any_order_and_repeated_are_whole(
    counts: list[int], dice: random.Random
) -> None:
    told = changes(counts)
    heard = told + dice.choices(told, k=len(told))
    dice.shuffle(heard)
    one = Continuity(10)
    for pts, count in heard:
        one.took(pts, count)
    assert one.known == told[-1][0]
    assert one.covers(told[-1][0])
    assert not one.covers(told[-1][0] + 1)


@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=40),
    st.data(),
    st.randoms(use_true_random=False),
)
def test_a_missing_one_is_a_gap_until_somebody_looked(
    counts: list[int], data: st.DataObject, dice: random.Random
) -> None:
    told = changes(counts)
    missing = data.draw(st.integers(0, len(told) - 1))
    heard = [one for place, one in enumerate(told) if place != missing]
    dice.shuffle(heard)
    one = Continuity(10)
    for pts, count in heard:
        one.took(pts, count)
    assert not one.covers(told[missing][0])
    one.looked(told[missing][0])
    assert one.known == told[-1][0]


def test_nothing_is_whole_before_the_first_look() -> None:
    one = Continuity()
    one.took(12, 1)
    one.took(11, 1)
    assert not one.covers(12)
    one.looked(10)
    assert one.known == 12


def test_a_change_that_moves_nothing_is_no_proof() -> None:
    one = Continuity(10)
    one.took(15, 0)
    assert one.known == 10


def test_what_is_remembered_behind_a_gap_is_bounded() -> None:
    one = Continuity(0)
    for pts in range(2, MOST_AHEAD + 50):
        one.took(pts, 1)
    one.looked(1)
    assert one.known == 1
    one.looked(60)
    assert one.known == MOST_AHEAD + 49
