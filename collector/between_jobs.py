"""Runs none of whose jobs runs just now, though one did a moment ago and others are queued."""

import asyncio
from collections.abc import Callable

from core.clock import Clock
from core.run import Run, RunState, Status

SECONDS = 1.0
"""For which a run may still be said to run: mostly its next job has begun by then, and both would
be written and told."""


class BetweenJobs:
    """`remind` is called with a run's id when its state should be looked at again."""

    def __init__(self, clock: Clock, remind: Callable[[str], None]) -> None:
        self._clock = clock
        self._remind = remind
        self._since: dict[str, float] = {}

    def holds(self, run: Run, status: Status) -> bool:
        """Whether the run's state may stay what it is, though this one is derived now."""
        if (run.status.state, status.state) != (RunState.RUNNING, RunState.QUEUED):
            self.forget(run.id)
            return False
        now = self._clock.elapsed()
        if run.id not in self._since:
            self._since[run.id] = now
            asyncio.get_running_loop().call_later(SECONDS, self._remind, run.id)
        return now - self._since[run.id] < SECONDS

    def forget(self, run: str) -> None:
        """Its state is what was derived."""
        self._since.pop(run, None)

    def all(self) -> list[str]:
        """The runs that are waited with."""
        return list(self._since)
