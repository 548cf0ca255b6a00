"""The cards that live in a group: edited where they are, and everything new is told in private."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog
from aiogram.exceptions import TelegramForbiddenError, TelegramMigrateToChat

from bot.desk import Desk
from bot.picture import Picture
from bot.screen import Screen
from core.run import Card, Run
from db.tasks import Tasks

log = structlog.get_logger(__name__)


class CardGone(Exception):
    """It cannot be edited any more, and there is to be no new one in the group."""


class GroupDesk(Desk):
    """What a group is shown. What cannot be edited there goes on in the owner's private chat, where
    the ends of runs are told, too. It follows a group that becomes a supergroup: `followed` is
    called with the id of that.
    """

    def __init__(
        self,
        chat: int,
        *,
        tasks: Tasks,
        private: Callable[[int], Desk],
        followed: Callable[[int, Desk], object],
        **more: Any,
    ) -> None:
        super().__init__(chat, **more)
        self._tasks = tasks
        self._private = private
        self._followed = followed
        self._gone: set[str] = set()

    async def adopt(self, run: str, card: Card) -> None:
        """Let a message that is there already be the run's card."""
        self._gone.discard(run)
        await super().adopt(run, card)

    async def _show(self, picture: Picture) -> None:
        if picture.run.id in self._gone:
            return
        try:
            await super()._show(picture)
        except CardGone:
            await self._hand_over(picture)

    async def _draw(self, picture: Picture) -> None:
        try:
            await super()._draw(picture)
        except TelegramMigrateToChat as error:
            log.info("card.moved", chat=self._chat, to=error.migrate_to_chat_id)
            self._chat = error.migrate_to_chat_id
            self._followed(self._chat, self)
            await super()._draw(picture)

    async def _edit(self, picture: Picture, card: Card) -> None:
        here = replace(card, chat=self._chat)
        if here != card:
            self._cards[picture.run.id] = here
            await self._tasks.move(picture.run.task, card.chat, here.chat)
            await self._runs.set_card(picture.run.id, here)
        await super()._edit(picture, here)

    async def _send(self, picture: Picture) -> None:  # noqa: ARG002
        raise CardGone

    async def _refused(self, picture: Picture) -> None:  # noqa: ARG002
        raise CardGone

    async def _end(self, picture: Picture) -> None:
        if picture.ending is None:
            await super()._end(picture)
            return
        self._forget(picture.run)
        self._private(picture.run.owner).put(replace(picture, only_ending=True))

    def _teller(self, run: Run) -> int:
        return run.owner

    async def _reply(self, run: Run, screen: Screen) -> None:
        try:
            await super()._reply(run, screen)
        except TelegramForbiddenError:
            log.info("card.blocked", chat=run.owner)

    async def _hand_over(self, picture: Picture) -> None:
        """A card of its own in private, from now on."""
        run = replace(picture.run, card=None)
        self._gone.add(run.id)
        await self._runs.set_card(run.id, None)
        for known in (self._cards, self._shown, self._waiting):
            known.pop(run.id, None)
        self._private(run.owner).put(replace(picture, run=run))
