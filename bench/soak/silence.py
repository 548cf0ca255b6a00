"""How long runs stand still without saying why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.clock import Clock
from core.job import Job
from core.run import Run, RunState

Mark = tuple[object, ...]
"""What changes whenever a run gets on."""


@dataclass(slots=True)
class _Seen:
    mark: Mark
    at: float


class Silences:
    """Is shown the open runs again and again. `worst`: the longest time, in seconds, that one was
    seen unchanged and without a reason; `seen`, `explained`: runs, and those that had a reason."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[str, _Seen] = {}
        self._runs: set[str] = set()
        self._explained: set[str] = set()
        self.worst = 0.0

    @property
    def seen(self) -> int:
        return len(self._runs)

    @property
    def explained(self) -> int:
        return len(self._explained)

    def look(self, runs: Sequence[Run], jobs: Mapping[str, Sequence[Job]]) -> None:
        """These are the open runs now, with their jobs."""
        now = self._clock.elapsed()
        before, self._open = self._open, {}
        for run in runs:
            mark = _mark(run, jobs.get(run.id, ()))
            last = before.get(run.id)
            if last is None or last.mark != mark or _says_why(run):
                last = _Seen(mark, now)
            self._open[run.id] = last
            self.worst = max(self.worst, now - last.at)
            self._runs.add(run.id)
            if _says_why(run):
                self._explained.add(run.id)


def _mark(run: Run, jobs: Sequence[Job]) -> Mark:
    work = tuple((job.id, job.state, job.progress.read) for job in jobs)
    return (run.status.state, work)


def _says_why(run: Run) -> bool:
    """Its wait, or that it was paused."""
    return run.status.wait is not None or run.status.state is RunState.PAUSED
