"""What may be done with a task. No Telegram in here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.access import require
from bot.errors import BotError, Gone
from bot.features.runs.service import RunService
from bot.features.runs.steps import listening_of
from bot.titles import Title, Titles, find_titles, titles_of
from core.account import Account
from core.clock import Clock
from core.job import Job, JobState
from core.operator import Operator, Role
from core.run import Intent, Run, listens
from core.schedule import next_due, next_times
from core.succession import only_listens
from core.task import Step, Task, TaskState
from core.trusted_clock import ClockSign
from core.worker import why_all_wait
from db.database import Database

SHOWN_TIMES = 3


class Ears(StrEnum):
    """How much a run that listens hears of its chats."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


MOST_WORKERS = 100
"""Workers whose clocks are looked at, the latest started first."""

TRIES = 5
"""Openings of a run whose task others change meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """A page of the list, from 0; `used` are the accounts that worked on each task's last run.
    `earlier`: chats of earlier tasks about which nobody decided. `clock`: why no schedule
    fires now.
    """

    tasks: tuple[Task, ...]
    runs: dict[str, Run]
    used: dict[str, tuple[int, ...]]
    accounts: dict[int, Account]
    page: int
    pages: int
    now: datetime
    earlier: int = 0
    clock: ClockSign | None = None
    titles: Mapping[str, Titles] = field(default_factory=dict)
    ears: Mapping[str, Ears] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """One task and its open run, else its newest. `times`: when it fires next; `failed`: some of
    the run failed and can be begun again now; `clock`: why no schedule fires now.
    """

    task: Task
    run: Run | None
    used: tuple[int, ...]
    accounts: dict[int, Account]
    now: datetime
    times: tuple[datetime, ...] = ()
    failed: bool = False
    clock: ClockSign | None = None
    titles: Titles = field(default_factory=dict)
    ears: Ears | None = None


class TaskService:
    """The list of tasks, and what their cards offer."""

    def __init__(self, database: Database, clock: Clock, runs: RunService) -> None:
        self._database = database
        self._clock = clock
        self._runs = runs

    async def page(self, page: int) -> TaskPage:
        """One page; a number beyond the last gives the last."""
        size = 6
        tasks, total = await self._database.tasks.page(page, size)
        pages = max((total + size - 1) // size, 1)
        if page >= pages:
            page = pages - 1
            tasks, total = await self._database.tasks.page(page, size)
        runs = await self._database.runs.current_of_each([task.id for task in tasks])
        jobs = await self._database.jobs.of_runs(run.id for run in runs.values())
        used = {task: _used(jobs[run.id]) for task, run in runs.items()}
        return TaskPage(
            tasks=tuple(tasks),
            runs=runs,
            used=used,
            accounts=await self._crew(),
            page=page,
            pages=pages,
            now=self._clock.now(),
            earlier=await self._database.claims.count_earlier(undecided=True),
            clock=await self._why_all_wait(),
            titles=await self._titles(tasks, runs, jobs),
            ears=await self._ears(runs, jobs),
        )

    async def view(self, task: str) -> TaskView:
        """One task. Raises Gone."""
        found = await self.get(task)
        run = await self._database.runs.current_of(task)
        jobs = [] if run is None else await self._database.jobs.of_run(run.id)
        newest = {} if run is None else {task: run}
        of_run = {one.id: jobs for one in newest.values()}
        titles = await self._titles([found], newest, of_run)
        return TaskView(
            titles=titles[task],
            ears=(await self._ears(newest, of_run)).get(task),
            task=found,
            times=_times(found),
            run=run,
            used=_used(jobs),
            failed=run is not None and _may_retry(run, jobs),
            accounts=await self._crew(),
            now=self._clock.now(),
            clock=await self._why_all_wait(),
        )

    async def get(self, task: str) -> Task:
        """The task. Raises Gone."""
        found = await self._database.tasks.get(task)
        if found is None:
            raise Gone("error-task-gone")
        return found

    async def start(self, operator: Operator, task: str) -> Run:
        """A new run, which reads only what is not proven yet."""
        require(operator, Role.OPERATOR)
        for _ in range(TRIES):
            found = await self.get(task)
            if found.state is TaskState.DELETING:
                raise Gone("error-task-gone")
            now = self._clock.now()
            run = await self._database.runs.open(found, due=now, now=now)
            if run is not None:
                return run
            fresh = await self._database.tasks.get(task)
            if fresh is not None and fresh.rev == found.rev:
                raise BotError("error-running-already", number=str(found.number))
            if fresh is not None and fresh.state is not found.state:
                break
        raise BotError("error-edited-meanwhile")

    async def last_run(self, task: str) -> str:
        """The id of the run that the task's card shows. Raises BotError where there is none."""
        found = await self.get(task)
        run = await self._database.runs.current_of(task)
        if run is None:
            raise BotError("error-nothing-failed", number=str(found.number))
        return run.id

    async def stop(self, operator: Operator, task: str) -> Run:
        """Stop the open run."""
        require(operator, Role.OPERATOR)
        found = await self.get(task)
        run = await self._database.runs.open_of(task)
        if run is None:
            raise BotError("error-run-ended", number=str(found.number))
        return await self._runs.stop(operator, run.id)

    async def pause(self, operator: Operator, task: str) -> Run | None:
        """Let the open run and the schedule rest; the run, if there is one."""
        require(operator, Role.OPERATOR)
        found = await self.get(task)
        if _fires(found):
            await self._database.tasks.set_state(task, TaskState.PAUSED)
        await self._database.runs.settle_of(task)
        run = await self._database.runs.open_of(task)
        if run is not None and run.intent is Intent.CANCEL:
            raise BotError("error-stopping-already", number=str(found.number))
        if run is not None:
            await self._database.runs.set_intent(run.id, Intent.PAUSE)
            await self._database.jobs.hold(run.id)
        elif not _fires(found):
            raise BotError("error-run-ended", number=str(found.number))
        return run

    async def resume(self, operator: Operator, task: str) -> Run | None:
        """Let both go on: what was due meanwhile is not made up for; the run, if there is one."""
        require(operator, Role.OPERATOR)
        found = await self.get(task)
        await self._database.tasks.resume(task, next_due(found.schedule, self._clock.now()))
        run = await self._database.runs.open_of(task)
        if run is not None and run.intent is Intent.PAUSE:
            await self._database.runs.set_intent(run.id, Intent.GO)
            await self._database.jobs.unhold(run.id)
        return run

    async def _ears(
        self, runs: Mapping[str, Run], jobs: Mapping[str, Sequence[Job]]
    ) -> dict[str, Ears]:
        """How the open runs of these tasks listen that do nothing else."""
        ears: dict[str, Ears] = {}
        for task, run in runs.items():
            if Step.LISTEN in run.spec.steps and only_listens(run, jobs[run.id]):
                told = listening_of(await self._database.subscriptions.of_run(run.id))
                silent = len(told.unheard)
                hears = Ears.SOME if silent else Ears.ALL
                ears[task] = Ears.NONE if silent and silent == told.all else hears
        return ears

    async def _titles(
        self, tasks: Sequence[Task], runs: Mapping[str, Run], jobs: Mapping[str, Sequence[Job]]
    ) -> dict[str, dict[str, Title]]:
        """What is behind the private sources of each task, by its newest run too."""
        found = await find_titles(self._database, runs.values(), jobs)
        return {
            task.id: titles_of(task.spec, found.get(runs[task.id].id) if task.id in runs else None)
            for task in tasks
        }

    async def _why_all_wait(self) -> ClockSign | None:
        workers, _ = await self._database.workers.page(0, MOST_WORKERS)
        return why_all_wait(workers)

    async def _crew(self) -> dict[int, Account]:
        return {account.id: account for account in await self._database.accounts.all()}


def _used(jobs: Sequence[Job]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(job.account for job in jobs if job.account is not None))


def _may_retry(run: Run, jobs: Sequence[Job]) -> bool:
    """Of an open run only while it listens: any other offers it at its end."""
    failed = any(job.state is JobState.FAILED for job in jobs)
    listening = run.intent is Intent.GO and (run.continues or listens(jobs))
    return failed and (listening or not run.is_open())


def _fires(task: Task) -> bool:
    return task.schedule.repeats() or task.next_due is not None


def _times(task: Task) -> tuple[datetime, ...]:
    if task.next_due is None or task.state is not TaskState.ACTIVE:
        return ()
    return (task.next_due, *next_times(task.schedule, task.next_due, SHOWN_TIMES - 1))
