"""The list of found groups: its pages, its ticks, and what follows."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, ShowMode

from bot.cards import Cards
from bot.errors import BotError, Gone
from bot.features.found import views
from bot.features.found.service import FoundService, Place
from bot.features.newtask.dialog import open_wizard
from bot.features.newtask.service import WizardService
from bot.features.newtask.watch import LookupWatch
from bot.features.runs.service import RunService
from bot.i18n import Html, Texts
from bot.replies import answer, say, show
from core.operator import Operator

TICKS = ("f:on:", "f:off:", "f:pg:", "f:all:", "f:none:")


def router() -> Router:
    """The handlers of this area."""
    made = Router(name="found")
    made.callback_query.register(on_open, F.data.startswith("f:open:"))
    made.callback_query.register(on_list, F.data.startswith("f:list:"))
    made.callback_query.register(on_tick, F.data.startswith(TICKS))
    made.callback_query.register(on_ask, F.data.startswith("f:ask:"))
    made.callback_query.register(on_go, F.data.startswith("f:go:"))
    made.callback_query.register(on_take, F.data.startswith("f:take:"))
    return made


async def on_open(query: CallbackQuery, texts: Texts, found: FoundService) -> None:
    """The list as a message of its own, so that the card goes on showing the run."""
    page = await found.page(_place(query))
    await answer(query)
    if not isinstance(query.message, Message):
        raise Gone("error-stale")
    await say(query.message, views.listing(texts, page))


async def on_list(query: CallbackQuery, texts: Texts, found: FoundService) -> None:
    """Another page, another filter, or the same anew."""
    page = await found.page(_place(query))
    await answer(query)
    await show(query, views.listing(texts, page))


async def on_tick(
    query: CallbackQuery, operator: Operator, texts: Texts, found: FoundService
) -> None:
    """Tick groups, or take ticks away."""
    place, verb = _place(query), _parts(query)[1]
    match verb:
        case "pg":
            await found.tick_page(operator, place)
        case "all" | "none":
            await found.tick_all(operator, place, ticked=verb == "all")
        case _:
            await found.tick(operator, place, _number(query, 5), ticked=verb == "on")
    await answer(query)
    await show(query, views.listing(texts, await found.page(place)))


async def on_ask(
    query: CallbackQuery, operator: Operator, texts: Texts, found: FoundService, runs: RunService
) -> None:
    """Ask before anything is joined."""
    run = await runs.get(_parts(query)[2])
    count = await found.may_choose(operator, run.id)
    await answer(query)
    await show(query, views.confirm(texts, run, count))


async def on_go(
    query: CallbackQuery,
    operator: Operator,
    texts: Texts,
    found: FoundService,
    runs: RunService,
    cards: Cards,
) -> None:
    """Join the ticked groups."""
    run = await runs.get(_parts(query)[2])
    count = await found.choose(operator, run.id)
    await answer(query)
    await show(query, views.chosen(texts, run.number, count))
    await cards.show_now(run.id)


async def on_take(
    query: CallbackQuery,
    operator: Operator,
    texts: Texts,
    found: FoundService,
    wizard: WizardService,
    dialog_manager: DialogManager,
    lookup_watch: LookupWatch,
) -> None:
    """Make a task of the ticked groups; the list keeps its buttons for another one."""
    sources = await found.collect(operator, _parts(query)[2])
    draft = await wizard.open_with(operator, sources)
    await answer(query)
    dialog_manager.show_mode = ShowMode.SEND
    await open_wizard(dialog_manager, draft, "review", Html())
    lookup_watch.follow(dialog_manager, draft)
    await show(query, views.listing(texts, await found.page(_place(query))))


def _parts(query: CallbackQuery) -> list[str]:
    return (query.data or "").split(":")


def _place(query: CallbackQuery) -> Place:
    parts = _parts(query)
    if len(parts) < 5:
        return Place(run=parts[2])
    return Place(run=parts[2], page=_number(query, 3), members=_number(query, 4))


def _number(query: CallbackQuery, place: int) -> int:
    parts = _parts(query)
    if len(parts) <= place or not parts[place].isdigit() or len(parts[place]) > 9:
        raise BotError("error-stale")
    return int(parts[place])
