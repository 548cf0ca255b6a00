"""How long a chat is left alone after something went wrong there."""

from core.clock import Clock

BLOCKED_SECONDS = 60.0
LONGEST_BLOCK = 3600.0
"""Seconds for which a chat is left alone into which the bot may not write: first and at most."""

UNREACHABLE_SECONDS = 2.0
LONGEST_SECONDS = 60.0
"""Seconds between two tries while Telegram or the store does not answer: first and at most."""


class Patience:
    """One chat's. Each failure in a row doubles the time; what worked begins it anew."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until = 0.0
        self._failures = 0

    def left(self) -> float:
        """Seconds for which nothing is to be tried; none or less where it may be."""
        return self._until - self._clock.elapsed()

    def rest(self, seconds: float) -> None:
        """As long as somebody said."""
        self._until = self._clock.elapsed() + seconds

    def unanswered(self) -> None:
        """Nobody answers, or nobody says why not."""
        self._double(UNREACHABLE_SECONDS, LONGEST_SECONDS)

    def blocked(self) -> None:
        """The bot may not write there."""
        self._double(BLOCKED_SECONDS, LONGEST_BLOCK)

    def worked(self) -> None:
        """All is well again."""
        self._failures = 0

    def _double(self, first: float, longest: float) -> None:
        self._failures += 1
        self.rest(min(first * 2.0 ** (self._failures - 1), longest))
