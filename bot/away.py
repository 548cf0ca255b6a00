"""While the store is away: who wrote or pressed hears it within five seconds, and once."""

import asyncio
from dataclasses import dataclass

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import Update

from bot.i18n import Locales
from bot.known import KnownOperators
from bot.replies import MAX_TOAST
from core.clock import Clock
from core.errors import StoreError
from db.database import Database

log = structlog.get_logger(__name__)

ASK_AFTER = 1.5
"""Seconds that an update waits before the store is asked; that takes a second if it is away, and
then whoever waits is told. Who comes later in an outage is told at the next look."""

LOOK_EVERY = 0.25


@dataclass(slots=True)
class _Waiting:
    update: Update
    since: float
    told: bool = False


class AwayNotice:
    """Nobody can be asked who is an operator, so it goes by who is known; strangers hear nothing.

    What it promises, that the update is carried out later, is what the polling does.
    """

    def __init__(
        self, bot: Bot, database: Database, known: KnownOperators, locales: Locales, clock: Clock
    ) -> None:
        self._bot = bot
        self._known = known
        self._database = database
        self._locales = locales
        self._clock = clock
        self._waiting: dict[int, _Waiting] = {}
        self._some = asyncio.Event()
        self._is_away = False

    def opened(self, update: Update) -> None:
        """An update waits to be handled."""
        self._waiting[update.update_id] = _Waiting(update, self._clock.elapsed())
        self._some.set()

    def closed(self, number: int) -> None:
        """It was handled."""
        self._waiting.pop(number, None)

    async def run(self) -> None:
        """Look at what waits, for ever. Who is slow to be told keeps nobody else waiting."""
        async with asyncio.TaskGroup() as group:
            while True:
                if not self._waiting:
                    self._some.clear()
                    await self._some.wait()
                await asyncio.sleep(LOOK_EVERY)
                for one in await self._untold():
                    one.told = True
                    group.create_task(self._tell(one.update))

    async def _untold(self) -> list[_Waiting]:
        """Whom the store keeps waiting without a word."""
        late = self._clock.elapsed() - (0.0 if self._is_away else ASK_AFTER)
        if not any(not one.told and one.since <= late for one in self._waiting.values()):
            return []
        try:
            await self._database.probe()
        except StoreError:
            self._is_away = True
            return [one for one in self._waiting.values() if not one.told]
        self._is_away = False
        return []

    async def _tell(self, update: Update) -> None:
        event = update.callback_query or update.message
        user = None if event is None else event.from_user
        operator = None if user is None else self._known.get(user.id)
        if user is None or operator is None:
            return
        texts = self._locales.of(operator.language, user.language_code)
        try:
            if update.callback_query is not None:
                text = texts.plain("away-press")[:MAX_TOAST]
                await update.callback_query.answer(text, show_alert=True)
            elif update.message is not None:
                await self._bot.send_message(user.id, texts.plain("away-message"), parse_mode=None)
        except TelegramAPIError as error:
            log.info("away.not_told", update=update.update_id, error=error.message)
        else:
            log.info("away.told", update=update.update_id)
