"""What may be done with a task. No Telegram in here."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.access import require
from bot.errors import BotError, Gone
from bot.features.runs.service import RunService
from core.account import Account
from core.clock import Clock
from core.operator import Operator, Role
from core.run import Intent, Run
from core.task import Task, TaskState
from db.database import Database

STOP_PATIENCE = timedelta(seconds=15)
POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """A page of the list, from 0; `used` are the accounts that worked on each task's last run."""

    tasks: tuple[Task, ...]
    runs: dict[str, Run]
    used: dict[str, tuple[int, ...]]
    accounts: dict[int, Account]
    page: int
    pages: int
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """One task and its open run, else its newest."""

    task: Task
    run: Run | None
    used: tuple[int, ...]
    accounts: dict[int, Account]
    now: datetime


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
        used = {task: await self._used(run) for task, run in runs.items()}
        return TaskPage(
            tasks=tuple(tasks),
            runs=runs,
            used=used,
            accounts=await self._crew(),
            page=page,
            pages=pages,
            now=self._clock.now(),
        )

    async def view(self, task: str) -> TaskView:
        """One task. Raises Gone."""
        found = await self.get(task)
        run = await self._database.runs.current_of(task)
        return TaskView(
            task=found,
            run=run,
            used=() if run is None else await self._used(run),
            accounts=await self._crew(),
            now=self._clock.now(),
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
        found = await self.get(task)
        if found.state is TaskState.DELETING:
            raise Gone("error-task-gone")
        now = self._clock.now()
        run = await self._database.runs.open(found, due=now, now=now)
        if run is None:
            raise BotError("error-running-already", number=str(found.number))
        return run

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

    async def set_paused(self, operator: Operator, task: str, *, paused: bool) -> Task:
        """Let a schedule rest, or go on."""
        require(operator, Role.OPERATOR)
        await self.get(task)
        state = TaskState.PAUSED if paused else TaskState.ACTIVE
        await self._database.tasks.set_state(task, state)
        return await self.get(task)

    async def begin_delete(self, operator: Operator, task: str) -> Task:
        """Let the task be as good as gone; `finish_delete` does the rest, after a restart too."""
        require(operator, Role.OPERATOR)
        found = await self.get(task)
        await self._database.tasks.set_state(task, TaskState.DELETING)
        return found

    async def finish_delete(self, task: str) -> bool:
        """Remove jobs, runs and the task once nothing runs; False when its run does not end.

        Messages stay. Without any worker nothing can run, so nothing is waited for.
        """
        deadline = self._clock.now() + STOP_PATIENCE
        while await self._runs_still(task):
            if self._clock.now() >= deadline:
                return False
            await asyncio.sleep(POLL_SECONDS)
        await self._database.jobs.delete_of(task)
        await self._database.runs.delete_of(task)
        await self._database.tasks.delete(task)
        return True

    async def finish_deletions(self) -> None:
        """Remove every task whose deletion was begun before the bot was stopped."""
        while tasks := await self._database.tasks.deleting():
            for task in tasks:
                await self.finish_delete(task.id)

    async def _runs_still(self, task: str) -> bool:
        run = await self._database.runs.open_of(task)
        if run is None:
            return False
        if run.intent is not Intent.CANCEL:
            await self._runs.cancel(run.id)
        return bool(await self._database.accounts.live_tokens())

    async def _used(self, run: Run) -> tuple[int, ...]:
        jobs = await self._database.jobs.of_run(run.id)
        return tuple(dict.fromkeys(job.account for job in jobs if job.account is not None))

    async def _crew(self) -> dict[int, Account]:
        return {account.id: account for account in await self._database.accounts.all()}
