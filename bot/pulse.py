"""What only shows over time: rates, and waits that last."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.job import Job, JobState, Progress, Wait
from core.run import CHOOSING, Run, RunState, total_progress
from core.task import Step

WINDOW_SECONDS = 20.0
ENOUGH_SECONDS = 5.0
LONG_WAIT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A run at one moment. `rate` in messages a second and `left` in seconds, once known;
    `waits`: those that last over ten seconds. `state` leaves shorter ones out.
    """

    state: RunState
    progress: Progress
    rate: float | None = None
    left: float | None = None
    waits: tuple[Wait, ...] = ()


@dataclass(slots=True)
class _Memory:
    samples: deque[tuple[float, int]] = field(default_factory=deque)
    waits: dict[tuple[str, str, datetime | None], datetime] = field(default_factory=dict)


class Pulse:
    """Remembers a little of each open run; after a restart it needs five seconds to know again."""

    def __init__(self) -> None:
        self._runs: dict[str, _Memory] = {}

    def beat(self, run: Run, jobs: list[Job], *, now: datetime, elapsed: float) -> Beat:
        """The run now; `elapsed` is the clock that only grows."""
        memory = self._runs.setdefault(run.id, _Memory())
        progress = total_progress(job for job in jobs if job.step is Step.HISTORY)
        rate = _rate(memory, progress.new, elapsed) if run.is_open() else None
        waits = _lasting(memory, jobs, now) if run.is_open() else ()
        if run.status.wait == CHOOSING and run.chosen_at is None:
            waits = (CHOOSING, *waits)
        return Beat(
            state=_shown_state(run, jobs, waits),
            progress=progress,
            rate=rate,
            left=_left(progress, rate),
            waits=waits,
        )

    def keep(self, runs: Iterable[str]) -> None:
        """Forget every other run."""
        kept = set(runs)
        for run in [run for run in self._runs if run not in kept]:
            del self._runs[run]


def _rate(memory: _Memory, read: int, elapsed: float) -> float | None:
    samples = memory.samples
    if samples and read < samples[-1][1]:
        samples.clear()
    samples.append((elapsed, read))
    while len(samples) > 2 and elapsed - samples[1][0] >= WINDOW_SECONDS:
        samples.popleft()
    first, before = samples[0]
    if elapsed - first < ENOUGH_SECONDS:
        return None
    return (read - before) / (elapsed - first)


def _left(progress: Progress, rate: float | None) -> float | None:
    if not rate or progress.total is None or progress.total <= progress.read:
        return None
    return (progress.total - progress.read) / rate


def _lasting(memory: _Memory, jobs: list[Job], now: datetime) -> tuple[Wait, ...]:
    seen: dict[tuple[str, str, datetime | None], datetime] = {}
    lasting: dict[str, Wait] = {}
    for job in jobs:
        if job.wait is None:
            continue
        key = (job.id, job.wait.why, job.wait.until)
        since = seen[key] = memory.waits.get(key, now)
        end = job.wait.until or now
        if max(end, now) - since > LONG_WAIT:
            lasting[job.wait.why] = _later(lasting.get(job.wait.why), job.wait)
    memory.waits = seen
    return tuple(lasting.values())


def _later(one: Wait | None, other: Wait) -> Wait:
    if one is None or one.until is None or other.until is None:
        return other
    return one if one.until >= other.until else other


def _shown_state(run: Run, jobs: list[Job], waits: tuple[Wait, ...]) -> RunState:
    if run.status.state is not RunState.WAITING or waits:
        return run.status.state
    if run.status.wait == CHOOSING:
        return RunState.RUNNING
    begun = any(job.started_at is not None or job.state is JobState.RUNNING for job in jobs)
    return RunState.RUNNING if begun else RunState.QUEUED
