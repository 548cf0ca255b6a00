"""What is kept of each chat, as the strictest of its tasks wants it: for how long, and whether
deleted messages keep their bodies."""

from datetime import datetime, timedelta

import structlog

from core.message import strictest
from db.database import Database

LATELY = timedelta(days=2)
"""How far back the runs are looked through for what they reached."""

log = structlog.get_logger(__name__)


class Retention:
    """One worker's sweep; several at once only do the same twice."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sweep(self, now: datetime) -> None:
        """Decide anew what is kept of each chat, and delete what is older; `now` is proven."""
        await self._gather_claims(now)
        await self._decide_all()
        wanted = await self._strictest()
        for chat, days in (await self._database.chats.forgetful()).items():
            if wanted.get(chat) != days:
                await self._database.chats.set_keeping(chat, wanted.get(chat))
        for chat, days in wanted.items():
            await self._database.chats.set_keeping(chat, days)
            await self._forget(chat, now, days)

    async def decide(self, chat: int) -> None:
        """Whether deleted messages of a chat keep their bodies; from now on, not before."""
        reached = await self._database.claims.tasks_of(chat)
        tasks = await self._database.tasks.of_ids(reached)
        policy = strictest([task.spec.deletions for task in tasks.values()])
        await self._database.chats.set_deletions(chat, policy)

    async def _gather_claims(self, now: datetime) -> None:
        """Those of a store that has none yet, and what a collector of a version that writes none
        reached lately: its runs may be pruned before the next time.
        """
        await self._database.build_claims(now)
        await self._database.claims.keep_since(now - LATELY, now)

    async def _decide_all(self) -> None:
        """Of every chat that keeps them, or that some task wants to."""
        chats = await self._database.chats.keepers()
        for task in await self._database.tasks.keepers():
            chats |= await self._database.claims.chats_of(task)
        for chat in chats:
            await self.decide(chat)

    async def _strictest(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for task, days in (await self._database.tasks.forgetful()).items():
            for chat in await self._database.claims.chats_of(task):
                found[chat] = min(days, found.get(chat, days))
        return found

    async def _forget(self, chat: int, now: datetime, days: int) -> None:
        """A chat that is being read just now is left to the next sweep."""
        if await self._database.jobs.is_read(chat):
            return
        gone = await self._database.forget_before(chat, now - timedelta(days=days), now=now)
        if gone:
            log.info("chat.purged", chat=chat, messages=gone, days=days)
