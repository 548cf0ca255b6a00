"""The wizard in the chat: a dialog of pages around one draft."""

from collections.abc import Callable, Mapping
from typing import Any

from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import Dialog, DialogManager, ShowMode, StartMode, Window
from aiogram_dialog.widgets.input import MessageInput
from aiogram_dialog.widgets.link_preview import LinkPreview
from aiogram_dialog.widgets.text import Format

from bot.cards import Cards
from bot.errors import BotError
from bot.features.newtask import (
    asking,
    joining,
    keeping,
    options,
    pool,
    presets,
    review,
    schedule,
    search,
    sources,
    turns,
    views,
)
from bot.features.newtask.choices import Choices
from bot.features.newtask.closing import closed_text, replace_form
from bot.features.newtask.draft import Draft, from_data, next_of, to_data
from bot.features.newtask.service import WizardService
from bot.features.newtask.watch import LookupWatch
from bot.features.tasks.views import TaskCard
from bot.groups import is_group
from bot.i18n import Html, Texts
from bot.replies import show
from bot.screen import Choice, Screen, page_of
from bot.written import written
from core.operator import Operator
from core.run import Card


class Wizard(StatesGroup):
    """The pages."""

    review = State()
    steps = State()
    mix = State()
    sources = State()
    words = State()
    places = State()
    joining = State()
    rules = State()
    what = State()
    more = State()
    topic = State()
    media = State()
    account = State()
    pool = State()
    keeping = State()
    when = State()


PAGES = {(state.state or "").rpartition(":")[2]: state for state in Wizard}

BY_DRAFT: Mapping[str, Callable[[Texts, Draft], Screen]] = {
    "steps": presets.page,
    "mix": presets.mix,
    "words": search.words,
    "joining": joining.policy,
    "rules": joining.rules,
    "more": options.more,
    "topic": options.topic,
    "media": options.media,
}
"""Pages that show the draft and nothing else."""


def pages() -> Dialog:
    """The wizard's pages; behind all commands, since they take any text."""
    return Dialog(*(_window(state) for state in PAGES.values()), on_start=begin, name="wizard")


async def open_wizard(manager: DialogManager, draft: Draft, page: str, note: Html) -> None:
    """Begin the dialog anew; a form that was open says that it was replaced."""
    data = {"draft": to_data(draft), "note": note}
    await replace_form(manager, manager.middleware_data["texts"])
    await manager.start(PAGES[page], data=data, mode=StartMode.RESET_STACK)


async def begin(data: Any, manager: DialogManager) -> None:
    """Take over what the dialog was opened with."""
    manager.dialog_data.update(data)


async def page(
    dialog_manager: DialogManager, texts: Texts, wizard: WizardService, **_: Any
) -> dict[str, Any]:
    """What the present page shows."""
    screen = await _screen(dialog_manager, texts, wizard)
    if _page(dialog_manager) in asking.PAGES:
        screen = asking.with_questions(texts, _draft(dialog_manager), screen)
    note = dialog_manager.dialog_data.get("note") or ""
    text = f"{screen.text}\n\n{note}" if note else screen.text
    return {"text": text, "rows": _with_cancel(texts, screen)}


async def on_choice(query: CallbackQuery, manager: DialogManager, action: str) -> None:
    """A press on any page."""
    manager.dialog_data["note"] = ""
    verb, _, value = action.partition(":")
    match verb:
        case "turn":
            manager.dialog_data["shown"] = page_of(action)
        case "to" if value in PAGES:
            manager.dialog_data["shown"] = 0
            if _page(manager) == "pool":
                manager.dialog_data["draft"] = to_data(pool.kept(_draft(manager)))
            await manager.switch_to(PAGES[value])
        case "start":
            await _start(query, manager)
        case "cancel":
            await _cancel(query, manager)
        case _:
            wizard: WizardService = manager.middleware_data["wizard"]
            await _take(manager, await turns.press(wizard, _draft(manager), verb, value))


