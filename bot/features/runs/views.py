"""The card of a run, and what follows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.formatting import account_names, bar, exact_moment, moment, span
from bot.i18n import Html, Texts
from bot.pulse import Beat
from bot.reasons import ACCOUNT_FAILURES, advice, reason
from bot.screen import Choice, Screen
from core.account import Account
from core.job import Job, JobState, Wait
from core.run import Intent, Run, RunState

SHOWN_JOBS = 10
SHOWN_FAILURES = 4

_ICONS = {
    RunState.DONE: "✅ ",
    RunState.PARTIAL: "⚠️ ",
    RunState.FAILED: "❌ ",
    RunState.CANCELLED: "⏹ ",
    RunState.WAITING: "⏳ ",
}
_MARKS = {
    JobState.DONE: "✓",
    JobState.FAILED: "✗",
    JobState.CANCELLED: "–",
    JobState.SKIPPED: "–",
    JobState.RUNNING: "▸",
    JobState.QUEUED: "·",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardData:
    """All that a card shows. `next_due`: the next time of a task that repeats."""

    run: Run
    jobs: Sequence[Job]
    beat: Beat
    accounts: dict[int, Account]
    zone: ZoneInfo
    now: datetime
    no_worker: bool = False
    next_due: datetime | None = None

    def stopping(self) -> bool:
        """Whether Stop was pressed and has not ended everything yet."""
        return self.run.is_open() and self.run.intent is Intent.CANCEL


def card(texts: Texts, data: CardData) -> Screen:
    """The message that shows a run."""
    parts = [
        _title(texts, data),
        _progress(texts, data),
        _crew(texts, data),
        _waits(texts, data),
        _failures(texts, data),
        _sources(texts, data),
        _next_time(texts, data),
    ]
    return Screen(Html("\n\n".join(part for part in parts if part)), _buttons(texts, data))


def face(data: CardData) -> tuple[object, ...]:
    """What of a card is a change of state: shown before any progress."""
    return (
        data.beat.state,
        data.stopping(),
        data.no_worker,
        tuple(wait.why for wait in data.beat.waits),
        tuple(job.state for job in data.jobs if job.state in {JobState.DONE, JobState.FAILED}),
    )


def ending(texts: Texts, data: CardData) -> Screen:
    """The one new message at the end of a long or failed run."""
    progress = data.beat.progress
    lines = [
        texts(
            f"ending-{data.beat.state}",
            number=str(data.run.number),
            read=progress.read,
            new=progress.new,
            span=span(texts, _seconds(data)),
        )
    ]
    if failures := _failures(texts, data):
        lines.append(failures)
    return Screen(Html("\n\n".join(lines)))


def _title(texts: Texts, data: CardData) -> Html:
    state = "stopping" if data.stopping() else str(data.beat.state)
    icon = "" if data.stopping() else _ICONS.get(data.beat.state, "")
    title = texts("card-title", number=str(data.run.number), state=texts(f"state-{state}"))
    sources = data.run.spec.sources
    named = ", ".join(sources[:3])
    line = texts("card-sources", sources=named, more=max(len(sources) - 3, 0))
    return Html(f"{icon}<b>{title}</b>\n{line}")


def _progress(texts: Texts, data: CardData) -> Html | None:
    progress, lines = data.beat.progress, []
    if data.run.is_open() and not progress.read:
        return texts("card-preparing") if _is_starting(data) else None
    if data.beat.state is RunState.DONE and not progress.read:
        took = texts("card-took", span=span(texts, _seconds(data)))
        return Html(f"{texts('card-nothing-new')}\n{took}")
    if data.run.is_open() and progress.total:
        share = min(progress.read / progress.total, 1.0)
        lines.append(f"<code>{bar(share)}</code> {int(share * 100)} %")
    if progress.total and data.run.is_open():
        lines.append(texts("card-read-of", read=progress.read, total=progress.total))
    else:
        lines.append(texts("card-read", read=progress.read))
    lines.append(texts("card-new", new=progress.new, known=progress.known))
    if data.beat.state is RunState.RUNNING and (pace := _pace(texts, data)):
        lines.append(pace)
    if not data.run.is_open():
        lines.append(texts("card-took", span=span(texts, _seconds(data))))
    return Html("\n".join(lines))


def _is_starting(data: CardData) -> bool:
    hindered = data.stopping() or data.no_worker or data.beat.waits
    return not hindered and data.beat.state in {RunState.QUEUED, RunState.RUNNING}


def _pace(texts: Texts, data: CardData) -> Html:
    parts = []
    if data.beat.rate is not None:
        parts.append(texts("card-rate", rate=round(data.beat.rate)))
    if data.beat.left is not None:
        parts.append(texts("card-left", span=span(texts, data.beat.left)))
    return Html(" · ".join(parts))


def _crew(texts: Texts, data: CardData) -> Html | None:
    at_work = {
        job.account: None
        for job in data.jobs
        if job.account is not None and (job.state is JobState.RUNNING or not data.run.is_open())
    }
    if not at_work:
        return None
    names = account_names(texts, list(at_work), data.accounts)
    return texts("card-accounts", count=len(at_work), names=names)


def _waits(texts: Texts, data: CardData) -> Html | None:
    if not data.run.is_open():
        return None
    lines = [_wait(texts, wait, data) for wait in data.beat.waits]
    if data.no_worker:
        lines.append(_why(texts, "no_worker", {}))
    return Html("\n".join(f"⏳ {line}" for line in lines)) or None


def _wait(texts: Texts, wait: Wait, data: CardData) -> Html:
    if wait.until is None:
        return _why(texts, wait.why, {})
    until = exact_moment(wait.until, data.zone, data.now)
    return texts("card-wait-until", reason=reason(texts, wait.why), until=until)


def _failures(texts: Texts, data: CardData) -> Html | None:
    failed = [job for job in data.jobs if job.failure is not None]
    blocks = [_failure(texts, job) for job in failed[:SHOWN_FAILURES]]
    if len(failed) > SHOWN_FAILURES:
        blocks.append(texts("and-more", count=len(failed) - SHOWN_FAILURES))
    return Html("\n".join(blocks)) or None


def _failure(texts: Texts, job: Job) -> Html:
    failure = job.failure
    if failure is None:
        return Html()
    detail = {"source": job.source, **failure.detail}
    why = _why(texts, failure.reason, detail)
    return texts("card-failure", source=job.source, why=why)


def _why(texts: Texts, key: str, detail: dict[str, str]) -> Html:
    return texts("card-why", reason=reason(texts, key, detail), advice=advice(texts, key, detail))


def _sources(texts: Texts, data: CardData) -> Html | None:
    if len(data.jobs) < 2:
        return None
    lines = [_source(texts, job) for job in data.jobs[:SHOWN_JOBS]]
    if len(data.jobs) > SHOWN_JOBS:
        lines.append(texts("and-more", count=len(data.jobs) - SHOWN_JOBS))
    return Html("\n".join(lines))


def _source(texts: Texts, job: Job) -> Html:
    progress = job.progress
    known = progress.total is not None and job.state is JobState.RUNNING
    key = "card-source-of" if known else "card-source"
    return texts(
        key,
        mark=_MARKS[job.state],
        source=job.source,
        read=progress.read,
        total=progress.total or 0,
    )


def _next_time(texts: Texts, data: CardData) -> Html | None:
    if data.next_due is None:
        return None
    return texts("card-next", time=moment(data.next_due, data.zone, data.now))


def _buttons(texts: Texts, data: CardData) -> tuple[tuple[Choice, ...], ...]:
    run = data.run.id
    opened = Choice(texts.plain("button-open-task"), f"t:open:{data.run.task}")
    if data.run.is_open():
        if data.stopping():
            return ((opened,),)
        return ((Choice(texts.plain("button-stop"), f"r:stop:{run}"), opened),)
    rows: list[tuple[Choice, ...]] = []
    failed = [job for job in data.jobs if job.state is JobState.FAILED]
    if failed:
        row = [Choice(texts.plain("button-retry"), f"r:retry:{run}")]
        if any(job.failure and job.failure.reason in ACCOUNT_FAILURES for job in failed):
            row.append(Choice(texts.plain("button-other-account"), f"r:who:{run}"))
        rows.append(tuple(row))
    if any(job.chat is not None for job in data.jobs):
        rows.append(
            (
                Choice(texts.plain("button-latest"), f"r:latest:{run}"),
                Choice(texts.plain("button-export"), f"r:export:{run}"),
            )
        )
    again = Choice(texts.plain("button-again"), f"t:start:{data.run.task}")
    return (*rows, (again, opened))


def _seconds(data: CardData) -> float:
    begun = data.run.started_at or data.run.created_at
    return ((data.run.ended_at or data.now) - begun).total_seconds()
