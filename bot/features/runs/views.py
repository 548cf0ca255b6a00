"""The card of a run, and what follows it."""

from bot.features.newtask.facts import names
from bot.features.newtask.presets import steps_line
from bot.features.runs import buttons, deaf, failures, steps
from bot.features.runs.data import CardData
from bot.formatting import account_names, bar, exact_moment, moment, span
from bot.i18n import Html, Texts
from bot.reasons import reason
from bot.screen import Screen
from core.job import JobState, Wait
from core.run import RunState
from core.task import Step, TaskSpec

SHOWN_NAMES = 3

_ICONS = {
    RunState.DONE: "✅ ",
    RunState.PARTIAL: "⚠️ ",
    RunState.FAILED: "❌ ",
    RunState.CANCELLED: "⏹ ",
    RunState.WAITING: "⏳ ",
}


def card(texts: Texts, data: CardData) -> Screen:
    """The message that shows a run."""
    parts = [
        _title(texts, data),
        _late(texts, data),
        _steps(texts, data),
        _nothing_found(texts, data),
        _progress(texts, data),
        steps.files(texts, data.jobs),
        _crew(texts, data),
        _waits(texts, data),
        deaf.line(texts, data.run, data.unheard(), data.accounts, data.instead),
        steps.unheard(texts, data.unheard(), but=(steps.NO_READER,)),
        failures.block(texts, data.jobs),
        steps.read_sources(texts, data.run, data.jobs),
        _proof(texts, data),
        steps.noted(texts, data.jobs),
        _continued(texts, data),
        _next_time(texts, data),
    ]
    return Screen(Html("\n\n".join(part for part in parts if part)), buttons.of_card(texts, data))


def face(data: CardData) -> tuple[object, ...]:
    """What of a card is a change of state: shown before any progress."""
    return (
        data.beat.state,
        data.stopping(),
        data.no_worker,
        data.run.asks,
        data.unheard(),
        tuple(wait.why for wait in data.beat.waits),
        sum(job.state is JobState.DONE for job in data.jobs),
        sum(job.state is JobState.FAILED for job in data.jobs),
    )


def ending(texts: Texts, data: CardData) -> Screen:
    """The one new message at the end of a long or failed run."""
    lines = [_ended(texts, data)]
    if failed := failures.block(texts, data.jobs):
        lines.append(failed)
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
        new=progress.new + data.heard,
        span=took,
    )


def _title(texts: Texts, data: CardData) -> Html:
    state = "stopping" if data.stopping() else str(data.beat.state)
    if state == RunState.RUNNING and data.listens():
        state = "listening"
    icon = "" if data.stopping() else _ICONS.get(data.beat.state, "")
    shown = texts(f"state-{state}")
    if data.deaf():
        shown = texts("state-deaf")
    elif state == "listening" and (failed := failures.failed_names(texts, data.jobs)):
        shown = texts("card-some-failed", state=shown, count=len(failed))
    title = texts("card-title", number=str(data.run.number), state=shown)
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
        texts("card-heard", count=data.heard) if data.heard else None,
    ]
    return Html("\n".join(line for line in lines if line)) or None


def _nothing_found(texts: Texts, data: CardData) -> Html | None:
    if not steps.found_nothing(data.run, data.jobs, data.found):
        return None
    return steps.why_nothing(texts, data.run)


def _reads(data: CardData) -> bool:
    return bool(steps.of_step(data.jobs, Step.HISTORY)) or data.run.spec.steps == (Step.HISTORY,)


def _progress(texts: Texts, data: CardData) -> Html | None:
    progress, lines = data.beat.progress, []
    if not _reads(data):
        begun = data.run.is_open() and data.jobs
        return texts("card-preparing") if not begun and _is_starting(data) else _took(texts, data)
    if data.run.is_open() and not progress.read:
        return texts("card-preparing") if _is_starting(data) else None
    if data.beat.state is RunState.DONE and not (progress.new or progress.undecoded):
        took = texts("card-took", span=span(texts, _seconds(data)))
        key = "card-nothing-new" if progress.known else "card-nothing-there"
        return Html(f"{texts(key, known=progress.known)}\n{took}")
    if data.run.is_open() and progress.total:
        share = min(progress.read / progress.total, 1.0)
        lines.append(f"<code>{bar(share)}</code> {int(share * 100)} %")
    if progress.total and data.run.is_open():
        lines.append(texts("card-read-of", read=progress.read, total=progress.total))
    else:
        lines.append(texts("card-read", read=progress.read))
    lines.append(texts("card-new", new=progress.new, known=progress.known))
    if progress.undecoded:
        lines.append(texts("card-undecoded", count=progress.undecoded))
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
        lines.append(failures.why(texts, "no_worker", {}))
    return Html("\n".join(f"⏳ {line}" for line in lines)) or None


def _wait(texts: Texts, wait: Wait, data: CardData) -> Html:
    waiting = [job for job in data.jobs if job.wait is not None and job.wait.why == wait.why]
    detail = steps.waiting_for(texts, waiting)
    if wait.until is None:
        return failures.why(texts, wait.why, detail)
    until = exact_moment(wait.until, data.zone, data.now)
    return texts("card-wait-until", reason=reason(texts, wait.why, detail), until=until)


def _late(texts: Texts, data: CardData) -> Html | None:
    due = moment(data.run.due, data.zone, data.now)
    return texts("card-late", time=due) if data.run.late else None


def _proof(texts: Texts, data: CardData) -> Html | None:
    if data.proof is None:
        return None
    proof = data.proof
    line = texts("card-proof", known=proof.known, unknown=proof.unknown)
    if not proof.unconfirmed:
        return line
    return Html(f"{line}\n{texts('card-unconfirmed', count=proof.unconfirmed)}")


def _continued(texts: Texts, data: CardData) -> Html | None:
    if data.run.continued_at is None:
        return None
    due = moment(data.run.continued_at, data.zone, data.now)
    return texts("card-continued", time=due)


def _next_time(texts: Texts, data: CardData) -> Html | None:
    if data.next_due is None:
        return None
    return texts("card-next", time=moment(data.next_due, data.zone, data.now))


def _seconds(data: CardData) -> float:
    begun = data.run.started_at or data.run.created_at
    return ((data.run.ended_at or data.now) - begun).total_seconds()
