"""How much of what a run was to read is proven, by its spans alone: nothing is counted."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.coverage import Regions, regions
from core.job import Job
from core.options import HistoryOptions
from core.run import Run
from core.span import scope_of
from core.task import Step
from db.database import Database

MOST_CHATS = 8
"""Of more it is not told: the pages of the coverage tell it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Message numbers of all chats: those that are proven, and those that nobody read yet."""

    known: int
    unknown: int


async def proof_of(database: Database, run: Run, jobs: Sequence[Job]) -> Proof | None:
    """Of an ended run that was to read all of few chats; else None."""
    if run.is_open() or _is_bounded(run.spec.history):
        return None
    tops: dict[int, int] = {}
    readers: dict[int, int] = {}
    for job in jobs:
        if job.step is Step.HISTORY and job.chat is not None and job.top_id is not None:
            tops[job.chat] = max(tops.get(job.chat, 0), job.top_id)
            readers[job.chat] = job.account or 0
    if len(tops) > MOST_CHATS:
        return None
    known = unknown = 0
    for number, top in tops.items():
        if (chat := await database.chats.get(number)) is not None:
            parted = await _parted(database, run, chat.id, chat.box(readers[number]), top)
            known += len(parted.proven)
            unknown += len(parted.gaps)
    return Proof(known=known, unknown=unknown) if known or unknown else None


async def _parted(database: Database, run: Run, chat: int, box: str, top: int) -> Regions:
    proven = await database.spans.coverage(chat, box, scope_of(run.spec.history.topic))
    return regions(1, top, proven, await database.memberships.floors(chat))


def _is_bounded(options: HistoryOptions) -> bool:
    bounds = (options.limit, options.since, options.until, options.from_id)
    return any(bound is not None for bound in bounds)
