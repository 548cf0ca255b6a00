"""How much of what a run was to read is known: the same figures as in its coverage."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.job import Job
from core.options import HistoryOptions
from core.run import Run
from core.task import Step
from db.database import Database

MOST_CHATS = 8
"""Of more it is not told: the pages of the coverage tell it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Message IDs of all chats: those that reading confirmed, those whose messages are stored and
    not confirmed yet, and those that nobody read."""

    known: int
    unknown: int
    unconfirmed: int = 0


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
    found = [
        await database.coverages.of_chat(
            chat.id, chat.box(readers[number]), top=top, topic=run.spec.history.topic
        )
        for number, top in tops.items()
        if (chat := await database.chats.get(number)) is not None
    ]
    proof = Proof(
        known=sum(one.confirmed for one in found),
        unknown=sum(one.unknown for one in found),
        unconfirmed=sum(one.unconfirmed for one in found),
    )
    return proof if proof.known or proof.unknown or proof.unconfirmed else None


def _is_bounded(options: HistoryOptions) -> bool:
    bounds = (options.limit, options.since, options.until, options.from_id)
    return any(bound is not None for bound in bounds)


async def heard_of(database: Database, jobs: Sequence[Job]) -> int:
    """How many messages are stored that are newer than when an ended run began to listen, beyond
    what its histories read."""
    read: dict[int, int] = {}
    for job in jobs:
        if job.step is Step.HISTORY and job.chat is not None:
            read[job.chat] = max(read.get(job.chat, 0), job.top_id or 0)
    count = 0
    for job in jobs:
        if job.step is Step.LISTEN and job.chat is not None and job.account is not None:
            chat = await database.chats.get(job.chat)
            if chat is not None:
                lo = max(job.top_id or 0, read.get(job.chat, 0)) + 1
                count += await database.tallies.stored(chat.id, chat.box(job.account), lo=lo)
    return count
