"""The wizard in the chat: a dialog of five pages."""

from typing import Any

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import Dialog, DialogManager, ShowMode, StartMode, Window
from aiogram_dialog.widgets.input import MessageInput
from aiogram_dialog.widgets.text import Format

from bot.cards import Cards
from bot.errors import BotError
from bot.features.newtask import forms, schedule, views
from bot.features.newtask.choices import Choices
from bot.features.newtask.draft import Draft, from_data, to_data
from bot.features.newtask.service import WizardService
from bot.features.newtask.watch import LookupWatch
from bot.features.tasks.views import TaskCard
from bot.i18n import Html, Texts
from bot.replies import answer, show
from bot.screen import Screen
from core.operator import Operator
from core.options import HistoryOptions


class Wizard(StatesGroup):
    """The pages."""

    review = State()
    sources = State()
    what = State()
    account = State()
    when = State()


def router() -> Router:
    """The handlers of this area."""
    made = Router(name="newtask")
    made.message.register(on_newtask, Command("newtask"))
    made.callback_query.register(on_new, F.data == "new")
    made.callback_query.register(on_edit, F.data.startswith("t:edit:"))
    return made


async def on_newtask(
    message: Message,
    command: CommandObject,
    operator: Operator,
    texts: Texts,
    wizard: WizardService,
    dialog_manager: DialogManager,
    lookup_watch: LookupWatch,
) -> None:
    """Open the wizard with the sources named behind the command."""
    draft, bad = await wizard.open(operator, command.args or "")
    page = Wizard.review if draft.sources else Wizard.sources
    await open_wizard(dialog_manager, draft, page, views.bad_sources(texts, bad))
    lookup_watch.follow(dialog_manager, draft)
    del message


async def on_new(
    query: CallbackQuery, operator: Operator, wizard: WizardService, dialog_manager: DialogManager
) -> None:
    """The button of the home page."""
    draft, _ = await wizard.open(operator, "")
    await answer(query)
    dialog_manager.show_mode = ShowMode.SEND
    await open_wizard(dialog_manager, draft, Wizard.sources, Html())


async def on_edit(
    query: CallbackQuery,
    operator: Operator,
    wizard: WizardService,
    dialog_manager: DialogManager,
    lookup_watch: LookupWatch,
) -> None:
    """Edit a task in the wizard."""
    draft = await wizard.edit(operator, (query.data or "").removeprefix("t:edit:"))
    await answer(query)
    dialog_manager.show_mode = ShowMode.SEND
    await open_wizard(dialog_manager, draft, Wizard.review, Html())
    lookup_watch.follow(dialog_manager, draft)


async def open_wizard(manager: DialogManager, draft: Draft, page: State, note: Html) -> None:
    """Begin the dialog anew; a wizard that was open loses its buttons."""
    data = {"draft": to_data(draft), "note": note}
    await manager.reset_stack(remove_keyboard=manager.show_mode is not ShowMode.SEND)
    await manager.start(page, data=data, mode=StartMode.RESET_STACK)


async def begin(data: Any, manager: DialogManager) -> None:
    """Take over what the dialog was opened with."""
    manager.dialog_data.update(data)


async def page(
    dialog_manager: DialogManager, texts: Texts, wizard: WizardService, **_: Any
) -> dict[str, Any]:
    """What the present page shows."""
    screen = await _screen(dialog_manager, texts, wizard)
    note = dialog_manager.dialog_data.get("note") or ""
    return {"text": f"{screen.text}\n\n{note}" if note else screen.text, "rows": screen.rows}


async def on_choice(query: CallbackQuery, manager: DialogManager, action: str) -> None:
    """A press on any page."""
    manager.dialog_data["note"] = ""
    verb, _, value = action.partition(":")
    match verb:
        case "to" if value in PAGES:
            await manager.switch_to(PAGES[value])
        case "start":
            await _start(query, manager)
        case "cancel":
            await _cancel(query, manager)
        case _:
            await _change(manager, verb, value)


async def on_text(message: Message, _: MessageInput, manager: DialogManager) -> None:
    """Something was written while the wizard is open."""
    data = manager.middleware_data
    texts: Texts = data["texts"]
    manager.show_mode = ShowMode.DELETE_AND_SEND
    manager.dialog_data["note"] = ""
    try:
        await _read(manager, message.text or "")
    except BotError as error:
        manager.dialog_data["note"] = texts(error.key, **error.values)


