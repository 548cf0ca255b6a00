"""`/tasks`, and the buttons of a task's card."""

from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.background import Background
from bot.cards import Cards
from bot.features.runs.service import RunService
from bot.features.tasks import views
from bot.features.tasks.deletion import Deletions
from bot.features.tasks.service import TaskService
from bot.features.tasks.views import TaskCard
from bot.i18n import Texts
from bot.replies import answer, say, show
from bot.screen import page_of
from core.operator import Operator
from core.run import Run
from core.task import Task


def router() -> Router:
    """The handlers of this area."""
    made = Router(name="tasks")
    made.message.register(on_tasks, Command("tasks"))
    made.callback_query.register(on_page, F.data.startswith("t:page:"))
    made.callback_query.register(on_open, F.data.startswith("t:open:"))
    made.callback_query.register(on_start, F.data.startswith("t:start:"))
    made.callback_query.register(on_retry, F.data.startswith("t:retry:"))
    made.callback_query.register(on_stop, F.data.startswith("t:stop:"))
    made.callback_query.register(on_pause, F.data.startswith("t:pause:"))
    made.callback_query.register(on_resume, F.data.startswith("t:resume:"))
    made.callback_query.register(on_delete, F.data.startswith("t:del:"))
    made.callback_query.register(on_delete_messages, F.data.startswith("t:del3:"))
    made.callback_query.register(
        on_delete_confirmed, F.data.startswith("t:del2:") | F.data.startswith("t:del4:")
    )
    return made


async def on_tasks(message: Message, texts: Texts, tasks: TaskService, zone: ZoneInfo) -> None:
    """The newest tasks."""
    await say(message, views.listing(texts, await tasks.page(0), zone))


async def on_page(query: CallbackQuery, texts: Texts, tasks: TaskService, zone: ZoneInfo) -> None:
    """Another page of the list."""
    page = await tasks.page(page_of(query.data))
    await answer(query)
    await show(query, views.listing(texts, page, zone))


async def on_open(query: CallbackQuery, texts: Texts, task_card: TaskCard) -> None:
    """The card of a task: in place of a list, below the card of a run."""
    screen = await task_card.screen(texts, _id(query))
    await answer(query)
    if isinstance(query.message, Message) and _is_run_card(query.message):
        await say(query.message, screen)
    else:
        await show(query, screen)


async def on_start(
    query: CallbackQuery, operator: Operator, texts: Texts, tasks: TaskService, cards: Cards
) -> None:
    """A new run; its card comes as a new message."""
    run = await tasks.start(operator, _id(query))
    await answer(query, texts.plain("toast-started", number=str(run.number)))
    await cards.show_now(run.id)


async def on_retry(
    query: CallbackQuery,
    operator: Operator,
    texts: Texts,
    tasks: TaskService,
    runs: RunService,
    cards: Cards,
) -> None:
    """Begin the failed jobs of the last run again."""
    run = await runs.retry(operator, await tasks.last_run(_id(query)))
    await answer(query, texts.plain("toast-retrying", number=str(run.number)))
    await cards.redraw(run.id)


async def on_stop(
    query: CallbackQuery,
    operator: Operator,
    texts: Texts,
    tasks: TaskService,
    cards: Cards,
    task_card: TaskCard,
) -> None:
    """Stop the open run."""
    run = await tasks.stop(operator, _id(query))
    await answer(query, texts.plain("toast-stopping", number=str(run.number)))
    await cards.show_now(run.id)
    await show(query, await task_card.screen(texts, run.task))


async def on_pause(
    query: CallbackQuery,
    operator: Operator,
    texts: Texts,
    tasks: TaskService,
    cards: Cards,
    task_card: TaskCard,
) -> None:
    """Let the run and the schedule rest."""
    run = await tasks.pause(operator, _id(query))
    await answer(query, texts.plain("toast-paused"))
    await _show_rest(query, texts, cards, task_card, run)


async def on_resume(
    query: CallbackQuery,
    operator: Operator,
    texts: Texts,
    tasks: TaskService,
    cards: Cards,
    task_card: TaskCard,
) -> None:
    """Let both go on."""
    run = await tasks.resume(operator, _id(query))
    await answer(query, texts.plain("toast-resumed"))
    await _show_rest(query, texts, cards, task_card, run)


async def on_delete(query: CallbackQuery, texts: Texts, deletions: Deletions) -> None:
    """Ask first."""
    loss = await deletions.ask(_id(query))
    await answer(query)
    await show(query, views.confirm_delete(texts, loss))


async def on_delete_messages(query: CallbackQuery, texts: Texts, deletions: Deletions) -> None:
    """Ask again, since messages do not come back; where none are left to ask about, as before."""
    loss = await deletions.ask(_id(query))
    await answer(query)
    confirm = views.confirm_messages if loss.messages else views.confirm_delete
    await show(query, confirm(texts, loss))


async def on_delete_confirmed(
    query: CallbackQuery,
    operator: Operator,
    texts: Texts,
    deletions: Deletions,
    background: Background,
) -> None:
    """Stop what runs, then delete; with the messages where that was pressed."""
    purge = (query.data or "").startswith("t:del4:")
    task = await deletions.begin(operator, _id(query), purge=purge)
    await answer(query)
    await show(query, views.deleting(texts, task))
    background.start(f"delete-{task.id}", _delete(query, texts, deletions, task))


async def _delete(query: CallbackQuery, texts: Texts, deletions: Deletions, task: Task) -> None:
    gone = await deletions.finish(task.id)
    await show(query, views.deleted(texts, task, gone=gone))


async def _show_rest(
    query: CallbackQuery, texts: Texts, cards: Cards, task_card: TaskCard, run: Run | None
) -> None:
    """The run's card, and the task's where the button was on that."""
    if run is not None:
        await cards.show_now(run.id)
    if not (isinstance(query.message, Message) and _is_run_card(query.message)):
        await show(query, await task_card.screen(texts, _id(query)))


def _id(query: CallbackQuery) -> str:
    return (query.data or "").split(":", 2)[2]


def _is_run_card(message: Message) -> bool:
    rows = message.reply_markup.inline_keyboard if message.reply_markup else []
    return any((one.callback_data or "").startswith("r:") for row in rows for one in row)
