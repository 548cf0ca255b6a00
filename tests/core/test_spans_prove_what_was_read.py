"""Interval sets against plain sets of integers, and what a page proves."""

from hypothesis import given
from hypothesis import strategies as st

from core.span import IntervalSet, proven_by_page

ids = st.integers(1, 60)
ranges = st.lists(st.tuples(ids, ids), max_size=8)


def spelled(intervals: IntervalSet) -> set[int]:
    return {number for lo, hi in intervals.ranges for number in range(lo, hi + 1)}


def plain(pairs: list[tuple[int, int]]) -> set[int]:
    return {number for lo, hi in pairs for number in range(lo, hi + 1)}


@given(ranges)
def test_union_holds_exactly_the_ranges_given(pairs: list[tuple[int, int]]) -> None:
    union = IntervalSet.of(pairs)
    assert spelled(union) == plain(pairs)
    assert len(union) == len(plain(pairs))
    gaps = zip(union.ranges, union.ranges[1:], strict=False)
    assert all(after[0] > before[1] + 1 for before, after in gaps)


@given(ranges, ids, ids)
def test_missing_and_within_split_a_range(pairs: list[tuple[int, int]], lo: int, hi: int) -> None:
    union = IntervalSet.of(pairs)
    wanted = set(range(lo, hi + 1))
    assert spelled(union.missing(lo, hi)) == wanted - plain(pairs)
    assert spelled(union.within(lo, hi)) == wanted & plain(pairs)


def test_the_first_page_proves_only_up_to_its_newest_id() -> None:
    assert proven_by_page(0, [90, 80, 71]) == (71, 90)


def test_a_later_page_proves_up_to_its_offset() -> None:
    assert proven_by_page(71, [60, 50]) == (50, 70)


def test_an_empty_page_alone_proves_nothing() -> None:
    assert proven_by_page(71, []) is None
