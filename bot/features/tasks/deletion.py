"""Deleting a task: what would go with it, and the way there. No Telegram in here."""

import asyncio
from dataclasses import dataclass

from bot.access import require
from bot.errors import Gone
from bot.features.runs.service import RunService
from bot.holders import Holders
from bot.ownership import Ownership
from core.chat import Chat
from core.clock import Clock
from core.operator import Operator, Role
from core.run import Intent
from core.task import Task
from db.database import Database

STOP_PATIENCE = 15.0
"""Seconds for a run to end."""

POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What deleting a task with its messages removes: of `chats` all that is stored.

    `shared`: chats that another task collected or names as well; their messages stay, as do those
    of `earlier` ones, which an earlier task collected, too. `left`: the chats that accounts leave,
    and `kept` those that they joined for the task and that others use as well.
    """

    task: Task
    chats: tuple[Chat, ...]
    messages: int
    shared: tuple[Chat, ...]
    earlier: tuple[Chat, ...] = ()
    left: tuple[Chat, ...] = ()
    kept: tuple[Chat, ...] = ()


class Deletions:
    """Begun at once, finished when the task's run has ended, after a restart too."""

    def __init__(
        self, database: Database, clock: Clock, runs: RunService, holders: Holders
    ) -> None:
        self._database = database
        self._holders = holders
        self._clock = clock
        self._runs = runs
        self._ownership = Ownership(database, clock)

    async def ask(self, task: str) -> Loss:
        """What would go. Raises Gone."""
        found = await self._get(task)
        own, shared, earlier = await self._chats(found)
        joined = await self._joined(found)
        shared_ids = {chat.id for chat in shared}
        counts = [await self._database.tallies.of_chat(chat.id) for chat in own]
        return Loss(
            task=found,
            chats=tuple(own),
            messages=sum(counts),
            shared=tuple(shared),
            earlier=tuple(earlier),
            left=tuple(chat for chat in joined if chat.id not in shared_ids),
            kept=tuple(chat for chat in joined if chat.id in shared_ids),
        )

    async def begin(self, operator: Operator, task: str, *, purge: bool) -> Task:
        """Let the task be as good as gone; `finish` does the rest."""
        require(operator, Role.OPERATOR)
        await self._get(task)
        await self._database.tasks.begin_deletion(task, purge=purge)
        return await self._get(task)

    async def finish(self, task: str) -> bool:
        """Remove all of it once nothing runs; False when its run does not end.

        Without any worker nothing can run, so nothing is waited for.
        """
        deadline = self._clock.elapsed() + STOP_PATIENCE
        while await self._runs_still(task):
            if self._clock.elapsed() >= deadline:
                return False
            await asyncio.sleep(POLL_SECONDS)
        found = await self._database.tasks.get(task)
        if found is not None:
            await self._take_along(found)
        await self._database.jobs.delete_of(task)
        await self._database.found.delete_of(task)
        await self._database.runs.delete_of(task)
        await self._database.claims.delete_of(task)
        await self._database.tasks.delete(task)
        return True

    async def finish_all(self) -> None:
        """Remove every task whose deletion was begun before the bot was stopped."""
        while tasks := await self._database.tasks.deleting():
            for task in tasks:
                await self.finish(task.id)

    async def _take_along(self, task: Task) -> None:
        """Its messages, where that was wanted, and its memberships; before the jobs that name
        its chats go.
        """
        _, shared, _ = await self._chats(task)
        if task.spec.join.leave:
            await self._database.memberships.let_go(task.id, but=[chat.id for chat in shared])
        if task.purge:
            claims = self._database.claims
            begun = await claims.purges_of(task.id)
            for chat in sorted({*begun, *await claims.chats_of(task.id)}):
                await self._ownership.delete(task.id, chat)

    async def _runs_still(self, task: str) -> bool:
        await self._database.runs.settle_of(task)
        run = await self._database.runs.open_of(task)
        if run is None:
            return False
        if run.intent is not Intent.CANCEL:
            await self._runs.cancel(run.id)
        return await self._holders.any_alive()

    async def _chats(self, task: Task) -> tuple[list[Chat], list[Chat], list[Chat]]:
        """The chats that the task has a claim to: those of its own, those that other tasks
        collected or name too, and those that an earlier one collected."""
        await self._ownership.build()
        own: list[Chat] = []
        shared: list[Chat] = []
        earlier: list[Chat] = []
        for number in sorted(await self._database.claims.chats_of(task.id)):
            owners = await self._ownership.owners(number, but=task.id)
            group = shared if owners.tasks else earlier if owners.earlier else own
            group.append(await self._ownership.chat(number))
        return own, shared, earlier

    async def _joined(self, task: Task) -> list[Chat]:
        """The chats that accounts joined for a task which leaves them."""
        if not task.spec.join.leave:
            return []
        joined = await self._database.memberships.joined_for(task.id)
        numbers = sorted({one.chat for one in joined if one.chat is not None})
        chats = [await self._database.chats.get(number) for number in numbers]
        return [chat for chat in chats if chat is not None]

    async def _get(self, task: str) -> Task:
        found = await self._database.tasks.get(task)
        if found is None:
            raise Gone("error-task-gone")
        return found
