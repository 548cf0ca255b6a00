"""What an operator did that cannot be done, and the one place that answers it.

BotError            a text for a toast, from the locale files
|- NotAllowed       the operator's role does not reach that far
|- Gone             what the button was about is not there any more
"""

import structlog
from aiogram import Router
from aiogram.exceptions import TelegramAPIError, TelegramForbiddenError
from aiogram.types import CallbackQuery, ErrorEvent
from aiogram_dialog.api.exceptions import DialogsError

from bot.i18n import Texts
from bot.refusals import Decision, decide
from bot.replies import answer, drop_buttons
from core.errors import StoreError
from db.errors import is_away

log = structlog.get_logger(__name__)


class BotError(Exception):
    """`key` and `args` name the text that the operator reads."""

    def __init__(self, key: str, **args: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = args


class NotAllowed(BotError):
    """The operator may look, but not do this."""

    def __init__(self) -> None:
        super().__init__("error-not-allowed")


class Gone(BotError):
    """The task or run of a button does not exist any more; its buttons go, too."""


def router() -> Router:
    """The error handler of all routers."""
    made = Router(name="errors")
    made.error.register(on_error)
    return made


async def on_error(
    event: ErrorEvent, texts: Texts | None = None, *, begins_anew: bool = False
) -> None:
    """Log what is worth it, and let whoever pressed or wrote know.

    Where the update `begins_anew` when the store is back, a store that went away is raised again.
    """
    error = event.exception
    if begins_anew and isinstance(error, StoreError) and is_away(error):
        raise error
    _log(error)
    if texts is None:
        return
    query, message = event.update.callback_query, event.update.message
    text = _text(error, texts, is_press=query is not None)
    if text is None:
        return
    try:
        if query is not None:
            await _answer_press(query, error, text)
        elif message is not None and not isinstance(error, DialogsError):
            await message.answer(text, parse_mode=None)
    except TelegramAPIError as refusal:
        log.info("error.not_told", error=refusal.message)


def _log(error: Exception) -> None:
    match error:
        case BotError() | DialogsError():
            return
        case TelegramForbiddenError():
            log.info("telegram.forbidden", error=error.message)
        case TelegramAPIError():
            log.warning("telegram.refused", error=error.message)
        case StoreError():
            log.warning("store.unavailable", error=str(error))
        case _:
            log.error("handler.failed", exc_info=error)


def _text(error: Exception, texts: Texts, *, is_press: bool) -> str | None:
    """What is told; None where nothing can be."""
    match error:
        case BotError():
            return texts.plain(error.key, **error.values)
        case DialogsError():
            return texts.plain("error-form-closed")
        case TelegramAPIError():
            key = _refusal(decide(error), is_press=is_press)
            return None if key is None else texts.plain(key)
        case StoreError():
            return texts.plain("error-store")
    return texts.plain("error-unexpected")


def _refusal(decision: Decision, *, is_press: bool) -> str | None:
    """The text about what Telegram did not take."""
    match decision:
        case Decision.NO_CHAT | Decision.FOLLOW | Decision.NO_BOT if not is_press:
            return None
        case Decision.WAIT | Decision.RETRY:
            return "error-telegram-busy"
        case Decision.NO_MESSAGE | Decision.LATE | Decision.SAME if is_press:
            return "error-stale"
    return "error-telegram-refused"


async def _answer_press(query: CallbackQuery, error: Exception, text: str) -> None:
    await answer(query, text, alert=isinstance(error, BotError))
    if isinstance(error, Gone | DialogsError):
        await drop_buttons(query)
