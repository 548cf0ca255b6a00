"""The card of a run, and what follows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.features.newtask.facts import names
from bot.features.newtask.presets import steps_line
from bot.features.newtask.sources import short
from bot.features.runs import steps
from bot.features.runs.steps import Listening
from bot.formatting import account_names, bar, exact_moment, moment, span
from bot.i18n import Html, Texts
from bot.pulse import Beat
from bot.reasons import ACCOUNT_FAILURES, advice, reason
from bot.screen import Choice, Screen
from core.account import Account
from core.found import Verdict
from core.job import ENDED, Job, JobState, Wait
from core.run import Intent, Run, RunState
from core.task import Step, TaskSpec

SHOWN_FAILURES = 4
SHOWN_NAMES = 3

_ICONS = {
    RunState.DONE: "✅ ",
    RunState.PARTIAL: "⚠️ ",
    RunState.FAILED: "❌ ",
    RunState.CANCELLED: "⏹ ",
    RunState.WAITING: "⏳ ",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardData:
    """All that a card shows. `next_due`: the next time of a task that repeats; `found`: how many
    groups of each verdict; `listening`: only of an open run that listens.
    """

    run: Run
    jobs: Sequence[Job]
    beat: Beat
    accounts: dict[int, Account]
    zone: ZoneInfo
    now: datetime
    no_worker: bool = False
    next_due: datetime | None = None
    found: Mapping[Verdict, int] = field(default_factory=dict)
    listening: Listening | None = None

    def listens(self) -> bool:
        """Whether nothing is left to do but to listen."""
        over = all(job.state in ENDED for job in self.jobs)
        return self.beat.state is RunState.RUNNING and over and self.listening is not None

    def stopping(self) -> bool:
        """Whether Stop was pressed and has not ended everything yet."""
        return self.run.is_open() and self.run.intent is Intent.CANCEL


def card(texts: Texts, data: CardData) -> Screen:
    """The message that shows a run."""
    parts = [
        _title(texts, data),
        _late(texts, data),
        _steps(texts, data),
        _progress(texts, data),
        steps.kept_files(texts, data.jobs),
        _crew(texts, data),
        _waits(texts, data),
        _failures(texts, data),
        steps.read_sources(texts, data.run, data.jobs),
        steps.noted(texts, data.jobs),
        _next_time(texts, data),
    ]
    return Screen(Html("\n\n".join(part for part in parts if part)), _buttons(texts, data))


def face(data: CardData) -> tuple[object, ...]:
    """What of a card is a change of state: shown before any progress."""
    return (
        data.beat.state,
        data.stopping(),
        data.no_worker,
        data.run.asks,
        tuple(wait.why for wait in data.beat.waits),
        tuple(job.state for job in data.jobs if job.state in {JobState.DONE, JobState.FAILED}),
    )


def ending(texts: Texts, data: CardData) -> Screen:
    """The one new message at the end of a long or failed run."""
    lines = [_ended(texts, data)]
    if failures := _failures(texts, data):
        lines.append(failures)
    return Screen(Html("\n\n".join(lines)))


def _ended(texts: Texts, data: CardData) -> Html:
    number, took = str(data.run.number), span(texts, _seconds(data))
    if data.beat.state is RunState.DONE and not _reads(data):
        found = sum(data.found.values())
        return texts("ending-done-found", number=number, found=found, span=took)
    progress = data.beat.progress
    return texts(
        f"ending-{data.beat.state}",
        number=number,
        read=progress.read,
        new=progress.new,
        span=took,
    )


def _title(texts: Texts, data: CardData) -> Html:
    state = "stopping" if data.stopping() else str(data.beat.state)
    if state == RunState.RUNNING and data.listens():
        state = "listening"
    icon = "" if data.stopping() else _ICONS.get(data.beat.state, "")
    title = texts("card-title", number=str(data.run.number), state=texts(f"state-{state}"))
    return Html(f"{icon}<b>{title}</b>\n{_named(texts, data.run.spec)}")


def _named(texts: Texts, spec: TaskSpec) -> Html:
    named = names(texts, spec, SHOWN_NAMES)
    if spec.steps == (Step.HISTORY,):
        return named
    return Html(f"{texts('fact-steps', value=steps_line(texts, spec.steps))}\n{named}")


def _steps(texts: Texts, data: CardData) -> Html | None:
    last = None
    if data.listening is not None and data.listening.last is not None:
        last = moment(data.listening.last, data.zone, data.now)
    lines = [
        steps.searched(texts, data.jobs, data.found),
        steps.joined(texts, data.jobs),
        steps.listens(texts, data.listening, last),
    ]
    return Html("\n".join(line for line in lines if line)) or None


def _reads(data: CardData) -> bool:
    return bool(steps.of_step(data.jobs, Step.HISTORY)) or data.run.spec.steps == (Step.HISTORY,)


def _progress(texts: Texts, data: CardData) -> Html | None:
    progress, lines = data.beat.progress, []
    if not _reads(data):
        begun = data.run.is_open() and data.jobs
        return texts("card-preparing") if not begun and _is_starting(data) else _took(texts, data)
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


def _took(texts: Texts, data: CardData) -> Html | None:
    return None if data.run.is_open() else texts("card-took", span=span(texts, _seconds(data)))


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
    waiting = [job for job in data.jobs if job.wait is not None and job.wait.why == wait.why]
    named = ", ".join(dict.fromkeys(steps.job_name(texts, job) for job in waiting[:3]))
    detail = {"source": named} if named else {}
    if wait.until is None:
        return _why(texts, wait.why, detail)
    until = exact_moment(wait.until, data.zone, data.now)
    return texts("card-wait-until", reason=reason(texts, wait.why, detail), until=until)


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
    detail = {"source": short(job.source), **failure.detail}
    if job.step is Step.SEARCH and job.place is not None:
        detail["source"] = job.place
    why = _why(texts, failure.reason, detail)
    return texts("card-failure", source=steps.job_name(texts, job), why=why)


def _why(texts: Texts, key: str, detail: dict[str, str]) -> Html:
    return texts("card-why", reason=reason(texts, key, detail), advice=advice(texts, key, detail))


def _late(texts: Texts, data: CardData) -> Html | None:
    due = moment(data.run.due, data.zone, data.now)
    return texts("card-late", time=due) if data.run.late else None


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
        stop = Choice(texts.plain("button-stop"), f"r:stop:{run}")
        return (
            *steps.list_button(texts, data.run, data.found),
            (_rest(texts, data.run), stop),
            (opened,),
        )
    rows: list[tuple[Choice, ...]] = [*steps.list_button(texts, data.run, data.found)]
    failed = [job for job in data.jobs if job.state is JobState.FAILED]
    if failed:
        row = [Choice(texts.plain("button-retry"), f"r:retry:{run}")]
        if any(job.failure and job.failure.reason in ACCOUNT_FAILURES for job in failed):
            row.append(Choice(texts.plain("button-other-account"), f"r:who:{run}"))
        rows.append(tuple(row))
    if any(job.chat is not None for job in data.jobs):
        latest = Choice(texts.plain("button-latest"), f"r:latest:{run}")
        export = Choice(texts.plain("button-export"), f"r:export:{run}")
        coverage = Choice(texts.plain("button-coverage"), f"r:cover:{run}")
        rows.append((latest, export, coverage))
    again = Choice(texts.plain("button-again"), f"t:start:{data.run.task}")
    return (*rows, (again, opened))


def _rest(texts: Texts, run: Run) -> Choice:
    if run.intent is Intent.PAUSE:
        return Choice(texts.plain("button-resume-run"), f"t:resume:{run.task}")
    return Choice(texts.plain("button-pause-run"), f"t:pause:{run.task}")


def _seconds(data: CardData) -> float:
    begun = data.run.started_at or data.run.created_at
    return ((data.run.ended_at or data.now) - begun).total_seconds()
