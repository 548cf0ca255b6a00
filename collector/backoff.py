"""How long to wait before an account is connected again."""

import random

STEADY = 60.0
"""Seconds after which a connection counts as good, and the next failure as the first."""

PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between attempts, spread by a quarter each way."""


class Backoff:
    """Grows with each failure in a row."""

    def __init__(self) -> None:
        self._failures = 0

    def lived(self, seconds: float) -> None:
        """A connection, or the attempt to make one, ended after so long."""
        if seconds > STEADY:
            self._failures = 0

    def pause(self) -> float:
        """Seconds until the next attempt."""
        base = PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1
        return base * random.uniform(0.75, 1.25)  # noqa: S311 - spreads reconnects, no secret
