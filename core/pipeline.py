"""From a run to its jobs: what may begin now that others have ended. All pure.

search -> (the operator chooses, or the rules do) -> join -> history and listen. Each source goes
its own way: the history of one is read while another still waits to be let in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.found import FoundGroup, Verdict
from core.job import ENDED, Family, Job, JobState
from core.media import file_jobs
from core.options import TELEGRAM_SEARCH, JoinPolicy
from core.run import Intent, Run
from core.task import Step

FAMILIES: Mapping[Step, Family] = {
    Step.SEARCH: Family.SEARCH,
    Step.JOIN: Family.JOIN,
    Step.HISTORY: Family.HISTORY,
    Step.LISTEN: Family.INFO,
    Step.MEDIA: Family.MEDIA,
}
"""What a job of each step calls first; a search through a bot calls `Family.BOT`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """What a run needs next: `jobs` to add; `planned`: there will be no more after them.

    `asks`: the operator is to choose among the found groups before anything else happens.
    """

    jobs: tuple[Job, ...] = ()
    planned: bool = False
    asks: bool = False


@dataclass(frozen=True, slots=True)
class _Source:
    """`chat`: what the operator saw behind the name, where a search showed it."""

    name: str
    place: str
    chat: int | None = None


_TICKABLE = frozenset({Verdict.OPEN, Verdict.CHOSEN})
"""Ticks are no answer yet: all of a list may be ticked before the operator says so."""


def advance(run: Run, jobs: Sequence[Job], found: Sequence[FoundGroup], now: datetime) -> Advance:
    """The jobs that may begin now, with ids that are the same however often it is asked.

    `found` are all groups of the run, judged by the rules where nobody is asked.
    """
    if run.intent is Intent.CANCEL:
        return Advance(planned=True)
    there = {job.id: job for job in jobs}
    searches = _searches(run, now)
    missing = [job for job in searches if job.id not in there]
    searching = bool(missing) or any(there[job.id].state not in ENDED for job in searches)
    asks = not searching and _must_ask(run, found)
    sources = [*_named(run), *([] if searching or asks else _chosen(run, found))]
    complete = not searching and not asks
    for source in sources:
        made, settled = _of_source(run, source, there, now)
        missing += made
        complete = complete and settled
    files, fetching = file_jobs([*jobs, *missing], now)
    return Advance(jobs=(*missing, *files), planned=complete and fetching, asks=asks)


def _searches(run: Run, now: datetime) -> list[Job]:
    if Step.SEARCH not in run.spec.steps:
        return []
    pairs = [(word, place) for word in run.spec.search.words for place in run.spec.search.places]
    return [
        _job(run, Step.SEARCH, word, f"s{number:04d}", run.spec.policy.keys(), now, place=place)
        for number, (word, place) in enumerate(pairs)
    ]


def _must_ask(run: Run, found: Iterable[FoundGroup]) -> bool:
    follows = set(run.spec.steps) - {Step.SEARCH}
    asked = Step.SEARCH in run.spec.steps and run.spec.join.policy is JoinPolicy.ASK
    unanswered = run.chosen_at is None and any(one.verdict in _TICKABLE for one in found)
    return bool(follows) and asked and unanswered


def _named(run: Run) -> list[_Source]:
    return [_Source(name, f"{place:04d}") for place, name in enumerate(run.spec.sources)]


def _chosen(run: Run, found: Iterable[FoundGroup]) -> list[_Source]:
    """The chosen finds; one that was named as well is read once."""
    return [
        _Source(group.source, f"f:{group.source}:", _seen_in(run, group))
        for group in found
        if group.verdict is Verdict.CHOSEN and group.source not in run.spec.sources
    ]


def _seen_in(run: Run, group: FoundGroup) -> int | None:
    """The chat that Telegram's search answered with, or that was shown to the operator; what a bot
    names is only a name, of which the crew may remember another chat."""
    shown = run.spec.join.policy is JoinPolicy.ASK or group.place == TELEGRAM_SEARCH
    return group.chat if shown else None


