"""`/queue`."""

from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.features.queue import views
from bot.features.queue.service import QueueService
from bot.i18n import Texts
from bot.replies import answer, say, show
from bot.screen import page_of


def router() -> Router:
    """The handlers of this area."""
    made = Router(name="queue")
    made.message.register(on_queue, Command("queue"))
    made.callback_query.register(on_page, F.data.startswith("q:page:"))
    return made


async def on_queue(message: Message, texts: Texts, queue: QueueService, zone: ZoneInfo) -> None:
    """What runs and what waits, oldest first."""
    await say(message, views.listing(texts, await queue.page(0), zone))


async def on_page(query: CallbackQuery, texts: Texts, queue: QueueService, zone: ZoneInfo) -> None:
    """Another page, or the same again."""
    page = await queue.page(page_of(query.data))
    await answer(query)
    await show(query, views.listing(texts, page, zone))
