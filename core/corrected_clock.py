"""This machine's clock, put right where Telegram's time shows that it is wrong.

All collectors hear of Telegram's time, and of no other that they share: so what one of them writes
is over for all others at the same moment, whatever their own clocks say.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from core.clock import Clock, to_milliseconds
from core.trusted_clock import Reading

NEAR = 1.0
"""Seconds that the machine's clock may be off before Telegram's time is taken instead."""


class CorrectedClock:
    """`telegram`: the sharpest reading of Telegram's time, None where no account heard of it."""

    def __init__(self, clock: Clock, telegram: Callable[[], Reading | None]) -> None:
        self._clock = clock
        self._telegram = telegram

    def now(self) -> datetime:
        """The machine's time where it agrees with Telegram's or nothing is known, else that."""
        now, elapsed, reading = self._clock.now(), self._clock.elapsed(), self._telegram()
        if reading is None:
            return now
        base = now.timestamp() - elapsed
        if reading.low - NEAR <= base <= reading.high + NEAR:
            return now
        unix = elapsed + (reading.low + reading.high) / 2
        return to_milliseconds(datetime.fromtimestamp(unix, UTC))

    def elapsed(self) -> float:
        """Seconds that only grow, whoever sets the clock."""
        return self._clock.elapsed()