def _of_source(
    run: Run, source: _Source, there: Mapping[str, Job], now: datetime
) -> tuple[list[Job], bool]:
    """The jobs of a source that may begin, and whether there will be no more of it."""
    joined: Job | None = None
    if Step.JOIN in run.spec.steps and run.spec.join.policy is not JoinPolicy.NEVER:
        keys = run.spec.policy.keys()
        wanted = _job(run, Step.JOIN, source.name, f"{source.place}j", keys, now)
        wanted = _expecting(wanted, source.chat)
        joined = there.get(wanted.id)
        if joined is None:
            return [wanted], not _follow(run)
        if joined.state not in ENDED:
            return [], not _follow(run)
        if joined.state is not JobState.DONE:
            return [], True
    keys = _readers(run, source, joined)
    after = [_job(run, step, source.name, _place(source, step), keys, now) for step in _follow(run)]
    entered = source.chat if joined is None else joined.chat or source.chat
    after = [_expecting(job, entered) for job in after]
    missing = [job for job in after if job.id not in there]
    onward, settled = _onward(run, [job for job in after if job.step is Step.HISTORY], there, now)
    return [*missing, *onward], settled


def _onward(
    run: Run, histories: Sequence[Job], there: Mapping[str, Job], now: datetime
) -> tuple[list[Job], bool]:
    """What the histories of a source lead on to, and whether there will be no more of it."""
    found: list[Job] = []
    complete = True
    for wanted in histories:
        job = there.get(wanted.id)
        if job is None or not job.onward:
            continue
        if job.state is JobState.DONE:
            following = _following(run, job, there, now)
            found += [one for one in following if one.id not in there]
            more, settled = _onward(run, following, there, now)
            found, complete = [*found, *more], complete and settled
        complete = complete and job.state in ENDED
    return found, complete


def _following(run: Run, job: Job, there: Mapping[str, Job], now: datetime) -> list[Job]:
    """The jobs that a history which has ended well leads on to: its ranges, or other chats, but
    none that the run reads anyway.
    """
    wanted = [(one, part) for one in job.onward for part in one.parts or (None,)]
    read = {one.chat for one in there.values() if one.step is Step.HISTORY}
    made: list[Job] = []
    for number, (one, part) in enumerate(wanted):
        suffix = f"{job.id.removeprefix(f'{job.run}:')}.{number:04d}"
        step = _job(run, Step.HISTORY, one.source, suffix, one.keys, now)
        step = _expecting(step, job.expects if one.source == job.source else None)
        options = step.options
        if part is None:
            options = replace(options, comments=False, from_id=None)
        if part is not None or step.id in there or one.chat not in read:
            made.append(replace(step, part=part, chat=one.chat, options=options))
    return made


def _follow(run: Run) -> list[Step]:
    return [step for step in (Step.HISTORY, Step.LISTEN) if step in run.spec.steps]


def _place(source: _Source, step: Step) -> str:
    return source.place if step is Step.HISTORY else f"{source.place}l"


def _readers(run: Run, source: _Source, joined: Job | None) -> tuple[str, ...]:
    """Who may read: where an invite let one account in, that one; else whom the task allows."""
    if joined is not None and joined.account is not None and not source.name.startswith("@"):
        return (f"a{joined.account}",)
    return run.spec.policy.keys()


def _expecting(job: Job, chat: int | None) -> Job:
    """The job that reads this chat behind its source, if the task names none."""
    return job if job.expects is not None else replace(job, expects=chat)


def _job(
    run: Run,
    step: Step,
    source: str,
    suffix: str,
    keys: tuple[str, ...],
    now: datetime,
    place: str | None = None,
) -> Job:
    by_bot = place not in (None, TELEGRAM_SEARCH)
    seen = None if step is Step.SEARCH else run.spec.seen_behind(source)
    return Job(
        id=f"{run.id}:{suffix}",
        run=run.id,
        task=run.task,
        step=step,
        source=source,
        options=run.spec.history,
        keys=keys,
        family=Family.BOT if by_bot else FAMILIES[step],
        state=JobState.QUEUED,
        created_at=now,
        place=place,
        expects=None if seen is None else seen.chat,
    )
