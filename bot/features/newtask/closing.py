"""What becomes of an open form that is closed or replaced: its message says so."""

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram_dialog import DialogManager

from bot.features.newtask.draft import from_data
from bot.i18n import Html, Texts

log = structlog.get_logger(__name__)


def closed_text(manager: DialogManager, texts: Texts) -> Html:
    """What is left to say of the open form: nothing was started, or changed."""
    return texts("wizard-closed-edit" if _edits(manager) else "wizard-closed")


async def close_form(manager: DialogManager, texts: Texts) -> Html:
    """Close the open form, in its message too; the text that says so."""
    text = closed_text(manager, texts)
    await _leave(manager, text)
    return text


async def replace_form(manager: DialogManager, texts: Texts) -> None:
    """Close the open form, if there is one, for another that follows."""
    if manager.has_context():
        key = "wizard-replaced-edit" if _edits(manager) else "wizard-replaced"
        await _leave(manager, texts(key))
    else:
        manager.current_stack().last_message_id = None
        await manager.reset_stack(remove_keyboard=False)


async def _leave(manager: DialogManager, text: Html) -> None:
    """The message is asked for before the stack forgets it: it may be gone or too old."""
    stack, data = manager.current_stack(), manager.middleware_data
    bot: Bot = data["bot"]
    if stack.last_message_id is not None:
        try:
            await bot.edit_message_text(
                text=text, chat_id=data["event_chat"].id, message_id=stack.last_message_id
            )
        except TelegramAPIError as error:
            log.info("form.left", error=error.message)
        stack.last_message_id = None
    await manager.reset_stack(remove_keyboard=False)


def _edits(manager: DialogManager) -> bool:
    return from_data(manager.dialog_data["draft"]).editing is not None
