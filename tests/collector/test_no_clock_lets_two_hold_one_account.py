"""Whatever MongoDB's clock does, however long anybody stands still, and whatever becomes of a
request: an account never has two holders, and it is not left alone for longer than promised."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lease_model import FATES, Crew, Member, OldMember, Request

from core.lease_watch import LeaseWatch

SECONDS = 30.0
LONG = 240.0
MARGIN, LOOK = 2.0, 2.5

steps = st.sampled_from([0.0, 0.0, 0.0, 40.0, -600.0, 3_600.0, -3_600.0, 31 * 86_400.0, 0.5, -0.5])
pauses = st.one_of(st.just(0.0), st.floats(0, 5), st.floats(0, 90))
requests = st.builds(
    Request,
    there=st.floats(0.001, 8),
    back=st.floats(0.001, 8),
    fate=st.sampled_from(FATES),
    pause=pauses,
    step=steps,
)
plans = st.lists(requests, max_size=24)
rates = st.floats(0.95, 1.05)
starts = st.floats(0, 1e6)
lengths = st.sampled_from([3.0, 10.0, 30.0, 60.0])


@settings(max_examples=150)
@given(
    members=st.lists(st.tuples(plans, lengths, rates, starts), min_size=2, max_size=3),
)
def test_never_two_at_once(
    members: Sequence[tuple[list[Request], float, float, float]],
) -> None:
    crew = Crew()
    for plan, seconds, rate, start in members:
        crew.add(plan, seconds=seconds, rate=rate, start=start)
    crew.play(LONG)
    assert crew.world.worst <= 1


quiet = requests.map(lambda one: Request(one.there, one.back, one.fate, one.pause))


@settings(max_examples=150)
@given(
    members=st.lists(
        st.tuples(st.lists(quiet, max_size=24), st.sampled_from([Member, OldMember]), rates),
        min_size=2,
        max_size=3,
    ),
)
def test_never_two_at_once_beside_version_0_1_while_mongodbs_clock_is_right(
    members: Sequence[tuple[list[Request], type[Member], float]],
) -> None:
    crew = Crew()
    for plan, kind, rate in members:
        crew.add(plan, kind=kind, rate=rate)
    crew.play(LONG)
    assert crew.world.worst <= 1


@settings(max_examples=150)
@given(
    members=st.lists(st.tuples(st.lists(quiet, max_size=24), rates), min_size=1, max_size=2),
    old=st.lists(st.tuples(st.lists(quiet, max_size=24), rates), min_size=1, max_size=1),
)
def test_an_old_worker_with_longer_leases_is_waited_for(
    members: Sequence[tuple[list[Request], float]], old: Sequence[tuple[list[Request], float]]
) -> None:
    crew = Crew()
    crew.add(old[0][0], kind=OldMember, seconds=60.0, rate=old[0][1])
    for plan, rate in members:
        crew.add(plan, seconds=3.0, rate=rate)
    crew.play(LONG)
    assert crew.world.worst <= 1


def test_the_model_sees_what_a_comparison_of_clocks_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LeaseWatch, "is_dead", lambda *_: True)
    crew = Crew()
    for _ in range(2):
        crew.add()
    crew.play(LONG)
    assert crew.world.worst == 2


def test_the_model_sees_what_a_step_of_the_clock_does_to_version_0_1() -> None:
    crew = Crew()
    crew.add(kind=OldMember)
    crew.add([Request()] * 20 + [Request(step=40.0)], kind=OldMember)
    crew.play(LONG)
    assert crew.world.worst == 2


@pytest.mark.parametrize("kind", [Member, OldMember])
@pytest.mark.parametrize("step", [0.0, 40.0, 3_600.0, -600.0, -31 * 86_400.0])
@pytest.mark.parametrize("seconds", [3.0, 30.0])
def test_a_dead_ones_account_is_taken_within_lease_margin_and_one_look(
    kind: type[Member], step: float, seconds: float
) -> None:
    crew = Crew()
    dead = crew.add(kind=kind, seconds=seconds)
    crew.play(1)
    heir = crew.add(seconds=seconds)
    crew.play(20)
    assert dead.may_write()
    dead.alive, died_at = False, crew.world.now
    crew.play(0.05)
    crew.world.wall += step
    crew.play(LONG)
    assert heir.may_write()
    taken_at = crew.world.takings[-1][0]
    assert taken_at - died_at <= seconds + min(seconds * 0.2, MARGIN) + LOOK


def test_a_lease_that_was_given_back_is_free_at_once() -> None:
    crew = Crew()
    crew.add()
    crew.play(5)
    crew.add()
    crew.play(5)
    crew.store.lease = None
    given_at = crew.world.now
    crew.play(LOOK)
    assert crew.world.takings[-1][0] - given_at < LOOK


def test_one_alone_gets_back_what_it_took_without_hearing_of_it() -> None:
    crew = Crew()
    alone = crew.add([Request(), Request(), Request(fate="answer_lost")])
    crew.play(10)
    assert len(crew.world.takings) == 2
    assert alone.may_write()
