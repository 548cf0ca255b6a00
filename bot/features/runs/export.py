"""Sends what a run stored as documents, telling how far it is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import structlog
from aiogram import Bot
from aiogram.enums import ChatAction
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import FSInputFile, Message, ReplyParameters

from bot.background import Background
from bot.errors import BotError
from bot.features.runs.archive import Archive
from bot.features.runs.export_folder import Begun, ExportFolder
from bot.features.runs.service import RunService
from bot.formatting import shorten
from bot.i18n import Html, Locales, Texts
from core.clock import Clock
from core.errors import StoreError
from core.export import ExportFormat
from core.message import Message as Stored
from core.run import Run

log = structlog.get_logger(__name__)

CHUNK = 1000
SHOWN_CHATS = 3
TELL_SECONDS = 3.0
UPLOAD_SECONDS = 300
GOODBYE_SECONDS = 5.0
"""How long a stop waits for Telegram to take the word that an export was broken off."""


class Exporter:
    """Writes exports in the background, in a folder of its own that is removed afterwards."""

    def __init__(
        self, *, bot: Bot, runs: RunService, background: Background, folder: Path, clock: Clock
    ) -> None:
        self._bot = bot
        self._runs = runs
        self._background = background
        self._folder = ExportFolder(folder)
        self._clock = clock

    async def start(self, run: Run, kind: ExportFormat, message: Message, texts: Texts) -> None:
        """Begin an export whose files answer `message`. Raises BotError while one is at it."""
        total = await self._runs.total(run)
        chat, name = message.chat.id, f"export-{run.id}-{kind}-{message.chat.id}"
        work = self._export(run, kind, message.message_id, chat, texts, total)
        if not self._background.start(name, work):
            raise BotError("export-running-already")

    async def finish_left_over(self, locales: Locales) -> None:
        """Remove what a process that was killed left of exports, and tell who waits for them."""
        for folder, begun in await asyncio.to_thread(self._folder.left_over):
            told = begun is None
            if begun is not None:
                told = await self._say(begun, locales.of(begun.language)("export-stopped"))
            if told:
                await asyncio.to_thread(self._folder.forget, folder)

    async def _export(
        self, run: Run, kind: ExportFormat, card: int, chat: int, texts: Texts, total: int
    ) -> None:
        status = await self._bot.send_message(
            chat,
            texts("export-preparing", done=0, total=total),
            reply_parameters=ReplyParameters(message_id=card, allow_sending_without_reply=True),
        )
        begun = Begun(chat=status.chat.id, message=status.message_id, language=texts.language)
        try:
            with self._folder.one(begun) as folder:
                archive = Archive(folder, f"task-{run.number}", kind)
                count = await self._write(run, archive, status, texts, total)
                left = await self._runs.undecoded(run)
                caption = await self._about(run, texts)
                await self._send(archive.parts, chat, card, texts, (count, left), caption)
        except (TelegramAPIError, StoreError, OSError) as error:
            log.warning("export.failed", run=run.id, error=type(error).__name__)
            await self._end(begun, texts("export-failed"))
        except asyncio.CancelledError:
            await self._end(begun, texts("export-stopped"), seconds=GOODBYE_SECONDS)
            raise
        else:
            told = texts("export-done" if count else "export-nothing", count=count)
            if left:
                told = Html(f"{told}\n{texts('export-undecoded', count=left)}")
            await self._end(begun, told)

    async def _end(self, begun: Begun, text: str, *, seconds: float | None = None) -> None:
        """Say how it ended, within so many seconds; what could not be said, the next start says."""
        try:
            async with asyncio.timeout(seconds):
                told = await self._say(begun, text)
        except TimeoutError:
            told = False
        if not told:
            with suppress(OSError):
                await asyncio.to_thread(self._folder.leave, begun)

    async def _say(self, begun: Begun, text: str) -> bool:
        """False when Telegram was not reached."""
        try:
            await self._bot.edit_message_text(text, chat_id=begun.chat, message_id=begun.message)
        except (TelegramNetworkError, TelegramServerError, TelegramRetryAfter) as error:
            log.info("export.not_told", error=error.message)
            return False
        except TelegramAPIError as error:
            log.info("export.not_told", error=error.message)
        return True

    async def _write(
        self, run: Run, archive: Archive, status: Message, texts: Texts, total: int
    ) -> int:
        count, told = 0, self._clock.elapsed()
        try:
            async for chunk in self._chunks(run):
                await _in_thread(partial(archive.write, chunk))
                count += len(chunk)
                if self._clock.elapsed() - told >= TELL_SECONDS:
                    told = self._clock.elapsed()
                    await self._tell(status, texts("export-preparing", done=count, total=total))
        finally:
            await _in_thread(archive.close)
        return count

    async def _chunks(self, run: Run) -> AsyncIterator[list[Stored]]:
        for chat, box in await self._runs.chats(run):
            chunk: list[Stored] = []
            async for message in self._runs.messages(run, chat, box):
                chunk.append(message)
                if len(chunk) == CHUNK:
                    yield chunk
                    chunk = []
            yield chunk

    async def _about(self, run: Run, texts: Texts) -> Html:
        """Which chats the files are about, by their titles."""
        chats = {chat.id: chat for chat, _ in await self._runs.chats(run)}.values()
        named = ", ".join(shorten(chat.title, 40) for chat in list(chats)[:SHOWN_CHATS])
        return texts("card-sources", sources=named, more=max(len(chats) - SHOWN_CHATS, 0))

    async def _send(
        self,
        parts: list[Path],
        chat: int,
        card: int,
        texts: Texts,
        counts: tuple[int, int],
        about: Html,
    ) -> None:
        """`counts`: of the messages that are written, and of those that are not understood."""
        count, left = counts
        for number, path in enumerate(parts, start=1):
            caption = texts("export-caption", count=count, part=number, parts=len(parts))
            caption = Html(f"<b>{about}</b>\n{caption}") if about else caption
            if left:
                caption = Html(f"{caption}\n{texts('export-undecoded', count=left)}")
            await self._bot.send_chat_action(chat, ChatAction.UPLOAD_DOCUMENT)
            await self._bot.send_document(
                chat,
                FSInputFile(path),
                caption=caption,
                reply_parameters=ReplyParameters(message_id=card, allow_sending_without_reply=True),
                request_timeout=UPLOAD_SECONDS,
            )

    async def _tell(self, status: Message, text: str) -> None:
        try:
            await status.edit_text(text)
        except TelegramAPIError as error:
            log.info("export.not_told", error=error.message)


async def _in_thread(work: Callable[[], None]) -> None:
    """Do it in a thread; a cancellation waits for its end, so that its files are nobody's then."""
    running = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise
