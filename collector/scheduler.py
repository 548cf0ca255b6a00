"""Tasks that are due become runs: each due time one run, however many workers watch.

`tasks.next_due` is the truth. APScheduler only wakes us; its jobs live in memory, are rebuilt from
the tasks, and carry nothing but a time.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from collector.listening.succession import Succession
from collector.run_keeper import RunKeeper
from core.clock import Clock
from core.run import OpenedBy
from core.schedule import next_due, quiet_until
from core.task import Schedule, Task
from core.trusted_clock import TimeJudge
from db.database import Database

log = structlog.get_logger(__name__)

LATE_SECONDS = 3600

HORIZON = timedelta(minutes=1)
"""How far ahead timers are set; who looks every few seconds needs none for what is farther."""

LATE = timedelta(minutes=1)
"""From when on people are told that a time was missed."""


class Scheduler:
    """One worker's share of firing schedules."""

    def __init__(
        self, database: Database, keeper: RunKeeper, clock: Clock, trusted: TimeJudge
    ) -> None:
        self._database = database
        self._trusted = trusted
        self._succession = Succession(database, keeper, clock)
        self._clock = clock
        self._looked_at = clock.now()
        self._wake = asyncio.Event()
        self._timers = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={
                "misfire_grace_time": LATE_SECONDS,
                "coalesce": True,
                "max_instances": 1,
            },
        )

    async def run(self) -> None:
        """Fire for ever; `poke` after a change of the tasks."""
        self._timers.start()
        try:
            while True:
                self._wake.clear()
                await self._wake.wait()
                await self._database.outage.attempt("schedule", self._look)
        finally:
            self._timers.shutdown(wait=False)

    async def _look(self) -> None:
        await self.fire_due()
        await self.sync()

    def poke(self) -> None:
        """Look again now."""
        self._wake.set()

    async def sync(self) -> None:
        """Set one timer a task, at its next time, if that is near and was not looked at yet."""
        near = await self._database.tasks.scheduled(before=self._clock.now() + HORIZON)
        wanted = {task.id: task.next_due for task in near}
        for timer in self._timers.get_jobs():
            if wanted.get(timer.id) != timer.next_run_time:
                timer.remove()
        present = {timer.id for timer in self._timers.get_jobs()}
        for task, due in wanted.items():
            if due is not None and due > self._looked_at and task not in present:
                self._timers.add_job(self._ring, DateTrigger(due), id=task)

    async def fire_due(self) -> None:
        """Open the runs whose time has come; a time that was missed fires once.

        None while the clock is known to be wrong. Until it is proven to be right no time is skipped
        and no task ends: those that would have to wait.
        """
        judged = self._trusted.judge()
        self._looked_at = judged.now
        if judged.timed is None:
            return
        for task in await self._database.tasks.due(judged.now):
            if judged.proven or _is_one_step(task, judged.now):
                await self._fire(task, judged.now)

    async def _ring(self) -> None:
        self._wake.set()

    async def _fire(self, task: Task, now: datetime) -> None:
        due = task.next_due
        if due is None:
            return
        if (loud := _loud(task.schedule, now)) != now:
            await self._database.tasks.move_due(task.id, was=due, to=loud)
            return
        continues = await self._succession.make_way(task, due)
        run = await self._database.runs.open(
            task,
            due=due,
            now=now,
            by=OpenedBy.SCHEDULE,
            late=now - due > LATE,
            continues=continues,
        )
        if run is None and await self._is_to_wait(task, due):
            return
        if run is not None:
            late = round((now - due).total_seconds(), 1)
            log.info("schedule.fired", task=task.id, due=due.isoformat(), late=late)
        elif not await self._database.runs.has_due(task.id, due):
            log.info("schedule.skipped", task=task.id, due=due.isoformat(), reason="still running")
        await self._database.tasks.move_due(
            task.id, was=due, to=next_due(task.schedule, max(due, now))
        )

    async def _is_to_wait(self, task: Task, due: datetime) -> bool:
        """Whether the due time may still have its run: the task was changed since it was read, or
        its open run has ended since, or is about to.
        """
        fresh = await self._database.tasks.get(task.id)
        if fresh is None or fresh.rev != task.rev or fresh.next_due != due:
            return True
        if await self._database.runs.has_due(task.id, due):
            return False
        run = await self._database.runs.open_of(task.id)
        return run is None or run.continued_at == due


def _is_one_step(task: Task, now: datetime) -> bool:
    """Whether firing leaves every later time of the task as it is."""
    if task.next_due is None or (loud := _loud(task.schedule, now)) is None:
        return False
    to = loud if loud != now else next_due(task.schedule, max(task.next_due, now))
    following = next_due(task.schedule, task.next_due)
    return to is not None and following is not None and to <= following


def _loud(schedule: Schedule, now: datetime) -> datetime | None:
    """When a time that has come may fire: not in quiet hours, nor long after the end."""
    moment = quiet_until(schedule, now) or now
    over = schedule.ends_at is not None and moment > schedule.ends_at + LATE
    return None if over else moment
