"""How far the messages of a chat are too old, whatever is wrong with their dates."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.age import Bound, Dated, oldest

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BEFORE = NOW - timedelta(days=10)
OLD, YOUNG = NOW - timedelta(days=11), NOW - timedelta(days=9)
DATES = {
    "old": OLD,
    "young": YOUNG,
    "none": None,
    "zero": datetime(1970, 1, 1, tzinfo=UTC),
    "overflow": datetime(2038, 1, 19, tzinfo=UTC),
    "ahead": NOW + timedelta(days=2),
}
ODD = ("none", "zero", "overflow", "ahead")


def of(*kinds: str) -> list[Dated]:
    return [Dated(id=place, date=DATES[kind]) for place, kind in enumerate(kinds, start=1)]


@pytest.mark.parametrize("odd", ODD)
def test_what_has_no_true_date_is_as_old_as_what_follows(odd: str) -> None:
    assert oldest(of(odd, "old", odd, "young"), BEFORE, NOW) == Bound(last=2, ended=True)
    assert oldest(of(odd, odd, "old"), BEFORE, NOW) == Bound(last=3, ended=False)
    assert oldest(of("young", odd, "old"), BEFORE, NOW) == Bound(last=None, ended=True)
    assert oldest(of("old", odd), BEFORE, NOW) == Bound(last=1, ended=False)


def test_what_was_deleted_long_ago_is_older_still() -> None:
    gone = [Dated(id=1, deleted_at=OLD), Dated(id=2, deleted_at=YOUNG)]
    assert oldest(gone, BEFORE, NOW) == Bound(last=1, ended=False)


@given(st.lists(st.sampled_from(sorted(DATES)), max_size=12))
def test_nothing_young_ever_goes_and_nothing_old_before_it_stays(kinds: list[str]) -> None:
    bound = oldest(of(*kinds), BEFORE, NOW)
    first = kinds.index("young") if "young" in kinds else len(kinds)
    olds = [place for place, kind in enumerate(kinds[:first], start=1) if kind == "old"]
    assert bound == Bound(last=max(olds, default=None), ended="young" in kinds)
