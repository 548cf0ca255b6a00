"""The buttons of a run's card."""

from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.cards import Cards
from bot.errors import Gone
from bot.features.runs import coverage, failures, results
from bot.features.runs.export import Exporter
from bot.features.runs.service import RunService
from bot.i18n import Texts
from bot.replies import answer, say, show
from bot.screen import page_of
from core.export import ExportFormat
from core.operator import Operator


def router() -> Router:
    """The handlers of this area."""
    made = Router(name="runs")
    made.callback_query.register(on_stop, F.data.startswith("r:stop:"))
    made.callback_query.register(on_retry, F.data.startswith("r:retry:"))
    made.callback_query.register(on_who, F.data.startswith("r:who:"))
    made.callback_query.register(on_use, F.data.startswith("r:use:"))
    made.callback_query.register(on_card, F.data.startswith("r:card:"))
    made.callback_query.register(on_latest, F.data.startswith("r:latest:"))
    made.callback_query.register(on_coverage, F.data.startswith("r:cover:"))
    made.callback_query.register(on_coverage_page, F.data.startswith("r:covers:"))
    made.callback_query.register(on_failures, F.data.startswith("r:failed:"))
    made.callback_query.register(on_failures_page, F.data.startswith("r:fails:"))
    made.callback_query.register(on_repair, F.data.startswith("r:repair:"))
    made.callback_query.register(on_export, F.data.startswith("r:export:"))
    made.callback_query.register(
        on_format, F.data.startswith("r:csv:") | F.data.startswith("r:jsonl:")
    )
    return made


async def on_stop(
    query: CallbackQuery, operator: Operator, texts: Texts, runs: RunService, cards: Cards
) -> None:
    """Stop the run."""
    run = await runs.stop(operator, _id(query))
    await answer(query, texts.plain("toast-stopping", number=str(run.number)))
    await cards.show_now(run.id)


async def on_retry(
    query: CallbackQuery, operator: Operator, texts: Texts, runs: RunService, cards: Cards
) -> None:
    """Begin the failed jobs again."""
    run = await runs.retry(operator, _id(query))
    await answer(query, texts.plain("toast-retrying", number=str(run.number)))
    await cards.redraw(run.id)


async def on_who(query: CallbackQuery, operator: Operator, texts: Texts, runs: RunService) -> None:
    """List the accounts that may do what failed: below the card of a run that goes on."""
    run = await runs.get(_id(query))
    screen = results.other_accounts(texts, run, await runs.crew(operator))
    await answer(query)
    if run.is_open():
        await say(_message(query), screen)
    else:
        await show(query, screen)


async def on_use(
    query: CallbackQuery, operator: Operator, texts: Texts, runs: RunService, cards: Cards
) -> None:
    """Let the pressed account do what failed, and the task from now on."""
    run_id, _, account = _id(query).partition(":")
    run = await runs.retry(operator, run_id, await runs.policy_of(account))
    await answer(query, texts.plain("toast-retrying", number=str(run.number)))
    await cards.redraw(run.id)


async def on_card(query: CallbackQuery, runs: RunService, cards: Cards) -> None:
    """Back to the card."""
    run = await runs.get(_id(query))
    await answer(query)
    await cards.redraw(run.id)


async def on_latest(query: CallbackQuery, texts: Texts, runs: RunService, zone: ZoneInfo) -> None:
    """Show the newest stored messages."""
    found = await runs.latest(_id(query))
    await answer(query)
    await say(_message(query), results.latest(texts, found, zone))


async def on_coverage(query: CallbackQuery, texts: Texts, runs: RunService) -> None:
    """Show how much is stored of each chat."""
    found = await runs.coverage(_id(query))
    await answer(query)
    await say(_message(query), coverage.screen(texts, found))


async def on_coverage_page(query: CallbackQuery, texts: Texts, runs: RunService) -> None:
    """Other chats."""
    run, _, page = _id(query).partition(":")
    found = await runs.coverage(run, page_of(page))
    await answer(query)
    await show(query, coverage.screen(texts, found))


async def on_failures(query: CallbackQuery, texts: Texts, runs: RunService) -> None:
    """List all that failed."""
    run = await runs.get(_id(query))
    screen = failures.listing(texts, *await runs.shown(run), 0)
    await answer(query)
    await say(_message(query), screen)


async def on_failures_page(query: CallbackQuery, texts: Texts, runs: RunService) -> None:
    """Another page of it, or the same again."""
    number, _, page = _id(query).partition(":")
    run = await runs.get(number)
    screen = failures.listing(texts, *await runs.shown(run), page_of(page))
    await answer(query)
    await show(query, screen)


async def on_repair(
    query: CallbackQuery, operator: Operator, texts: Texts, runs: RunService, cards: Cards
) -> None:
    """Read what is unknown; a new run has a card of its own."""
    run = await runs.repair(operator, _id(query))
    await answer(query, texts.plain("toast-repairing", number=str(run.number)))
    await cards.show_now(run.id)


async def on_export(query: CallbackQuery, texts: Texts, runs: RunService) -> None:
    """Ask for the format."""
    run = await runs.get(_id(query))
    await answer(query)
    await say(_message(query), results.export_formats(texts, run.id))


async def on_format(
    query: CallbackQuery, texts: Texts, runs: RunService, exporter: Exporter
) -> None:
    """Write the export and send it."""
    kind = ExportFormat((query.data or "").split(":")[1])
    run = await runs.get(_id(query))
    await exporter.start(run, kind, _message(query), texts)
    await answer(query, texts.plain("toast-exporting"))


def _id(query: CallbackQuery) -> str:
    return (query.data or "").split(":", 2)[2]


def _message(query: CallbackQuery) -> Message:
    if not isinstance(query.message, Message):
        raise Gone("error-stale")
    return query.message
