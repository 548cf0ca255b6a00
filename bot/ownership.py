"""Whose a chat's messages are, and their deletion where they are nobody else's."""

from dataclasses import dataclass

from core.chat import Chat, ChatKind
from core.claim import EARLIER, Claim
from core.clock import Clock
from core.task import Task, TaskState
from db.database import Database

NAMED = 5
"""Tasks of a chat that are told of."""

_CHANNEL_BASE = 1_000_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """Who has a claim to a chat: `tasks`, those that name it included, and an `earlier` one."""

    tasks: tuple[Task, ...] = ()
    earlier: Claim | None = None

    def any(self) -> bool:
        """Whether anybody has."""
        return bool(self.tasks) or self.earlier is not None


class Ownership:
    """Asks the store each time: nothing is remembered."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def build(self) -> None:
        """Return when the claims of the store are known; see `Database.build_claims`."""
        await self._database.build_claims(self._clock.now())

    async def chat(self, number: int) -> Chat:
        """The chat as it was last seen; by its id where it never was."""
        known = await self._database.chats.get(number)
        if known is not None:
            return known
        kind = ChatKind.SUPERGROUP if number < -_CHANNEL_BASE else ChatKind.GROUP
        return Chat(id=number, kind=kind, title=str(number))

    async def owners(self, chat: int, *, but: str) -> Owners:
        """Who has a claim beside the task `but`, a few of them; not who is being deleted with its
        messages, and not who is gone. Beside a task also who merely names the chat: it may be about
        to begin.
        """
        tasks = self._database.tasks
        found: dict[str, Task] = {}
        async for name in self._database.claims.others(chat, but):
            task = await tasks.get(name)
            if task is not None and not _goes_with_messages(task):
                found[task.id] = task
            if len(found) >= NAMED:
                break
        earlier = None
        if but != EARLIER:
            names = sorted(await self._names(chat))
            found |= {task.id: task for task in await tasks.also_naming(names, but=but)}
            earlier = await self._database.claims.get(EARLIER, chat)
        others = sorted(found.values(), key=lambda task: task.number)
        return Owners(tasks=tuple(others[:NAMED]), earlier=earlier)

    async def delete(self, task: str, chat: int) -> bool:
        """Remove what is stored of a chat to which nobody but the task has a claim; whether it was.

        The deletion is announced first, and claims are looked for then: whoever comes to the chat
        afterwards waits until it is over. What a crash leaves half done is done again.
        """
        await self._database.claims.begin_purge(task, chat, self._clock.now())
        free = not (await self.owners(chat, but=task)).any()
        if free:
            await self._database.forget_chat(chat)
            await self._database.claims.drop(task, chat)
        await self._database.claims.end_purge(task, chat)
        return free

    async def _names(self, chat: int) -> set[str]:
        """The sources that mean the chat, as far as anybody knows."""
        known = await self._database.chats.get(chat)
        names = await self._database.memberships.names_of(chat)
        if known is not None and known.username:
            names.add(f"@{known.username.lower()}")
        return {str(chat), *names}


def _goes_with_messages(task: Task) -> bool:
    return task.state is TaskState.DELETING and task.purge
