"""The queue as people read it."""

from zoneinfo import ZoneInfo

from bot.features.queue.service import QueuedRun, QueuePage, Waiting
from bot.features.runs import steps
from bot.formatting import exact_moment, shorten
from bot.i18n import Html, Texts
from bot.reasons import reason
from bot.screen import Choice, Screen, pager, rows_of
from bot.titles import short
from core.run import Intent, RunState


def listing(texts: Texts, data: QueuePage, zone: ZoneInfo) -> Screen:
    """Open runs, each with what it does, what it waits for, and a button to its task."""
    refresh = (Choice(texts.plain("button-refresh"), f"q:page:{data.page}"),)
    if not data.runs:
        return Screen(texts("queue-none"), (refresh,))
    title = texts(
        "queue-title",
        open=data.open,
        running=data.running,
        queued=data.queued,
        page=data.page + 1,
        pages=data.pages,
    )
    lines = [_run(texts, one, data, zone) for one in data.runs]
    cards = [Choice(f"#{one.run.number}", f"t:open:{one.run.task}") for one in data.runs]
    rows = (*rows_of(cards, 3), *pager("q:page", data.page, data.pages), refresh)
    return Screen(Html("\n\n".join([title, *lines])), rows)


def _run(texts: Texts, one: QueuedRun, data: QueuePage, zone: ZoneInfo) -> Html:
    run = one.run
    sources = [short(source) for source in run.spec.sources[:2]]
    named = [*sources, *run.spec.search.words[: 2 - len(sources)]]
    lines = [
        texts(
            "queue-run",
            number=str(run.number),
            sources=shorten(", ".join(named), 48),
            state=texts(f"state-{run.status.state}"),
            running=one.running,
            queued=one.queued,
        )
    ]
    lines += [Html(f"⏳ {line}") for line in _waits(texts, one, data, zone)]
    if unheard := steps.unheard(texts, one.unheard):
        lines.append(unheard)
    return Html("\n".join(lines))


def _waits(texts: Texts, one: QueuedRun, data: QueuePage, zone: ZoneInfo) -> list[Html]:
    if one.run.intent is Intent.PAUSE:
        return [texts("queue-paused")]
    if not one.begun:
        return [texts("queue-not-begun")]
    found = [_wait(texts, waiting, data, zone) for waiting in one.waits]
    waits_for_turn = one.run.status.state is RunState.QUEUED and not found
    return [texts("queue-turn")] if waits_for_turn else found


def _wait(texts: Texts, waiting: Waiting, data: QueuePage, zone: ZoneInfo) -> Html:
    wait, count = waiting.wait, max(len(waiting.jobs), 1)
    why = reason(texts, wait.why, steps.waiting_for(texts, waiting.jobs))
    if wait.until is None:
        return texts("queue-wait", count=count, reason=why)
    until = exact_moment(wait.until, zone, data.now)
    return texts("queue-wait-until", count=count, reason=why, until=until)
