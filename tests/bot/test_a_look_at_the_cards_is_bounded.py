"""However many runs are shown and however much happens in them, a look takes a bounded number."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.attention import IN_TURN, LOOKED_AT, PROGRESS_SECONDS, REST, Attention
from core.run import Intent, Run, RunState, Status
from core.task import TaskSpec

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def run(number: int) -> Run:
    return Run(
        id=f"r{number}",
        task="t",
        number=number,
        owner=1,
        spec=TaskSpec(sources=("@one",)),
        due=NOW,
        intent=Intent.GO,
        status=Status(state=RunState.RUNNING),
        rev=1,
        planned=True,
        created_at=NOW,
    )


def names(numbers: range) -> list[str]:
    return [f"r{number}" for number in numbers]


def test_no_look_takes_more_than_its_number_and_none_is_forgotten() -> None:
    attention, now, seen = Attention(), 0.0, []
    attention.told(names(range(400)), names(range(400, 800)))
    while attention.is_behind(now):
        taken = attention.take(now)
        assert 0 < len(taken) <= LOOKED_AT
        seen += taken
    assert sorted(seen) == sorted(names(range(800)))
    assert len(seen) == len(set(seen))
    assert IN_TURN <= LOOKED_AT


def test_who_moved_comes_before_who_only_got_on() -> None:
    attention = Attention()
    attention.told([], names(range(100)))
    attention.told(names(range(200, 205)), [])
    assert attention.take(0.0)[:5] == names(range(200, 205))


def test_progress_is_looked_at_again_after_a_while_and_a_move_at_once() -> None:
    attention, one = Attention(), run(1)
    attention.told([], ["r1"])
    assert attention.take(0.0) == ["r1"]
    attention.looked([one], 0.0, took=0.01)
    attention.told([], ["r1"])
    assert attention.take(1.0) == []
    assert not attention.is_behind(1.0)
    assert attention.take(PROGRESS_SECONDS) == ["r1"]
    attention.looked([one], 3.0, took=0.01)
    attention.told(["r1"], ["r1"])
    assert attention.take(3.1) == ["r1"]
    assert attention.take(100.0) == []


def test_a_look_that_takes_long_is_repeated_more_rarely() -> None:
    attention, one = Attention(), run(1)
    attention.looked([one], 0.0, took=2.0)
    attention.told([], ["r1"])
    assert attention.take(REST * 2.0 - 0.1) == []
    assert not attention.may_take_its_turn("r1", REST * 2.0 - 0.1)
    assert attention.may_take_its_turn("r1", REST * 2.0)
    assert attention.take(REST * 2.0) == ["r1"]


def test_what_is_over_is_forgotten_and_what_is_told_is_not() -> None:
    attention = Attention()
    attention.looked([run(1), run(2)], 0.0, took=100.0)
    attention.told([], ["r2"])
    attention.keep([])
    assert attention.may_take_its_turn("r1", 0.0)
    assert not attention.may_take_its_turn("r2", 0.0)


@given(st.lists(st.tuples(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60))), max_size=12))
def test_whatever_is_told_is_looked_at_in_the_end(
    rounds: list[tuple[set[int], set[int]]],
) -> None:
    attention, now, owed = Attention(), 0.0, set()
    for moved, got_on in rounds:
        attention.told([f"r{one}" for one in moved], [f"r{one}" for one in got_on])
        owed |= {f"r{one}" for one in moved | got_on}
        taken = attention.take(now)
        owed -= set(taken)
        if taken:
            attention.looked([run(int(one[1:])) for one in taken], now, took=0.01)
        now += 0.5
    for _ in range(40):
        now += PROGRESS_SECONDS
        owed -= set(attention.take(now))
    assert owed == set()
