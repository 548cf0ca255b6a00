"""`/start`, `/help`, `/language`, `/cancel`."""

from aiogram import F, Router
from aiogram.filters import Command, CommandStart
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from bot.errors import BotError
from bot.features.home import views
from bot.features.home.service import HomeService
from bot.features.newtask.closing import close_form
from bot.i18n import Locales, Texts
from bot.replies import answer, say, show
from core.operator import Operator


def router() -> Router:
    """The handlers of this area."""
    made = Router(name="home")
    made.message.register(on_start, CommandStart())
    made.message.register(on_help, Command("help"))
    made.message.register(on_language, Command("language"))
    made.message.register(on_cancel, Command("cancel"))
    made.callback_query.register(on_help_page, F.data == "h:help")
    made.callback_query.register(on_topic, F.data.startswith("h:"))
    made.callback_query.register(on_language_chosen, F.data.startswith("l:"))
    return made


async def on_start(message: Message, texts: Texts, home: HomeService) -> None:
    """Where everything begins."""
    await say(message, views.home(texts, await home.view()))


async def on_help(message: Message, texts: Texts) -> None:
    """The commands and the topics."""
    await say(message, views.help_topics(texts))


async def on_language(message: Message, texts: Texts) -> None:
    """Ask for the language."""
    await say(message, views.languages(texts))


async def on_cancel(message: Message, texts: Texts, dialog_manager: DialogManager) -> None:
    """Leave the wizard."""
    if dialog_manager.has_context():
        await message.answer(await close_form(dialog_manager, texts))
    else:
        await message.answer(texts("cancel-nothing"))


async def on_help_page(query: CallbackQuery, texts: Texts) -> None:
    """Back to the topics."""
    await answer(query)
    await show(query, views.help_topics(texts))


async def on_topic(query: CallbackQuery, texts: Texts) -> None:
    """One topic of the help."""
    topic = (query.data or "").removeprefix("h:")
    if topic not in views.TOPICS:
        raise BotError("error-stale")
    await answer(query)
    await show(query, views.help_topic(texts, topic))


async def on_language_chosen(
    query: CallbackQuery, operator: Operator, home: HomeService, locales: Locales
) -> None:
    """Speak another language from now on."""
    chosen = await home.set_language(operator, (query.data or "").removeprefix("l:"))
    texts = locales.of(chosen, query.from_user.language_code)
    await answer(query)
    await show(query, views.language_set(texts))
