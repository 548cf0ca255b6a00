"""`/earlier`, and its buttons."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.background import Background
from bot.errors import Gone
from bot.features.earlier import views
from bot.features.earlier.service import EarlierService, Leftover
from bot.i18n import Texts
from bot.replies import answer, say, show
from bot.screen import page_of
from core.operator import Operator


def router() -> Router:
    """The handlers of this area."""
    made = Router(name="earlier")
    made.message.register(on_earlier, Command("earlier"))
    made.callback_query.register(on_page, F.data.startswith("e:page:"))
    made.callback_query.register(on_open, F.data.startswith("e:open:"))
    made.callback_query.register(on_keep, F.data.startswith("e:keep:"))
    made.callback_query.register(on_delete, F.data.startswith("e:del:"))
    made.callback_query.register(on_delete_confirmed, F.data.startswith("e:del2:"))
    return made


async def on_earlier(message: Message, texts: Texts, earlier: EarlierService) -> None:
    """The chats that earlier tasks collected."""
    await say(message, views.listing(texts, await earlier.page(0)))


async def on_page(query: CallbackQuery, texts: Texts, earlier: EarlierService) -> None:
    """Another page of the list."""
    page = await earlier.page(page_of(query.data))
    await answer(query)
    await show(query, views.listing(texts, page))


async def on_open(query: CallbackQuery, texts: Texts, earlier: EarlierService) -> None:
    """One chat."""
    found = await earlier.get(_chat(query))
    await answer(query)
    await show(query, views.page(texts, found))


async def on_keep(
    query: CallbackQuery, operator: Operator, texts: Texts, earlier: EarlierService
) -> None:
    """It stays."""
    found = await earlier.keep(operator, _chat(query))
    await answer(query, texts.plain("toast-earlier-kept"))
    await show(query, views.page(texts, found))


async def on_delete(query: CallbackQuery, texts: Texts, earlier: EarlierService) -> None:
    """Ask again, with the number of messages."""
    found = await earlier.get(_chat(query))
    await answer(query)
    await show(query, views.confirm(texts, found))


async def on_delete_confirmed(
    query: CallbackQuery,
    operator: Operator,
    texts: Texts,
    earlier: EarlierService,
    background: Background,
) -> None:
    """Delete what is stored of the chat."""
    found = await earlier.begin(operator, _chat(query))
    await answer(query)
    await show(query, views.deleting(texts, found))
    background.start(f"earlier-{found.chat.id}", _delete(query, texts, earlier, found))


async def _delete(
    query: CallbackQuery, texts: Texts, earlier: EarlierService, found: Leftover
) -> None:
    gone = await earlier.finish(found.chat.id)
    await show(query, views.deleted(texts, found, gone=gone))


def _chat(query: CallbackQuery) -> int:
    """The chat that a button names. Raises Gone where it names none."""
    try:
        return int((query.data or "").rpartition(":")[2])
    except ValueError:
        raise Gone("error-earlier-gone") from None
