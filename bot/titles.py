"""Private chats by their titles: their sources, invite links and ids, tell people nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.formatting import shorten
from core.job import Job
from core.links import is_invite
from core.run import Run
from core.task import Step, Task, TaskSpec
from db.database import Database

Titles = Mapping[str, "Title"]
"""Titles by canonical source."""


class Title(str):
    """The title of a chat in the place of its source, in what is only shown."""

    __slots__ = ()


def short(source: str) -> str:
    """A source as it fits into a line: a title, or only the beginning of an invite's hash."""
    if isinstance(source, Title):
        return shorten(source, 32)
    return f"t.me/{source[:7]}…" if is_invite(source) else source


def is_private(source: str) -> bool:
    """Whether a canonical source is no public name."""
    return not isinstance(source, Title) and not source.startswith("@")


def titles_of(spec: TaskSpec, found: Mapping[str, str] | None = None) -> dict[str, Title]:
    """The titles that the operator saw behind private sources, or else those in `found`. Where two
    are alike, the ends of the sources tell them apart.
    """
    known: dict[str, str] = dict(found or {})
    known |= {one.source: one.title for one in spec.seen if is_private(one.source)}
    known |= {one.source: one.title for one in spec.titles}
    named = {source: title for source, title in known.items() if title.strip()}
    often = [" ".join(title.split()) for title in named.values()]
    return {
        source: Title(title if often.count(title) == 1 else f"{title} (…{source[-4:]})")
        for source, title in ((one, " ".join(text.split())) for one, text in named.items())
    }


def titled_spec(spec: TaskSpec, titles: Titles) -> TaskSpec:
    """The spec as it is shown."""
    if not titles:
        return spec
    return replace(spec, sources=tuple(titles.get(one, one) for one in spec.sources))


def titled_run(run: Run, titles: Titles) -> Run:
    """The run as it is shown."""
    return replace(run, spec=titled_spec(run.spec, titles)) if titles else run


def titled_task(task: Task, titles: Titles) -> Task:
    """The task as it is shown."""
    return replace(task, spec=titled_spec(task.spec, titles)) if titles else task


def titled_jobs(jobs: Sequence[Job], titles: Titles) -> list[Job]:
    """The jobs as they are shown."""
    return [_titled(job, titles) for job in jobs] if titles else list(jobs)


async def find_titles(
    database: Database, runs: Iterable[Run], jobs: Mapping[str, Sequence[Job]]
) -> dict[str, dict[str, Title]]:
    """The titles of private sources by run: as its operator saw them, else as a search found them,
    else as the crew knows the chats that its jobs came to. Nothing is asked for public names.
    """
    every = list(runs)
    private = {run.id: _private(run, jobs.get(run.id, ())) for run in every}
    chats = {chat for sources in private.values() for chat in sources.values() if chat is not None}
    known = await database.chats.titles(chats) if chats else {}
    titles: dict[str, dict[str, Title]] = {}
    for run in every:
        sources = private[run.id]
        if not sources:
            continue
        found: dict[str, str] = {}
        if Step.SEARCH in run.spec.steps:
            found = await database.found.titles(run.id)
        found |= {source: known[chat] for source, chat in sources.items() if chat in known}
        titles[run.id] = titles_of(run.spec, {one: found[one] for one in sources if one in found})
    return titles


def _private(run: Run, jobs: Sequence[Job]) -> dict[str, int | None]:
    """The private sources of a run, each with the chat that a job came to behind it."""
    sources: dict[str, int | None] = dict.fromkeys(filter(is_private, run.spec.sources))
    for job in jobs:
        if job.step is not Step.SEARCH and is_private(job.source):
            sources[job.source] = job.chat or sources.get(job.source)
    return sources


def _titled(job: Job, titles: Titles) -> Job:
    if job.step is Step.SEARCH:
        return job
    failure = job.failure
    named = "" if failure is None else failure.detail.get("source", "")
    if failure is not None and named in titles:
        failure = replace(failure, detail={**failure.detail, "source": titles[named]})
    return replace(job, source=titles.get(job.source, job.source), failure=failure)
