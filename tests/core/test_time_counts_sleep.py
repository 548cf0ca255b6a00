"""A lease runs on while its machine sleeps, so the time that deadlines are counted in does too."""

import time
from collections.abc import Iterator

import pytest

from core.clock import SystemClock

AWAKE, ASLEEP = 100.0, 3_600.0


@pytest.fixture
def machine_that_slept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One that has been awake for 100 seconds and was suspended for an hour."""
    clocks = {time.CLOCK_MONOTONIC: AWAKE, time.CLOCK_BOOTTIME: AWAKE + ASLEEP}
    with monkeypatch.context() as patch:
        patch.setattr(time, "clock_gettime", lambda clock: clocks[clock])
        patch.setattr(time, "monotonic", lambda: clocks[time.CLOCK_MONOTONIC])
        yield


@pytest.mark.usefixtures("machine_that_slept")
def test_the_time_of_a_suspension_has_elapsed() -> None:
    assert SystemClock().elapsed() == AWAKE + ASLEEP


@pytest.mark.usefixtures("machine_that_slept")
def test_a_system_without_that_clock_has_the_monotonic_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.delattr(time, "CLOCK_BOOTTIME")
        assert SystemClock().elapsed() == AWAKE


def test_it_only_grows() -> None:
    clock = SystemClock()
    moments = [clock.elapsed() for _ in range(1_000)]
    assert moments == sorted(moments)
