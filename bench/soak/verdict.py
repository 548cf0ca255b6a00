"""After a storm: what is stored beside what is true, and what the local Telegram saw."""

import asyncio
from collections import Counter
from collections.abc import Iterable

from bench.soak.site import Site
from bench.soak.truth import marked, plain, truth
from bench.soak.work import NOBODY, Asked
from core.account import READING_STATES

CARDS_SECONDS = 60.0
BREATH = 20
"""Messages that are compared before others get their turn."""


class Verdict:
    """Compares; nothing here changes anything."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._database = site.database
        self._world = site.sandbox.world

    async def differences(self, name: str) -> tuple[int, list[str]]:
        """How many messages of a chat are equal in every field, and which are not."""
        chat = self._world.chat(name)
        stored = await self._database.outage.insist("stream", lambda: self._stored(chat.id))
        names = {one.id: one.name for one in chat.senders.values()}
        names |= {marked(one.id): one.title for one in self._world.chats.values()}
        wrong, place = [], 0
        for place, message in enumerate(chat.messages(), start=1):
            if stored.pop(message.id, None) != truth(message.to_dict(), names):
                wrong.append(f"{name}/{message.id}")
            if place % BREATH == 0:
                await asyncio.sleep(0)
        return place, wrong + [f"{name}/{number}" for number in stored]

    async def _stored(self, chat: int) -> dict[int, dict[str, object]]:
        found = {}
        async for message in self._database.messages.stream(marked(chat)):
            found[message.id] = plain(message)
        return found

    async def wrong_ids(self, asked: Iterable[Asked]) -> tuple[int, list[str]]:
        """How many ids are stored in all, and the chats whose ids are not the world's or whose kept
        count is wrong."""
        sources = {source for one in asked for source in one.sources if source != NOBODY}
        count, wrong = 0, []
        for name in sorted(source.removeprefix("@") for source in sources):
            chat = self._world.chat(name)
            stored = [number async for number in self._database.messages.ids(marked(chat.id))]
            count += len(stored)
            if stored != list(chat.ids()):
                wrong.append(f"{name}: {len(stored)} of {chat.count}")
            kept = await self._database.tallies.stored(marked(chat.id), "")
            if kept != len(stored):
                wrong.append(f"{name}: {len(stored)}, by the kept counts {kept}")
        return count, wrong

    async def runs_too_many(self, asked: Iterable[Asked], retried: int) -> list[str]:
        """Scheduled tasks whose due time had not exactly one run."""
        wrong = []
        for one in asked:
            if one.kind == "scheduled":
                task = await self._database.tasks.get(one.task)
                dues = await self._database.runs.dues_of(one.task)
                due = None if task is None else task.schedule.at
                if dues.count(due) != 1 or (not retried and len(dues) != 1):
                    wrong.append(f"{one.task}: {dues}")
        return wrong

    async def lost_accounts(self) -> list[int]:
        """Accounts that cannot read any more."""
        accounts = await self._database.accounts.all()
        return [one.id for one in accounts if one.state not in READING_STATES]

    async def unfinished_cards(self) -> int:
        """Cards that still do not show how their run ended."""
        left = 0
        try:
            async with asyncio.timeout(CARDS_SECONDS):
                while left := len(await self._database.runs.to_show()):  # noqa: ASYNC110
                    await asyncio.sleep(0.2)
        except TimeoutError:
            return left
        return 0

    def told_twice(self) -> int:
        """Runs whose ending the operator was told more than once."""
        replies = Counter(seen.reply_to for seen in self._site.human.messages if seen.by_bot)
        del replies[None]
        return sum(count > 1 for count in replies.values())
