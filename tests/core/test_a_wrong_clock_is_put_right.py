"""Where Telegram's time is known a collector goes by it, however wrong its machine's clock is."""

from datetime import datetime

import pytest
from wrong_clock import OFFSETS, Machine

from core.clock import SystemClock
from core.corrected_clock import NEAR
from core.trusted_clock import SHARP_FOR, Reading, sharper

TRUE = SystemClock()


def off(moment: datetime) -> float:
    return (moment - TRUE.now()).total_seconds()


@pytest.mark.parametrize("offset", [*OFFSETS, 2.0, -2.0, 600.0, -600.0])
def test_a_wrong_clock_is_put_right_as_soon_as_telegram_answers(offset: float) -> None:
    machine = Machine(offset)
    assert off(machine.clock.now()) == pytest.approx(offset, abs=0.1)
    machine.hear()
    assert off(machine.clock.now()) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("offset", [0.0, 0.5, -0.5])
def test_a_clock_that_is_nearly_right_is_taken_as_it_is(offset: float) -> None:
    machine = Machine(offset)
    machine.hear()
    assert abs(offset) < NEAR
    assert off(machine.clock.now()) == pytest.approx(offset, abs=0.1)


@pytest.mark.parametrize("offset", OFFSETS)
def test_a_step_while_it_runs_moves_nothing(offset: float) -> None:
    machine = Machine(0)
    machine.hear()
    machine.wall.seconds = offset
    assert off(machine.clock.now()) == pytest.approx(0, abs=0.1)
    machine.wall.seconds = 0
    assert off(machine.clock.now()) == pytest.approx(0, abs=0.1)


def test_an_answer_that_took_long_does_not_blur_what_is_known() -> None:
    sharp, wide = Reading(low=5.0, high=5.1, at=10.0), Reading(low=0.0, high=40.0, at=20.0)
    assert sharper(None, wide) == wide
    assert sharper(wide, sharp) == sharp
    assert sharper(sharp, wide) == sharp
    late = Reading(low=0.0, high=40.0, at=sharp.at + SHARP_FOR + 1)
    assert sharper(sharp, late) == late
