"""What one chat is shown: state changes at once, progress at most every three seconds."""

import asyncio
from dataclasses import dataclass

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramNetworkError,
    TelegramRetryAfter,
)
from aiogram.types import ReplyParameters
from aiohttp import ClientConnectorError

from bot.patience import UNREACHABLE_SECONDS, Patience
from bot.picture import Picture, new_message
from bot.refusals import Decision, decide
from bot.screen import Screen
from bot.session import NO_PREVIEW, CardEdit
from core.clock import Clock
from core.errors import StoreError
from core.run import Card, Run
from core.told_once import ToldOnce
from db.runs import Runs

log = structlog.get_logger(__name__)

PERIOD_SECONDS = 3.0
ENDINGS_REMEMBERED = 500
GIVES_UP_CHAT = {Decision.NO_CHAT, Decision.FOLLOW, Decision.NO_BOT}


@dataclass(slots=True)
class _Shown:
    picture: Picture
    at: float


class Desk:
    """The cards of one chat. Its floods and failures delay no other chat."""

    def __init__(self, chat: int, *, bot: Bot, runs: Runs, clock: Clock) -> None:
        self._chat = chat
        self._bot = bot
        self._runs = runs
        self._clock = clock
        self._waiting: dict[str, Picture] = {}
        self._shown: dict[str, _Shown] = {}
        self._cards: dict[str, Card] = {}
        self._announcing: set[str] = set()
        self._deaf: dict[str, tuple[str, ...]] = {}
        self._ended: dict[str, int] = {}
        self._patience = Patience(clock)
        self._edited_at = -PERIOD_SECONDS
        self._woken = asyncio.Event()
        self._trouble = ToldOnce()
        self._lock = asyncio.Lock()

    def put(self, picture: Picture) -> None:
        """Show this when it is its turn; it takes the place of an older one of the same run."""
        known = self._waiting.get(picture.run.id)
        if known is None or known.order < picture.order:
            self._waiting[picture.run.id] = picture
            self._woken.set()

    def drop(self, run: str) -> None:
        """Nobody is to see it any more."""
        self._waiting.pop(run, None)

    async def adopt(self, run: str, card: Card) -> None:
        """Let a message that is there already be the run's card."""
        async with self._lock:
            self._cards[run] = card
            self._shown.pop(run, None)
            self._ended.pop(run, None)
            await self._runs.set_card(run, card)

    async def show_now(self, picture: Picture) -> None:
        """Show it at once: somebody pressed a button and looks at it."""
        async with self._lock:
            self._waiting.pop(picture.run.id, None)
            await self._show(picture)

    async def run(self) -> None:
        """Show what waits, for ever."""
        while True:
            picture, pause = self._next()
            if picture is None:
                await self._sleep(pause)
                continue
            async with self._lock:
                if self._waiting.get(picture.run.id) is picture:
                    del self._waiting[picture.run.id]
                    await self._show(picture)

    def _next(self) -> tuple[Picture | None, float | None]:
        now = self._clock.elapsed()
        for run in [run for run, picture in self._waiting.items() if self._is_old(picture)]:
            del self._waiting[run]
        if not self._waiting:
            return None, None
        if (left := self._patience.left()) > 0:
            return None, left
        urgent = [picture for picture in self._waiting.values() if self._is_urgent(picture)]
        if urgent:
            return min(urgent, key=lambda picture: picture.order), 0
        if now < self._edited_at + PERIOD_SECONDS:
            return None, self._edited_at + PERIOD_SECONDS - now
        return min(self._waiting.values(), key=lambda one: self._shown[one.run.id].at), 0

    async def _sleep(self, seconds: float | None) -> None:
        self._woken.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return

    def _is_old(self, picture: Picture) -> bool:
        if picture.run.rev <= self._ended.get(picture.run.id, -1):
            return True
        shown = self._shown.get(picture.run.id)
        if shown is None:
            return False
        return picture.order <= shown.picture.order or (
            picture.screen == shown.picture.screen
            and picture.run.is_open()
            and not self._is_unsaid(picture)
        )

    def _is_urgent(self, picture: Picture) -> bool:
        shown = self._shown.get(picture.run.id)
        return shown is None or shown.picture.face != picture.face or not picture.run.is_open()

    async def _show(self, picture: Picture) -> None:
        if self._is_old(picture):
            return
        try:
            await self._draw(picture)
            if not picture.run.is_open():
                await self._end(picture)
        except (StoreError, TelegramAPIError) as error:
            await self._put_off(picture, error)
        else:
            self._patience.worked()
            if (told := self._trouble.worked()) is not None:
                log.info("card.shown_again", chat=self._chat, **told)

    async def _put_off(self, picture: Picture, error: StoreError | TelegramAPIError) -> None:
        """Try it later, or give it up; why is told once."""
        if isinstance(error, StoreError):
            if self._trouble.failed("store"):
                log.warning("card.not_kept", chat=self._chat, error=str(error))
            self._patience.rest(UNREACHABLE_SECONDS)
            self._waiting.setdefault(picture.run.id, picture)
        elif isinstance(error, TelegramRetryAfter):
            if self._trouble.failed("flood"):
                log.warning("card.flood", chat=self._chat, seconds=error.retry_after)
            self._patience.rest(float(error.retry_after))
            self._waiting.setdefault(picture.run.id, picture)
        else:
            await self._not_shown(picture, error)

    async def _not_shown(self, picture: Picture, error: TelegramAPIError) -> None:
        decision = decide(error)
        if self._trouble.failed(error.message):
            log.warning("card.not_shown", chat=self._chat, decision=decision, error=error.message)
        if decision in GIVES_UP_CHAT:
            await self._refused(picture)
        elif decision is Decision.RETRY:
            self._patience.unanswered()
            self._waiting.setdefault(picture.run.id, picture)
        else:
            self._shown[picture.run.id] = _Shown(picture, self._clock.elapsed())
            await self._no_more(picture)

    async def _draw(self, picture: Picture) -> None:
        run = picture.run
        if picture.only_ending:
            return
        shown = self._shown.get(run.id)
        card = self._cards.get(run.id) or run.card
        if card is not None and run.card is None:
            await self._runs.set_card(run.id, card)
        if card is None:
            await self._send(picture)
        elif shown is None or shown.picture.screen != picture.screen:
            await self._edit(picture, card)
        self._shown[run.id] = _Shown(picture, self._clock.elapsed())
        if run.is_open():
            await self._raise_alarm(picture)

    def _is_unsaid(self, picture: Picture) -> bool:
        """Whether what is not heard changed since it was told, and is to be told or forgotten."""
        told = self._deaf.get(picture.run.id, picture.run.deaf)
        return picture.unheard != told and (picture.alarm is not None or not picture.unheard)

    async def _raise_alarm(self, picture: Picture) -> None:
        """Reply to the card once for each chat that is not heard any more, after restarts too."""
        run, now, claim = picture.run, picture.unheard, self._runs.claim_alarm
        told = self._deaf.get(run.id, run.deaf)
        if not self._is_unsaid(picture) or not await claim(run.id, told, now):
            return
        if picture.alarm is not None and not set(now) <= set(told):
            log.info("alarm.claimed", run=run.id, unheard=len(now))
            try:
                await self._reply(run, picture.alarm)
            except TelegramAPIError:
                await claim(run.id, now, told)
                raise
        self._deaf[run.id] = now

    async def _reply(self, run: Run, screen: Screen) -> None:
        """A new message below the card; one that may have arrived is not sent again."""
        card = self._cards.get(run.id) or run.card
        chat, reply = self._teller(run), None
        if card is not None and card.chat == chat:
            reply = ReplyParameters(message_id=card.message, allow_sending_without_reply=True)
        call = new_message(chat, screen, reply_parameters=reply, reply_markup=screen.markup())
        try:
            await self._bot(call)
        except TelegramNetworkError as error:
            if isinstance(error.__cause__, ClientConnectorError):
                raise
            log.warning("ending.uncertain", chat=self._chat, error=error.message)

    def _teller(self, run: Run) -> int:  # noqa: ARG002
        """The chat in which something new about a run is told."""
        return self._chat

    async def _send(self, picture: Picture) -> None:
        screen = picture.screen
        message = await self._bot(new_message(self._chat, screen, reply_markup=screen.markup()))
        card = Card(chat=self._chat, message=message.message_id)
        log.debug("card.sent", run=picture.run.id)
        self._cards[picture.run.id] = card
        await self._runs.set_card(picture.run.id, card)

    async def _edit(self, picture: Picture, card: Card) -> None:
        self._cards.setdefault(picture.run.id, card)
        self._edited_at = self._clock.elapsed()
        call = CardEdit(
            chat_id=card.chat,
            message_id=card.message,
            text=picture.screen.text,
            reply_markup=picture.screen.markup(),
            link_preview_options=NO_PREVIEW,
            disable_web_page_preview=None,
        )
        log.debug("card.changing", run=picture.run.id)
        try:
            await self._bot(call)
            log.debug("card.edited", run=picture.run.id)
        except TelegramAPIError as error:
            decision = decide(error)
            if decision is Decision.SAME:
                return
            if decision is not Decision.NO_MESSAGE:
                raise
            log.info("card.lost", chat=self._chat, error=error.message)
            await self._send(picture)

    async def _end(self, picture: Picture) -> None:
        run = picture.run
        card = self._cards.get(run.id) or run.card
        if card is not None and picture.ending is not None:
            await self._announce(picture.ending, run)
        await self._runs.shown(run)
        self._forget(run)

    async def _announce(self, ending: Screen, run: Run) -> None:
        """Reply to the card once: the right is claimed first, so a restart cannot say it again."""
        if run.id not in self._announcing and not await self._runs.claim_ending(run):
            return
        self._announcing.add(run.id)
        log.debug("ending.claimed", run=run.id)
        await self._reply(run, ending)

    async def _refused(self, picture: Picture) -> None:
        """Nobody may write there: look again rarely, and not for what has ended."""
        self._patience.blocked()
        await self._no_more(picture)

    async def _no_more(self, picture: Picture) -> None:
        """What has ended is as good as shown."""
        if not picture.run.is_open():
            await self._runs.shown(picture.run)
            self._forget(picture.run)

    def _forget(self, run: Run) -> None:
        self._ended[run.id] = run.rev
        while len(self._ended) > ENDINGS_REMEMBERED:
            del self._ended[next(iter(self._ended))]
        self._announcing.discard(run.id)
        self._deaf.pop(run.id, None)
        self._shown.pop(run.id, None)
        self._cards.pop(run.id, None)
        self._waiting.pop(run.id, None)
