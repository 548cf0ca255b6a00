"""A date of 1970, of 2038 or of the future neither proves too much nor keeps anything unproven."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settling import SETTLING, lowest_young

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
OLD, YOUNG = NOW - timedelta(hours=1), NOW - timedelta(seconds=20)
STRANGE = (
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
    datetime(2013, 7, 31, tzinfo=UTC),
    NOW + timedelta(days=2),
    datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC),
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    datetime(2106, 2, 7, 6, 28, 15, tzinfo=UTC),
)


@pytest.mark.parametrize("strange", STRANGE)
def test_a_strange_date_is_as_old_as_what_is_around(strange: datetime) -> None:
    assert lowest_young([(9, OLD), (8, strange), (7, OLD)], NOW) is None
    assert lowest_young([(9, strange), (8, OLD)], NOW) is None
    assert lowest_young([(9, YOUNG), (8, strange), (7, OLD)], NOW) == 8
    assert lowest_young([(9, strange), (8, YOUNG), (7, OLD)], NOW) == 8
    assert lowest_young([(9, OLD), (8, strange)], NOW) is None


def test_nothing_but_the_future_is_not_believed() -> None:
    """It may be our own clock that is wrong."""
    assert lowest_young([(9, STRANGE[4]), (8, STRANGE[5])], NOW) == 8
    assert lowest_young([(9, STRANGE[0]), (8, STRANGE[1])], NOW) is None
    assert lowest_young([], NOW) is None


def test_by_telegrams_time_the_future_is_no_date() -> None:
    ahead = NOW + timedelta(hours=1)
    assert lowest_young([(9, ahead), (8, STRANGE[4])], NOW, certain=True) is None
    assert lowest_young([(9, ahead), (8, OLD)], NOW, certain=True) is None
    assert lowest_young([(9, ahead), (8, YOUNG)], NOW, certain=True) == 8
    assert lowest_young([(9, NOW + timedelta(seconds=40))], NOW, certain=True) == 9


@given(
    st.lists(st.one_of(st.just(None), st.integers(0, 200)), min_size=1, max_size=30).filter(
        lambda ages: any(age is not None for age in ages)
    ),
    st.sampled_from(STRANGE),
)
def test_no_young_message_is_ever_proven(ages: list[int | None], strange: datetime) -> None:
    """`ages`: in seconds from the oldest id to the newest, made to fall; None: strange."""
    known = sorted((age for age in ages if age is not None), reverse=True)
    dated = [
        (number, strange if age is None else NOW - timedelta(seconds=known.pop(0)))
        for number, age in enumerate(ages, 1)
    ]
    young = lowest_young(dated, NOW)
    told = [number for number, date in dated if date != strange and date > NOW - SETTLING]
    assert young is None or young <= min(told)
    assert bool(told) == (young is not None)
    old = [number for number, date in dated if date != strange and date <= NOW - SETTLING]
    assert young is None or all(number < young for number in old)
