"""`/accounts`, and its buttons."""

from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.features.accounts import views
from bot.features.accounts.service import AccountService
from bot.i18n import Texts
from bot.replies import answer, say, show
from bot.screen import Screen
from core.clock import Clock
from core.operator import Operator


def router() -> Router:
    """The handlers of this area."""
    made = Router(name="accounts")
    made.message.register(on_accounts, Command("accounts"))
    made.callback_query.register(on_list, F.data == "a:list")
    made.callback_query.register(on_default, F.data.startswith("a:default:"))
    return made


async def on_accounts(
    message: Message, texts: Texts, accounts: AccountService, zone: ZoneInfo, clock: Clock
) -> None:
    """The crew."""
    await say(message, await _screen(texts, accounts, zone, clock))


async def on_list(
    query: CallbackQuery, texts: Texts, accounts: AccountService, zone: ZoneInfo, clock: Clock
) -> None:
    """The crew as it is now."""
    screen = await _screen(texts, accounts, zone, clock)
    await answer(query)
    await show(query, screen)


async def on_default(
    query: CallbackQuery,
    operator: Operator,
    texts: Texts,
    accounts: AccountService,
    zone: ZoneInfo,
    clock: Clock,
) -> None:
    """Make an account the default one."""
    chosen = (query.data or "").rpartition(":")[2]
    account = await accounts.make_default(operator, chosen)
    await answer(query, texts.plain("toast-default", name=account.name))
    await show(query, await _screen(texts, accounts, zone, clock))


async def _screen(texts: Texts, accounts: AccountService, zone: ZoneInfo, clock: Clock) -> Screen:
    crew, running = await accounts.crew(), await accounts.running()
    unusable = await accounts.unusable(crew)
    return views.crew(texts, crew, running, unusable, zone, clock.now())
