"""A machine whose wall clock is off, in a test; what it counts seconds with stays true."""

from datetime import datetime, timedelta

from core.clock import SystemClock
from core.corrected_clock import CorrectedClock
from core.trusted_clock import TimeSource, TrustedClock

OFFSETS = (40.0, 86_400.0 * 31, -40.0, -86_400.0 * 31)
"""Seconds: a little and a lot, each way."""


class Off(SystemClock):
    """So many seconds ahead of the true time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.seconds)


class Machine:
    """What a collector there works by."""

    def __init__(self, seconds: float) -> None:
        self.wall = Off(seconds)
        self.trusted = TrustedClock(self.wall, (TimeSource.MONGODB, TimeSource.TELEGRAM))
        self.clock = CorrectedClock(self.wall, self.trusted.telegram_reading)

    def hear(self) -> None:
        """Telegram tells the right time."""
        at = self.wall.elapsed()
        self.trusted.telegram(SystemClock().now().timestamp(), sent=at, received=at + 0.01)
