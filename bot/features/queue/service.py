"""What runs, and what waits for what. No Telegram in here."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.features.runs.steps import Unheard, listening_of, titled_unheard
from bot.titles import Titles, find_titles, titled_jobs, titled_run
from core.clock import Clock
from core.job import Job, JobState, Wait
from core.run import Run
from core.task import Step
from db.database import Database

SIZE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A reason to wait with its soonest end, and the jobs that do; none where it is the run's."""

    wait: Wait
    jobs: tuple[Job, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedRun:
    """An open run: its jobs that run and that are queued, and what jobs of it wait for. `begun`: it
    has jobs at all. `unheard`: what it is to listen to and nobody can read.
    """

    run: Run
    running: int
    queued: int
    waits: tuple[Waiting, ...]
    begun: bool
    unheard: tuple[Unheard, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """A page of the open runs, from 0, oldest first; the counts are of the whole crew."""

    runs: tuple[QueuedRun, ...]
    running: int
    queued: int
    open: int
    page: int
    pages: int
    now: datetime


class QueueService:
    """Looks; what is to be changed is on the cards."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def page(self, page: int) -> QueuePage:
        """One page; a number beyond the last gives the last."""
        total = await self._database.runs.count_open()
        pages = max((total + SIZE - 1) // SIZE, 1)
        page = min(page, pages - 1)
        runs = await self._database.runs.page_open(page, SIZE)
        jobs = await self._database.jobs.of_runs(run.id for run in runs)
        counts = await self._database.jobs.count_by_state()
        titles = await find_titles(self._database, runs, jobs)
        return QueuePage(
            runs=tuple(
                [await self._queued(run, jobs[run.id], titles.get(run.id, {})) for run in runs]
            ),
            running=counts.get(JobState.RUNNING, 0),
            queued=counts.get(JobState.QUEUED, 0),
            open=total,
            page=page,
            pages=pages,
            now=self._clock.now(),
        )

    async def _queued(self, run: Run, jobs: Sequence[Job], titles: Titles) -> QueuedRun:
        unheard: tuple[Unheard, ...] = ()
        if Step.LISTEN in run.spec.steps:
            unheard = listening_of(await self._database.subscriptions.of_run(run.id)).unheard
        unheard = titled_unheard(unheard, titles)
        return queued_run(titled_run(run, titles), titled_jobs(jobs, titles), unheard)


def queued_run(run: Run, jobs: Sequence[Job], unheard: tuple[Unheard, ...] = ()) -> QueuedRun:
    """What a run does and waits for."""
    states = Counter(job.state for job in jobs)
    waits: dict[str, list[tuple[Wait, Job]]] = {}
    for job in jobs:
        if job.wait is not None and job.state in {JobState.QUEUED, JobState.RUNNING}:
            waits.setdefault(job.wait.why, []).append((job.wait, job))
    found = [
        Waiting(wait=_soonest([wait for wait, _ in several]), jobs=tuple(job for _, job in several))
        for several in waits.values()
    ]
    if run.status.wait is not None and run.status.wait.why not in waits:
        found.append(Waiting(wait=run.status.wait))
    return QueuedRun(
        run=run,
        running=states[JobState.RUNNING],
        queued=states[JobState.QUEUED],
        waits=tuple(found),
        begun=bool(jobs),
        unheard=unheard,
    )


def _soonest(waits: list[Wait]) -> Wait:
    timed = [wait for wait in waits if wait.until is not None]
    return min(
        timed, key=lambda wait: wait.until.timestamp() if wait.until else 0.0, default=waits[0]
    )
