"""Time: UTC, cut to milliseconds as BSON does, from a clock that a test can replace."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the product reads the time from."""

    def now(self) -> datetime:
        """The time in UTC, whole milliseconds."""
        ...

    def elapsed(self) -> float:
        """Seconds that only grow and that count the time a machine was suspended."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The time in UTC, whole milliseconds."""
        return to_milliseconds(datetime.now(UTC))

    def elapsed(self) -> float:
        """Seconds since boot: CLOCK_BOOTTIME where the system has it, else the monotonic clock."""
        boot = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if boot is None else time.clock_gettime(boot)


def to_milliseconds(moment: datetime) -> datetime:
    """The moment without what BSON would cut off."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
