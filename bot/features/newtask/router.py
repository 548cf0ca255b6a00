"""The ways into the wizard."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, ShowMode

from bot.features.newtask import sources
from bot.features.newtask.dialog import open_wizard
from bot.features.newtask.draft import Draft
from bot.features.newtask.service import WizardService
from bot.features.newtask.watch import LookupWatch
from bot.i18n import Html, Texts
from bot.replies import answer
from bot.written import written
from core.operator import Operator


def router() -> Router:
    """The handlers of this area."""
    made = Router(name="newtask")
    made.message.register(on_newtask, Command("newtask"))
    made.callback_query.register(on_new, F.data == "new")
    made.callback_query.register(on_edit, F.data.startswith("t:edit:"))
    made.callback_query.register(on_words, F.data.startswith("t:words:"))
    made.callback_query.register(on_clone, F.data.startswith("t:clone:"))
    return made


async def on_newtask(
    message: Message,
    operator: Operator,
    texts: Texts,
    wizard: WizardService,
    dialog_manager: DialogManager,
    lookup_watch: LookupWatch,
) -> None:
    """Open the wizard with the sources named behind the command."""
    said = written(message)
    draft, bad = await wizard.open(operator, said.text, said.origin)
    page = "review" if draft.sources else "steps"
    await open_wizard(dialog_manager, draft, page, sources.bad_sources(texts, bad))
    lookup_watch.follow(dialog_manager, draft)


async def on_new(
    query: CallbackQuery, operator: Operator, wizard: WizardService, dialog_manager: DialogManager
) -> None:
    """The button of the home page."""
    draft, _ = await wizard.open(operator, "")
    await answer(query)
    dialog_manager.show_mode = ShowMode.SEND
    await open_wizard(dialog_manager, draft, "steps", Html())


async def on_edit(
    query: CallbackQuery,
    operator: Operator,
    wizard: WizardService,
    dialog_manager: DialogManager,
    lookup_watch: LookupWatch,
) -> None:
    """Edit a task in the wizard."""
    draft = await wizard.edit(operator, (query.data or "").removeprefix("t:edit:"))
    await _open_edit(query, dialog_manager, lookup_watch, draft, "review")


async def on_words(
    query: CallbackQuery,
    operator: Operator,
    wizard: WizardService,
    dialog_manager: DialogManager,
    lookup_watch: LookupWatch,
) -> None:
    """Edit the words of a task whose search found nothing."""
    draft = await wizard.edit(operator, (query.data or "").removeprefix("t:words:"))
    await _open_edit(query, dialog_manager, lookup_watch, draft, "words")


async def _open_edit(
    query: CallbackQuery, manager: DialogManager, lookup_watch: LookupWatch, draft: Draft, page: str
) -> None:
    await answer(query)
    manager.show_mode = ShowMode.SEND
    await open_wizard(manager, draft, page, Html())
    lookup_watch.follow(manager, draft)


async def on_clone(
    query: CallbackQuery,
    operator: Operator,
    wizard: WizardService,
    dialog_manager: DialogManager,
    lookup_watch: LookupWatch,
) -> None:
    """A new task like this one."""
    draft = await wizard.copy(operator, (query.data or "").removeprefix("t:clone:"))
    await answer(query)
    dialog_manager.show_mode = ShowMode.SEND
    await open_wizard(dialog_manager, draft, "review", Html())
    lookup_watch.follow(dialog_manager, draft)
