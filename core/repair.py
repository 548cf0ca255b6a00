"""From a run to one that closes what is unknown of its chats. All pure."""

from collections.abc import Iterable
from dataclasses import replace

from core.job import Job
from core.run import Run
from core.task import Step, TaskSpec

_READING = frozenset({Step.HISTORY, Step.LISTEN})


def repairing(run: Run, jobs: Iterable[Job]) -> TaskSpec:
    """The spec of the run that reads on: the chats that `run` reached and what belongs to them.

    Nothing is searched, joined or listened to; no limit and no date bounds what is read, but a
    topic does. What is proven is not read again, as in every run.
    """
    reached = dict.fromkeys(
        job.source
        for job in jobs
        if job.step in _READING and job.part is None and job.chat is not None
    )
    history = replace(
        run.spec.history, limit=None, since=None, until=None, from_id=None, comments=False
    )
    return replace(run.spec, sources=tuple(reached), steps=(Step.HISTORY,), history=history)
