"""A due time of a task whose open run only listens: that run ends, and the next one goes on.

The old run is marked, then closed, then the new one is opened, then the readers are handed over.
Each of these is guarded and may be done by any worker, again and after a crash: the due time stays
until the new run is there, and chats are read all the while for a run that is marked.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import structlog

from collector.run_keeper import RunKeeper
from core.clock import Clock
from core.run import Run
from core.succession import Heir, heir_of, inherits, only_listens
from core.task import Task
from db.database import Database

log = structlog.get_logger(__name__)

PATIENCE = timedelta(minutes=10)
"""How long chats are read for a run that ended while the next one is not there."""


class Succession:
    """Ends runs in favour of others, and tells who takes over what they listened to."""

    def __init__(self, database: Database, keeper: RunKeeper, clock: Clock) -> None:
        self._database = database
        self._keeper = keeper
        self._clock = clock

    async def make_way(self, task: Task, due: datetime) -> bool:
        """End the task's open run if it only listens; whether the run of this time goes on with it.

        A due time that had its run ends no other.
        """
        runs = self._database.runs
        if await runs.has_due(task.id, due):
            return False
        run = await runs.open_of(task.id)
        if run is not None and await self._is_over(run, due):
            await self._keeper.derive(run.id)
        before = await runs.before(task.id, due)
        if before is None:
            return False
        chats = await self._database.subscriptions.of_run(before.id)
        return any(inherits(before, task.spec, chat.source) for chat in chats)

    async def _is_over(self, run: Run, due: datetime) -> bool:
        """Whether the run is to end for the one of `due`, now or since a crash."""
        if run.continued_at is not None:
            return run.continued_at == due
        if run.due >= due or not only_listens(run, await self._database.jobs.of_run(run.id)):
            return False
        marked = await self._database.runs.continued(run, due)
        if marked:
            log.info("run.continued", run=run.id, task=run.task, due=due.isoformat())
        return marked

    async def heirs(self, runs: Collection[str]) -> Mapping[str, Heir]:
        """Of these runs that were not seen open: those whose readers stay or are taken over."""
        found: dict[str, Heir] = {}
        for run in await self._database.runs.of_ids(list(runs)) if runs else ():
            heir = await self._heir(run)
            if heir is not None:
                found[run.id] = heir
        return found

    async def _heir(self, run: Run) -> Heir | None:
        if run.is_open():
            return Heir()
        if run.continued_at is None:
            return None
        following = await self._database.runs.open_of(run.task)
        if following is not None:
            return heir_of(run, following)
        ended = run.ended_at or run.created_at
        return Heir() if self._clock.now() - ended < PATIENCE else None
