"""Long polling whose offset passes an update only once its handler has ended."""

import asyncio
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import Update
from pydantic import ValidationError

from bot.away import AwayNotice
from bot.lanes import Lanes
from bot.session import RawUpdates
from core.bot_role import RoleLost
from core.errors import CrewError, StoreError
from core.told_once import ToldOnce
from db.database import Database

log = structlog.get_logger(__name__)

ALLOWED_UPDATES = ["message", "callback_query"]
LONG_POLL_SECONDS = 25
PATIENCE = (0.3, 0.6, 1.2, 2.4)
"""Seconds to wait for slow handlers before looking for updates of others again."""
BACK_OFF = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
CONFLICT_SECONDS = 5.0
DRAIN_SECONDS = 5.0
CONFIRM_SECONDS = 2.0
HANDLER_SECONDS = 60.0
TRIES = 3
"""How often an update is handled whose store goes away in the middle, before its sender is told."""


class TokenRejected(CrewError):
    """Telegram does not know the bot's token: nothing can work until it is corrected."""

    def __init__(self) -> None:
        super().__init__("Telegram does not know BOT_TOKEN. @BotFather shows it: /mybots.")


class Polling:
    """Feeds updates to the dispatcher: one operator's in order, several operators at once.

    While the store does not answer, they wait; one that it leaves in the middle begins anew, as
    after a crash, which every handler has to stand.
    """

    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        lanes: Lanes,
        database: Database,
        away: AwayNotice,
    ) -> None:
        self._away = away
        self._trouble = ToldOnce()
        self._database = database
        self._bot = bot
        self._dispatcher = dispatcher
        self._lanes = lanes
        self._open: set[int] = set()
        self._done: set[int] = set()
        self._next = 0
        self._settled = asyncio.Event()
        self._failures = 0
        self._looks = 0

    async def run(self) -> None:
        """Until cancelled; then what was begun is finished. Raises TokenRejected."""
        try:
            while True:
                new = [self._take(raw) for raw in await self._fetch()]
                self._looks = 0 if any(new) else self._looks + 1
                await self._settle()
        finally:
            await self._lanes.drain(DRAIN_SECONDS)
            await self._confirm()

    @property
    def offset(self) -> int:
        """The lowest update that is not done with."""
        return min(self._open, default=self._next)

    async def _fetch(self) -> list[Any]:
        self._done = {number for number in self._done if number >= self.offset}
        timeout = 0 if self._open else LONG_POLL_SECONDS
        call = RawUpdates(offset=self.offset, timeout=timeout, allowed_updates=ALLOWED_UPDATES)
        try:
            updates: list[Any] = [*await self._bot(call, request_timeout=timeout + 15)]
        except (TelegramUnauthorizedError, TelegramNotFound) as error:
            raise TokenRejected from error
        except TelegramAPIError as error:
            await self._back_off(error)
            return []
        if (told := self._trouble.worked()) is not None:
            log.info("updates.again", **told)
        self._failures = 0
        return updates

    async def _back_off(self, error: TelegramAPIError) -> None:
        if isinstance(error, TelegramConflictError):
            if self._trouble.failed("conflict"):
                log.warning(
                    "updates.conflict",
                    advice="another program polls with this token, or a webhook is set: end it",
                )
            await asyncio.sleep(CONFLICT_SECONDS)
            return
        wait = BACK_OFF[min(self._failures, len(BACK_OFF) - 1)]
        self._failures += 1
        if isinstance(error, TelegramRetryAfter):
            wait = float(error.retry_after)
        if self._trouble.failed(type(error).__name__):
            log.warning("updates.unreachable", error=error.message, retry_in=wait)
        await asyncio.sleep(wait)

    def _take(self, raw: Any) -> bool:
        """Queue an update; False for one that was there already."""
        number = _number(raw)
        if number is None or number in self._open or number in self._done:
            return False
        self._next = number + 1
        update = _bare(_parsed(raw, self._bot))
        person = None if update is None else _person(update)
        if update is None or person is None:
            self._done.add(number)
            return True
        self._open.add(number)
        self._away.opened(update)
        self._lanes.put(person, lambda: self._handle(update))
        return True

    async def _handle(self, update: Update) -> None:
        try:
            for tries_left in reversed(range(TRIES)):
                if await self._try(update, begins_anew=tries_left > 0):
                    return
        finally:
            self._away.closed(update.update_id)
            self._open.discard(update.update_id)
            self._done.add(update.update_id)
            self._settled.set()

    async def _try(self, update: Update, *, begins_anew: bool) -> bool:
        """Handle it; False when the store went away meanwhile and nobody was told so."""
        await self._database.outage.insist("updates", self._database.ping)
        try:
            async with asyncio.timeout(HANDLER_SECONDS):
                await self._dispatcher.feed_update(self._bot, update, begins_anew=begins_anew)
        except StoreError as error:
            log.warning("update.begins_anew", update=update.update_id, error=str(error))
            return False
        return True

    async def _settle(self) -> None:
        """Wait until everything is done, or patience is over and others may have written."""
        try:
            async with asyncio.timeout(PATIENCE[min(self._looks, len(PATIENCE) - 1)]):
                while self._open:
                    self._settled.clear()
                    await self._settled.wait()
        except TimeoutError:
            log.debug("updates.slow", open=len(self._open))

    async def _confirm(self) -> None:
        """Tell the server how far we came, so that nothing is done twice after a restart."""
        if not self.offset:
            return
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                await self._bot(RawUpdates(offset=self.offset, limit=1, timeout=0))
        except (TelegramAPIError, RoleLost, TimeoutError) as error:
            log.info("updates.not_confirmed", error=type(error).__name__)


def _number(raw: Any) -> int | None:
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if isinstance(number, int) else None


def _parsed(raw: Any, bot: Bot) -> Update | None:
    try:
        return Update.model_validate(raw, context={"bot": bot})
    except ValidationError as error:
        log.warning("update.malformed", update=_number(raw), faults=error.error_count())
        return None


def _bare(update: Update | None) -> Update | None:
    """The update without what a message replies to: no text here means another for being a reply,
    while the dialogs would take it for a press of the message replied to.
    """
    if update is None or update.message is None or update.message.reply_to_message is None:
        return update
    message = update.message.model_copy(update={"reply_to_message": None})
    return update.model_copy(update={"message": message})


def _person(update: Update) -> int | None:
    event = update.message or update.callback_query
    return None if event is None or event.from_user is None else event.from_user.id
