"""Runs: one execution of a task, whose state is derived from its intent and its jobs."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from core.job import ENDED, Job, JobState, Progress, Skipped, Wait
from core.task import AccountPolicy, Step, TaskSpec


class Intent(StrEnum):
    """What the operator wants of a run."""

    GO = "go"
    PAUSE = "pause"
    CANCEL = "cancel"


class RunState(StrEnum):
    """Derived by `derive`; never decided anywhere else."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    PAUSED = "paused"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_STATES = frozenset({RunState.QUEUED, RunState.RUNNING, RunState.WAITING, RunState.PAUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The message of the bot that shows a run."""

    chat: int
    message: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The derived state of a run; `wait` only with `waiting`."""

    state: RunState
    wait: Wait | None = None


class OpenedBy(StrEnum):
    """Why a run is being opened, which says what its task has to be for it.

    `schedule`: active, and due at this very time. `operator`: not deleted. `retry`: the same, for a
    run that had ended.
    """

    SCHEDULE = "schedule"
    OPERATOR = "operator"
    RETRY = "retry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A run that its task has not agreed to yet. `rev`: of the task whose spec it froze, None where
    that does not matter; `policy`: the accounts that a retry is for.
    """

    id: str
    by: OpenedBy
    rev: int | None = None
    policy: AccountPolicy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of a task. `due` is the scheduled time, or when Start was pressed.

    `planned`: no job is added any more. `asks`: the operator is to choose among the found groups;
    `chosen_at`: when that was done. `late`: a time that was missed, and fired when it could.
    `continues`: it goes on listening for the run before it; `continued_at`: the due time of the run
    that goes on for this one, which ends for it. `opening`: nothing of it may begin yet, since its
    task may be paused or gone. `deaf`: the sources of which it was told that nobody hears them.
    """

    id: str
    task: str
    number: int
    owner: int
    spec: TaskSpec
    due: datetime
    intent: Intent
    status: Status
    rev: int
    planned: bool
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    card: Card | None = None
    asks: bool = False
    chosen_at: datetime | None = None
    late: bool = False
    continues: bool = False
    continued_at: datetime | None = None
    opening: Opening | None = None
    deaf: tuple[str, ...] = ()

    def is_open(self) -> bool:
        """Whether work may still happen in it."""
        return self.status.state in OPEN_STATES


CHOOSING = Wait(why="choose_groups")
"""The operator is to tick the groups that shall be joined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What of a run's jobs decides its state. `running`, `queued`: the wait of one of them, if all
    of that state wait; `listening`: live readers were begun.
    """

    states: frozenset[JobState] = frozenset()
    running: Wait | None = None
    queued: Wait | None = None
    listening: bool = False

    @classmethod
    def of(cls, jobs: Iterable[Job]) -> "Standing":
        """That of these jobs."""
        every = tuple(jobs)
        return cls(
            states=frozenset(job.state for job in every),
            running=_common_wait(job.wait for job in every if job.state is JobState.RUNNING),
            queued=_common_wait(job.wait for job in every if job.state is JobState.QUEUED),
            listening=listens(every),
        )


def derive(
    intent: Intent,
    jobs: Iterable[Job] | Standing,
    *,
    planned: bool,
    asks: bool = False,
    continues: bool = False,
    continued: bool = False,
) -> Status:
    """The state of a run: the only place that decides it.

    A run that listens, since its jobs began to or as it `continues` another, has no end of its own:
    it is running until its operator stops it, or until it is `continued` by the next one.
    """
    seen = jobs if isinstance(jobs, Standing) else Standing.of(jobs)
    over = seen.states <= ENDED
    listening = continues or seen.listening
    stopped = intent is Intent.CANCEL
    if planned and over and (stopped or continued or not listening):
        return Status(state=RunState.CANCELLED if stopped and listening else _ending(seen.states))
    if intent is Intent.PAUSE and JobState.RUNNING not in seen.states:
        return Status(state=RunState.PAUSED)
    if JobState.RUNNING in seen.states:
        return _waiting_or(RunState.RUNNING, seen.running)
    if asks and over:
        return Status(state=RunState.WAITING, wait=CHOOSING)
    if planned and over:
        return Status(state=RunState.RUNNING)
    return _waiting_or(RunState.QUEUED, seen.queued)


def listens(jobs: Iterable[Job]) -> bool:
    """Whether live readers were begun for the run: each done `listen` job is one chat's."""
    return any(job.step is Step.LISTEN and job.state is JobState.DONE for job in jobs)


def total_progress(jobs: Iterable[Job]) -> Progress:
    """The counts of a run; `total` only when every job that has not ended knows its own."""
    every = [job.progress for job in jobs]
    totals = [progress.total for progress in every]
    return Progress(
        read=sum(progress.read for progress in every),
        new=sum(progress.new for progress in every),
        known=sum(progress.known for progress in every),
        total=None if None in totals else sum(total or 0 for total in totals),
        found=sum(progress.found for progress in every),
        files=sum(progress.files for progress in every),
        skipped=total_skipped(progress.skipped for progress in every),
        undecoded=sum(progress.undecoded for progress in every),
    )


def total_skipped(counts: Iterable[Skipped]) -> Skipped:
    """The sum, reason by reason."""
    every = list(counts)
    names = [one.name for one in fields(Skipped)]
    return Skipped(**{name: sum(getattr(one, name) for one in every) for name in names})


def _ending(states: Collection[JobState]) -> RunState:
    if JobState.CANCELLED in states:
        return RunState.CANCELLED
    if JobState.FAILED not in states:
        return RunState.DONE
    return RunState.FAILED if JobState.DONE not in states else RunState.PARTIAL


def _common_wait(waits: Iterable[Wait | None]) -> Wait | None:
    every = list(waits)
    return every[0] if every and all(every) else None


def _waiting_or(state: RunState, wait: Wait | None) -> Status:
    return Status(state=state) if wait is None else Status(state=RunState.WAITING, wait=wait)
