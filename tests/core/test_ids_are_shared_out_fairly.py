"""Ranges of one chat: together they are all that is missing, whoever reads them in what order."""

from hypothesis import given
from hypothesis import strategies as st

from core.coverage import measure, regions
from core.sharing import FEWEST_PAGES, share_out
from core.span import IntervalSet, proven_by_page

PAGE = 10
RANGES = st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400)), max_size=6)


def ids_of(some: IntervalSet) -> set[int]:
    return {number for lo, hi in some.ranges for number in range(lo, hi + 1)}


@given(RANGES, st.floats(0, 500), st.integers(0, 12))
def test_ranges_hold_all_that_is_missing_and_none_meets_another(
    proven: list[tuple[int, int]], pages: float, readers: int
) -> None:
    missing = IntervalSet.of(proven).missing(1, 400)
    parts = share_out(missing, pages=pages, readers=readers)
    if not parts:
        return
    assert list(parts) == sorted(parts, reverse=True)
    inside = [ids_of(IntervalSet((part,))) & ids_of(missing) for part in parts]
    assert set().union(*inside) == ids_of(missing)
    assert sum(map(len, inside)) == len(missing)
    sizes = [len(one) for one in inside]
    assert max(sizes) - min(sizes) <= 1


def test_accounts_of_one_pace_end_together_and_small_chats_are_left_to_one() -> None:
    whole = IntervalSet(((1, 53_000),))
    for readers in (2, 5, 10):
        parts = share_out(whole, pages=500, readers=readers)
        assert len(parts) % readers == 0
        assert 500 / len(parts) >= FEWEST_PAGES
    assert share_out(whole, pages=500, readers=1) == ()
    assert share_out(IntervalSet(((1, 900),)), pages=9, readers=10) == ()
    assert len(share_out(IntervalSet(((1, 10**8),)), pages=10**6, readers=3)) <= 400


class Crew:
    """Who reads ranges of a chat by pages, and is interrupted between any two of them."""

    def __init__(self, there: set[int]) -> None:
        self.there = there
        self.stored: set[int] = set()
        self.proven = IntervalSet()

    def page(self, offset: int) -> list[int]:
        return sorted((one for one in self.there if one < offset), reverse=True)[:PAGE]

    def read(self, part: tuple[int, int], pages: int) -> bool:
        """Read a range, `pages` of it at most; whether it was done."""
        for lo, hi in reversed(self.proven.missing(*part).ranges):
            offset = hi + 1
            while offset > lo:
                if not pages:
                    return False
                pages -= 1
                ids = self.page(offset)
                found = proven_by_page(offset, ids)
                low = lo if found is None else max(found[0], lo)
                self.stored |= {one for one in ids if lo <= one <= hi}
                self.proven = IntervalSet.of([*self.proven.ranges, (low, hi)])
                offset = low
        return True


@given(
    st.sets(st.integers(1, 300), max_size=200),
    RANGES,
    st.integers(2, 6),
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 6)), max_size=40),
)
def test_any_order_of_ranges_and_kills_ends_with_the_whole_proven(
    there: set[int],
    before: list[tuple[int, int]],
    readers: int,
    turns: list[tuple[int, int]],
) -> None:
    crew = Crew(there)
    crew.proven = IntervalSet.of(before)
    crew.stored = there & ids_of(crew.proven)
    left = list(share_out(crew.proven.missing(1, 300), pages=100, readers=readers))
    for which, pages in turns:
        if left and crew.read(part := left[which % len(left)], pages):
            left.remove(part)
    for part in left:
        assert crew.read(part, 10**6)
    assert not crew.proven.missing(1, 300).ranges
    assert crew.stored == there


@given(st.sets(st.integers(1, 120), max_size=80), RANGES, st.lists(st.integers(1, 150), max_size=3))
def test_coverage_speaks_of_each_id_once(
    stored: set[int], proven: list[tuple[int, int]], floors: list[int]
) -> None:
    parted = regions(1, 120, IntervalSet.of(proven), floors)
    kinds = [ids_of(one) for one in (parted.proven, parted.hidden, parted.gaps)]
    counts = [len(stored & one) for one in kinds]
    found = measure(1, 120, parted, in_proven=counts[0], in_hidden=counts[1], in_gaps=counts[2])
    assert found.stored == len(stored)
    assert found.stored + found.absent + found.unreadable + found.unknown == found.ids == 120
    assert all(number < min(floors, default=1) for number in kinds[1])
    assert found.absent == len(kinds[0] - stored)
