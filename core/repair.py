"""From a run to what closes the unknown of its chats: a run of its own, or more jobs. All pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from core.job import Family, Job, JobState
from core.options import HistoryOptions
from core.run import Run
from core.task import Step, TaskSpec

_READING = frozenset({Step.HISTORY, Step.LISTEN})


def repairing(run: Run, jobs: Iterable[Job]) -> TaskSpec:
    """The spec of the run that reads on: the chats that `run` reached and what belongs to them.

    Nothing is searched, joined or listened to; no limit and no date bounds what is read, but a
    topic does. What is proven is not read again, as in every run.
    """
    reached = tuple(_reached(jobs))
    return replace(run.spec, sources=reached, steps=(Step.HISTORY,), history=_unbounded(run))


def repair_jobs(run: Run, jobs: Iterable[Job], now: datetime) -> list[Job]:
    """The jobs that do the same inside a run that listens, and so has no end to wait for. Each
    chat is for one account: nothing leads on from them. The ids are those of the next repair.
    """
    every = list(jobs)
    before = f"{run.id}:r"
    number = len({job.id[: len(before) + 3] for job in every if job.id.startswith(before)})
    return [
        Job(
            id=f"{before}{number:03d}{place:04d}",
            run=run.id,
            task=run.task,
            step=Step.HISTORY,
            source=source,
            options=replace(_unbounded(run), split=False),
            keys=reader.keys,
            family=Family.HISTORY,
            state=JobState.QUEUED,
            created_at=now,
        )
        for place, (source, reader) in enumerate(_reached(every).items())
    ]


def _reached(jobs: Iterable[Job]) -> dict[str, Job]:
    """The sources that were reached, each with the job that was the first to."""
    found: dict[str, Job] = {}
    for job in jobs:
        if job.step in _READING and job.part is None and job.chat is not None:
            found.setdefault(job.source, job)
    return found


def _unbounded(run: Run) -> HistoryOptions:
    history = replace(run.spec.history, limit=None, since=None, until=None, last=None)
    return replace(history, from_id=None, comments=False)
