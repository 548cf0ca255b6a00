"""`/workers`."""

from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.features.workers import views
from bot.features.workers.service import WorkerService
from bot.i18n import Texts
from bot.replies import answer, say, show
from bot.screen import page_of


def router() -> Router:
    """The handlers of this area."""
    made = Router(name="workers")
    made.message.register(on_workers, Command("workers"))
    made.callback_query.register(on_page, F.data.startswith("w:page:"))
    return made


async def on_workers(
    message: Message, texts: Texts, workers: WorkerService, zone: ZoneInfo
) -> None:
    """The workers, the latest started first."""
    await say(message, views.listing(texts, await workers.page(0), zone))


async def on_page(
    query: CallbackQuery, texts: Texts, workers: WorkerService, zone: ZoneInfo
) -> None:
    """Another page, or the same again."""
    page = await workers.page(page_of(query.data))
    await answer(query)
    await show(query, views.listing(texts, page, zone))
