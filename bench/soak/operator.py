"""A patient person in the chat: asks the bot for a task, and presses Start until there is one."""

import asyncio
import contextlib

from bench.soak.site import Site
from core.task import Task
from sandbox.bot_api.person import Seen

START = "▶️ Start"
PATIENCE = 15.0
"""Seconds after which somebody presses again, or writes again."""


class Operator:
    """Everything goes through the bot, dead or alive."""

    def __init__(self, site: Site) -> None:
        self._human = site.human
        self._database = site.database
        self.presses: dict[str, set[int]] = {}
        """The messages on which Start was pressed, by the source of their task."""

    async def order(self, name: str) -> Task:
        """Ask for a task with this source, start it, and wait until it is there."""
        source = f"@{name}"
        pressed = self.presses[source] = set()
        while True:
            if (review := self._review(name)) is None:
                await self._ask(source)
                continue
            with contextlib.suppress(LookupError):
                await self._human.press(review.id, START)
                pressed.add(review.id)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    return await self._task(source)

    async def _ask(self, source: str) -> None:
        await self._human.send(f"/newtask {source}")
        name = source.removeprefix("@")
        with contextlib.suppress(TimeoutError):
            await self._human.wait_for(lambda _: self._review(name), PATIENCE)

    def _review(self, name: str) -> Seen | None:
        """The newest message that offers to start this task."""
        for seen in reversed(self._human.messages):
            if name in seen.text and any(START in row for row in seen.buttons):
                return seen
        return None

    async def _task(self, source: str) -> Task:
        while True:
            if found := await self.tasks(source):
                return found[0]
            await asyncio.sleep(0.1)

    async def tasks(self, source: str) -> list[Task]:
        """The newest tasks that name the source alone."""
        newest, _ = await self._database.outage.insist(
            "tasks", lambda: self._database.tasks.page(0, 50)
        )
        return [task for task in newest if task.spec.sources == (source,)]
