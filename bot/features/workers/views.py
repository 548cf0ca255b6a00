"""The list of workers."""

from zoneinfo import ZoneInfo

from bot.clock_line import clock_line
from bot.features.workers.service import WorkerPage
from bot.formatting import account_names, moment, shorten, span
from bot.i18n import Html, Texts
from bot.reasons import reason
from bot.screen import Choice, Screen, pager
from core.setback import Setback
from core.worker import WorkerSign

MOST_SETBACKS = 5


def listing(texts: Texts, data: WorkerPage, zone: ZoneInfo) -> Screen:
    """Each worker with its accounts, its load and its last sign of life."""
    refresh = (Choice(texts.plain("button-refresh"), f"w:page:{data.page}"),)
    if not data.workers:
        return Screen(texts("workers-none"), (refresh,))
    alive = sum(not worker.is_gone() for worker in data.workers)
    parts = [texts("workers-title", page=data.page + 1, pages=data.pages, alive=alive)]
    parts += [_worker(texts, worker, data, zone) for worker in data.workers]
    return Screen(Html("\n\n".join(parts)), (*pager("w:page", data.page, data.pages), refresh))


def _worker(texts: Texts, worker: WorkerSign, data: WorkerPage, zone: ZoneInfo) -> Html:
    title = texts(
        "worker-line",
        host=shorten(worker.host, 40),
        id=shorten(worker.id, 12),
        version=worker.version,
    )
    lines = [Html(f"{_mark(worker)} {title}"), _life(texts, worker, data, zone)]
    if worker.is_gone():
        return Html("\n".join(lines))
    load = worker.load
    lag = round(load.lag * 1000)
    counts = texts("worker-load", accounts=len(load.accounts), jobs=load.jobs, lag=lag)
    lines.append(counts)
    if (clock := clock_line(texts, load.clock)) is not None:
        lines.append(clock)
    if load.accounts:
        lines.append(Html(f"👤 {account_names(texts, load.accounts, data.accounts)}"))
    lines += [_setback(texts, one, data) for one in worker.setbacks[:MOST_SETBACKS]]
    return Html("\n".join(lines))


def _setback(texts: Texts, one: Setback, data: WorkerPage) -> Html:
    key = f"worker-setback-{one.scope.replace('_', '-')}"
    why = texts(key, centre=str(one.data_centre or "?"))
    names = account_names(texts, one.accounts, data.accounts)
    return Html(f"⚠️ {why} {reason(texts, one.why, {'account': names})} {names}")


def _mark(worker: WorkerSign) -> str:
    if worker.is_gone():
        return "⚪"
    if worker.setbacks:
        return "⚠️"
    return "🟡" if worker.draining else "🟢"


def _life(texts: Texts, worker: WorkerSign, data: WorkerPage, zone: ZoneInfo) -> Html:
    if worker.left_at is not None:
        return texts("worker-left", time=moment(worker.left_at, zone, data.now))
    if worker.is_gone():
        return texts("worker-gone", time=moment(worker.seen_at, zone, data.now))
    key = "worker-draining" if worker.draining else "worker-seen"
    return texts(key, span=span(texts, worker.silent))
