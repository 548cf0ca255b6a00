"""The last in line: what nobody else understood."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog.utils import CB_SEP

from bot.i18n import Texts
from bot.replies import answer, drop_buttons


def nowhere() -> Router:
    """Before everything: presses below messages that the bot cannot have sent."""
    made = Router(name="nowhere")
    made.callback_query.register(on_any_press, ~F.message)
    return made


def strays() -> Router:
    """Before the wizard: unknown commands, and buttons that belong to no dialog."""
    made = Router(name="strays")
    made.message.register(on_unknown_command, F.text.startswith("/"))
    made.callback_query.register(on_any_press, ~F.data.contains(CB_SEP))
    return made


def rest() -> Router:
    """Behind the wizard: everything else."""
    made = Router(name="rest")
    made.message.register(on_anything)
    made.callback_query.register(on_any_press)
    return made


async def on_unknown_command(message: Message, texts: Texts) -> None:
    """A command that does not exist; a wizard that is open stays as it is."""
    await message.answer(texts("hint-command"))


async def on_anything(message: Message, texts: Texts) -> None:
    """A message without a place."""
    await message.answer(texts("hint-text"))


async def on_any_press(query: CallbackQuery, texts: Texts) -> None:
    """A button that means nothing any more."""
    await answer(query, texts.plain("error-stale"))
    await drop_buttons(query)
