"""What fails again and again is told when it begins and when it is over. Pure."""

import time
from collections.abc import Callable


class ToldOnce:
    """One trouble after another: `failed` says whether this is a new one, worth a line."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._reason: str | None = None
        self._since = 0.0
        self._failures = 0

    def failed(self, reason: str) -> bool:
        """It failed, for this reason; whether that is to be told."""
        if self._reason is None:
            self._since, self._failures = self._clock(), 0
        self._failures += 1
        new, self._reason = reason != self._reason, reason
        return new

    def worked(self) -> dict[str, float] | None:
        """It worked; after failures what is to be told of them: for how long, and how many."""
        if self._reason is None:
            return None
        self._reason = None
        return {"seconds": round(self._clock() - self._since, 1), "failures": self._failures}
