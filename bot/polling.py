"""Long polling whose offset passes an update only once its handler has ended."""

import asyncio
from functools import partial
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
from aiogram.types import Update, User
from pydantic import ValidationError

from bot.away import AwayNotice
from bot.groups import is_moved, meant_for_us
from bot.known import KnownOperators
from bot.lanes import Lanes
from bot.session import RawUpdates
from core.bot_role import RoleLost
from core.errors import CrewError, StoreError
from core.told_once import ToldOnce
from db.database import Database

log = structlog.get_logger(__name__)

ALLOWED_UPDATES = ["message", "callback_query"]
LONG_POLL_SECONDS = 25
PATIENCE = (0.3, 0.6, 1.2)
"""Seconds to wait for slow handlers before looking for updates of others again. What takes longer
is kept in the store, so that Telegram shows what comes behind it."""
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

    Updates of strangers are passed over without a question to anybody, and one that takes long is
    kept in the store and passed, too. While the store does not answer, they wait; one that it
    leaves in the middle begins anew, as after a crash, which every handler has to stand.
    """

    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        lanes: Lanes,
        database: Database,
        away: AwayNotice,
        known: KnownOperators,
    ) -> None:
        self._away = away
        self._known = known
        self._trouble = ToldOnce()
        self._database = database
        self._bot = bot
        self._dispatcher = dispatcher
        self._lanes = lanes
        self._me: User | None = None
        self._open: dict[int, Any] = {}
        self._kept: set[int] = set()
        self._keeping = False
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
        """The lowest update that is not done with, and not kept."""
        return min(self._open.keys() - self._kept, default=self._next)

    async def resume(self) -> None:
        """Before `run`: begin with what was being handled when another process died."""
        self._me = await self._bot.me()
        kept = partial(self._database.pending_updates.of, self._bot.id)
        for raw in await self._database.outage.insist("updates", kept):
            number = _number(raw) or 0
            self._kept.add(number)
            if not self._begin(raw):
                await self._forget(number)
        self._known.admits(self._begin)

    async def _fetch(self) -> list[Any]:
        self._done = {number for number in self._done if number >= self.offset}
        timeout = 0 if self._open.keys() - self._kept else LONG_POLL_SECONDS
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
        """Queue an update; False for one that was there already, or of which nothing comes."""
        number = _number(raw)
        if number is None:
            return False
        self._next = number + 1
        if number in self._open or number in self._done:
            return False
        self._done.add(number)
        person = _person(raw)
        if person is None:
            return False
        if self._known.get(person) is None:
            self._known.turn_away(person, raw)
            return False
        return self._begin(raw)

    def _begin(self, raw: Any) -> bool:
        """Queue an update of an operator; False for one that says nothing to the bot."""
        number, person, parsed = _number(raw), _person(raw), _parsed(raw, self._bot)
        if number is None or person is None or parsed is None or self._me is None:
            return False
        update = meant_for_us(parsed, self._me)
        if update is None:
            return False
        moved, update = is_moved(parsed, update), _bare(update)
        self._done.discard(number)
        self._open[number] = raw
        self._away.opened(update)
        self._lanes.put(person, lambda: self._handle(update, moved=moved))
        return True

    async def _handle(self, update: Update, *, moved: bool) -> None:
        number = update.update_id
        try:
            for tries_left in reversed(range(TRIES)):
                if await self._try(update, begins_anew=tries_left > 0, moved=moved):
                    break
            self._away.closed(number)
            if number in self._kept:
                await self._forget(number)
        finally:
            self._away.closed(number)
            self._open.pop(number, None)
            self._done.add(number)
            self._settled.set()

    async def _keep(self) -> None:
        """Write down what takes long; a store that is away takes nothing, and is asked again."""
        try:
            for number, raw in sorted(self._open.items()):
                if number in self._open and number not in self._kept:
                    await self._database.pending_updates.keep(self._bot.id, number, raw)
                    self._kept.add(number)
                    self._settled.set()
                if number in self._kept and number not in self._open:
                    await self._forget(number)
        except StoreError as error:
            log.debug("updates.not_kept", error=str(error))
        finally:
            self._keeping = False

    async def _forget(self, number: int) -> None:
        handled = partial(self._database.pending_updates.handled, self._bot.id, number)
        await self._database.outage.insist("updates", handled)
        self._kept.discard(number)

    async def _try(self, update: Update, *, begins_anew: bool, moved: bool) -> bool:
        """Handle it; False when the store went away meanwhile and nobody was told so."""
        await self._database.outage.insist("updates", self._database.ping)
        try:
            async with asyncio.timeout(HANDLER_SECONDS):
                await self._dispatcher.feed_update(
                    self._bot, update, begins_anew=begins_anew, moved=moved
                )
        except StoreError as error:
            log.warning("update.begins_anew", update=update.update_id, error=str(error))
            return False
        return True

    async def _settle(self) -> None:
        """Wait until everything is done, or patience is over and others may have written."""
        try:
            async with asyncio.timeout(PATIENCE[min(self._looks, len(PATIENCE) - 1)]):
                while self._open.keys() - self._kept:
                    self._settled.clear()
                    await self._settled.wait()
        except TimeoutError:
            log.debug("updates.slow", open=len(self._open))
            if not self._keeping:
                self._keeping = True
                self._lanes.put(self._bot.id, self._keep)

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


def _bare(update: Update) -> Update:
    """The update without what a message replies to: no text here means another for being a reply,
    while the dialogs would take it for a press of the message replied to.
    """
    if update.message is None or update.message.reply_to_message is None:
        return update
    message = update.message.model_copy(update={"reply_to_message": None})
    return update.model_copy(update={"message": message})


def _person(raw: Any) -> int | None:
    """Who wrote or pressed; None where nobody did, or a bot or a chat."""
    fields: dict[str, Any] = raw if isinstance(raw, dict) else {}
    for kind in ALLOWED_UPDATES:
        event = fields.get(kind)
        user = event.get("from") if isinstance(event, dict) else None
        if isinstance(user, dict) and isinstance(user.get("id"), int) and not user.get("is_bot"):
            return int(user["id"])
    return None