async def on_text(message: Message, _: MessageInput, manager: DialogManager) -> None:
    """Something was written while the wizard is open."""
    data = manager.middleware_data
    texts: Texts = data["texts"]
    there = is_group(message.chat.id)
    manager.show_mode = ShowMode.EDIT if there else ShowMode.DELETE_AND_SEND
    manager.dialog_data["note"] = ""
    try:
        turn = await turns.read(data["wizard"], _draft(manager), _page(manager), written(message))
    except BotError as error:
        manager.dialog_data["note"] = texts(error.key, **error.values)
        return
    manager.dialog_data["note"] = sources.bad_sources(texts, turn.bad, turn.left_out)
    await _take(manager, turn)


async def _take(manager: DialogManager, turn: turns.Turn) -> None:
    """Keep the draft, follow what it asks of the workers, and turn the page."""
    before = _draft(manager)
    manager.dialog_data["draft"] = to_data(turn.draft)
    if turn.draft.lookups != before.lookups:
        watch: LookupWatch = manager.middleware_data["lookup_watch"]
        watch.follow(manager, turn.draft)
    if turn.page is not None:
        await manager.switch_to(PAGES[turn.page])


def _window(state: State) -> Window:
    return Window(
        Format("{text}"),
        LinkPreview(is_disabled=True),
        Choices(on_choice),
        MessageInput(on_text),
        state=state,
        getter=page,
    )


async def _screen(manager: DialogManager, texts: Texts, wizard: WizardService) -> Screen:
    draft, name = _draft(manager), _page(manager)
    if name in BY_DRAFT:
        return BY_DRAFT[name](texts, draft)
    if name == "places":
        return search.places(texts, draft, wizard.bots)
    shown = manager.dialog_data.get("shown", 0)
    if name == "account":
        return views.account(texts, await wizard.accounts(), draft, shown)
    if name == "pool":
        return pool.page(texts, draft, await wizard.accounts(), shown)
    if name == "keeping":
        return keeping.page(texts, draft, await wizard.on_its_chats(draft))
    data = await wizard.review(draft)
    if name == "sources":
        return sources.sources(texts, data)
    view = {"what": views.what, "when": schedule.when}.get(name, review.review)
    return view(texts, data, wizard.zone)


async def _start(query: CallbackQuery, manager: DialogManager) -> None:
    data = manager.middleware_data
    wizard: WizardService = data["wizard"]
    cards: Cards = data["cards"]
    draft = _draft(manager)
    operator: Operator = data["operator"]
    if query.message is None:
        return
    card = Card(chat=query.message.chat.id, message=query.message.message_id)
    if draft.editing:
        task, run = await wizard.save(operator, draft), None
    else:
        started = await wizard.start(operator, draft, card)
        task, run = started.task, started.run
    await manager.done(show_mode=ShowMode.NO_UPDATE)
    if run is not None:
        await cards.adopt(run, card.chat, card.message)
    else:
        task_card: TaskCard = data["task_card"]
        await show(query, await task_card.screen(data["texts"], task.id))
    if draft.waiting:
        await _begin_next(manager, draft)


async def _begin_next(manager: DialogManager, started: Draft) -> None:
    """A wizard for the sources that the task before had no room for, in a message of its own."""
    data = manager.middleware_data
    wizard: WizardService = data["wizard"]
    watch: LookupWatch = data["lookup_watch"]
    texts: Texts = data["texts"]
    draft = await wizard.fill(next_of(started))
    manager.show_mode = ShowMode.SEND
    await open_wizard(manager, draft, "review", texts("wizard-next-task"))
    watch.follow(manager, draft)


async def _cancel(query: CallbackQuery, manager: DialogManager) -> None:
    text = closed_text(manager, manager.middleware_data["texts"])
    await manager.done(show_mode=ShowMode.NO_UPDATE)
    await show(query, Screen(text))


def _with_cancel(texts: Texts, screen: Screen) -> tuple[tuple[Choice, ...], ...]:
    """The rows of a page, of which Cancel is the last."""
    if any(one.action == "cancel" for row in screen.rows for one in row):
        return screen.rows
    return (*screen.rows, (Choice(texts.plain("button-cancel"), "cancel"),))


def _draft(manager: DialogManager) -> Draft:
    return from_data(manager.dialog_data["draft"])


def _page(manager: DialogManager) -> str:
    return (manager.current_context().state.state or "").rpartition(":")[2]
