"""The few ways in which the bot speaks, each safe against what can be wrong with a chat."""

import structlog
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, InaccessibleMessage, Message

from bot.refusals import Decision, decide
from bot.screen import Screen

log = structlog.get_logger(__name__)

MAX_TOAST = 200


async def answer(query: CallbackQuery, text: str | None = None, *, alert: bool = False) -> None:
    """Answer a press; what one that is too old to be answered was to hear is written below it."""
    shown = None if text is None else text[:MAX_TOAST]
    try:
        await query.answer(shown, show_alert=alert)
    except TelegramBadRequest as error:
        if decide(error) is not Decision.LATE:
            raise
        log.info("press.too_old", error=error.message)
        if text is not None and query.message is not None:
            await query.message.answer(text, parse_mode=None)


async def show(query: CallbackQuery, screen: Screen) -> None:
    """Turn the pressed message into `screen`; where it cannot be edited, send a new one."""
    message = query.message
    if message is None:
        return
    if isinstance(message, InaccessibleMessage):
        await _send(message, screen)
        return
    try:
        await message.edit_text(screen.text, reply_markup=screen.markup())
    except TelegramBadRequest as error:
        decision = decide(error)
        if decision is Decision.NO_MESSAGE:
            await _send(message, screen)
        elif decision is not Decision.SAME:
            raise


async def say(message: Message, screen: Screen) -> Message:
    """A new message."""
    return await message.answer(screen.text, reply_markup=screen.markup())


async def drop_buttons(query: CallbackQuery) -> None:
    """Take the buttons off a message that can do nothing any more."""
    if not isinstance(query.message, Message) or query.message.reply_markup is None:
        return
    try:
        await query.message.edit_reply_markup(reply_markup=None)
    except TelegramBadRequest as error:
        log.info("buttons.left", error=error.message)


async def _send(message: Message | InaccessibleMessage, screen: Screen) -> None:
    await message.answer(screen.text, reply_markup=screen.markup())
