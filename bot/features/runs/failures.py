"""What failed in a run and why: a few on its card, all of it on pages."""

from collections.abc import Mapping, Sequence

from bot.features.runs import steps
from bot.i18n import Html, Texts
from bot.reasons import advice, reason
from bot.screen import Choice, Screen, pager
from bot.titles import short
from core.job import Job, JobState
from core.run import Run
from core.task import Step

SHOWN = 4
SIZE = 8


def failed(jobs: Sequence[Job]) -> list[Job]:
    """Those that failed and were not begun again."""
    return [job for job in jobs if job.state is JobState.FAILED]


def failed_names(texts: Texts, jobs: Sequence[Job]) -> list[str]:
    """What failed, each once, however many steps of it did."""
    return list(dict.fromkeys(steps.job_name(texts, job) for job in failed(jobs)))


def block(texts: Texts, jobs: Sequence[Job]) -> Html | None:
    """The first failures, a line each."""
    every = failed(jobs)
    lines = [_line(texts, job) for job in every[:SHOWN]]
    if len(every) > SHOWN:
        lines.append(texts("and-more", count=len(every) - SHOWN))
    return Html("\n".join(lines)) or None


def list_button(texts: Texts, run: Run, jobs: Sequence[Job]) -> tuple[tuple[Choice, ...], ...]:
    """The way to all of them, where the card does not show all."""
    count = len(failed(jobs))
    if count <= SHOWN:
        return ()
    return ((Choice(texts.plain("button-failures", count=count), f"r:failed:{run.id}"),),)


def listing(texts: Texts, run: Run, jobs: Sequence[Job], page: int) -> Screen:
    """A page of the failures (from 0); a number beyond the last gives the last."""
    every = failed(jobs)
    pages = max((len(every) + SIZE - 1) // SIZE, 1)
    page = min(page, pages - 1)
    title = texts(
        "failures-title", number=str(run.number), count=len(every), page=page + 1, pages=pages
    )
    lines = [_line(texts, job) for job in every[page * SIZE : (page + 1) * SIZE]]
    refresh = (Choice(texts.plain("button-refresh"), f"r:fails:{run.id}:{page}"),)
    rows = (*pager(f"r:fails:{run.id}", page, pages), refresh)
    return Screen(Html("\n\n".join([title, *lines])), rows)


def why(texts: Texts, key: str, detail: Mapping[str, str]) -> Html:
    """What happened and what to do next."""
    return texts("card-why", reason=reason(texts, key, detail), advice=advice(texts, key, detail))


def _line(texts: Texts, job: Job) -> Html:
    if job.failure is None:
        return Html()
    detail = {"source": short(job.source), **job.failure.detail}
    if job.step is Step.SEARCH and job.place is not None:
        detail["source"] = job.place
    return texts(
        "card-failure",
        source=steps.job_name(texts, job),
        why=why(texts, job.failure.reason, detail),
    )