PAGES = {
    "review": Wizard.review,
    "sources": Wizard.sources,
    "what": Wizard.what,
    "account": Wizard.account,
    "when": Wizard.when,
}


def _window(state: State) -> Window:
    return Window(
        Format("{text}"), Choices(on_choice), MessageInput(on_text), state=state, getter=page
    )


def pages() -> Dialog:
    """The wizard's pages; behind all commands, since they take any text."""
    return Dialog(*(_window(state) for state in PAGES.values()), on_start=begin, name="wizard")


async def _screen(manager: DialogManager, texts: Texts, wizard: WizardService) -> Screen:
    draft = _draft(manager)
    state = manager.current_context().state
    if state == Wizard.account:
        return views.account(texts, await wizard.accounts(), draft.account)
    data = await wizard.review(draft)
    if state == Wizard.sources:
        return views.sources(texts, data)
    if state == Wizard.what:
        return views.what(texts, data, wizard.zone)
    if state == Wizard.when:
        return schedule.when(texts, data, wizard.zone)
    return views.review(texts, data, wizard.zone)


async def _change(manager: DialogManager, verb: str, value: str) -> None:
    wizard: WizardService = manager.middleware_data["wizard"]
    draft = _draft(manager)
    match verb:
        case "rm":
            _keep(manager, draft.without(value))
            return
        case "use":
            draft = await wizard.use_instead(draft, value)
            _follow(manager, draft)
        case "acc":
            number = int(value) if value.isdigit() else None
            draft = await wizard.choose_account(draft, number)
        case "what":
            draft = wizard.with_history(draft, _history(wizard, value))
        case "when" | "at" | "every" | "daily":
            draft = wizard.with_schedule(
                draft, schedule.pressed(verb, value, wizard.zone, wizard.now())
            )
        case _:
            raise BotError("error-stale")
    _keep(manager, draft)
    await manager.switch_to(Wizard.review)


async def _read(manager: DialogManager, text: str) -> None:
    wizard: WizardService = manager.middleware_data["wizard"]
    state = manager.current_context().state
    draft = _draft(manager)
    if state == Wizard.what:
        history = forms.read_what(text, wizard.zone, wizard.now())
        draft = wizard.with_history(draft, history)
    elif state == Wizard.when:
        draft = wizard.with_schedule(draft, forms.read_when(text, wizard.zone, wizard.now()))
    elif state == Wizard.account:
        raise BotError("wizard-press-an-account")
    else:
        draft = await _add(manager, wizard, draft, text)
    _keep(manager, draft)
    if draft.sources:
        await manager.switch_to(Wizard.review)


async def _add(manager: DialogManager, wizard: WizardService, draft: Draft, text: str) -> Draft:
    asked_for = manager.current_context().state == Wizard.sources
    if not (text.strip() if asked_for else forms.names_sources(text)):
        raise BotError("wizard-text-not-understood")
    changed, bad = await wizard.add_sources(draft, text)
    manager.dialog_data["note"] = views.bad_sources(manager.middleware_data["texts"], bad)
    if changed != draft:
        _follow(manager, changed)
    return changed


async def _start(query: CallbackQuery, manager: DialogManager) -> None:
    data = manager.middleware_data
    wizard: WizardService = data["wizard"]
    cards: Cards = data["cards"]
    draft = _draft(manager)
    operator: Operator = data["operator"]
    if draft.editing:
        task, run = await wizard.save(operator, draft), None
    else:
        started = await wizard.start(operator, draft, data["event_chat"].id)
        task, run = started.task, started.run
    await manager.done(show_mode=ShowMode.NO_UPDATE)
    if run is not None and query.message is not None:
        await cards.adopt(run, query.message.chat.id, query.message.message_id)
        return
    task_card: TaskCard = data["task_card"]
    await show(query, await task_card.screen(data["texts"], task.id))


async def _cancel(query: CallbackQuery, manager: DialogManager) -> None:
    await manager.done(show_mode=ShowMode.NO_UPDATE)
    await show(query, views.closed(manager.middleware_data["texts"]))


def _history(wizard: WizardService, value: str) -> HistoryOptions:
    return forms.read_what(value, wizard.zone, wizard.now())


def _draft(manager: DialogManager) -> Draft:
    return from_data(manager.dialog_data["draft"])


def _keep(manager: DialogManager, draft: Draft) -> None:
    manager.dialog_data["draft"] = to_data(draft)


def _follow(manager: DialogManager, draft: Draft) -> None:
    watch: LookupWatch = manager.middleware_data["lookup_watch"]
    watch.follow(manager, draft)
