"""Leaving a job to others: what one account is kept out of, another of the crew may read."""

from collections.abc import Collection, Iterable

from collector.context import JobContext
from core.account import READING_STATES, Account
from core.errors import Retriable
from core.job import Job
from core.membership import MembershipState
from db.database import Database

STALE = "peer_invalid"
"""The remembered access hash is refused: the name is resolved again, once."""

PUT_OUT = "source_forbidden"
"""The account may not read it, or not any more; others may."""

OUTSIDE = (MembershipState.LEFT, MembershipState.KICKED, MembershipState.PENDING)
"""States of accounts that are not in a chat."""


def source_of(ctx: JobContext) -> str:
    """What the job reads; a range of a private chat is known by the chat's id."""
    job = ctx.job
    by_id = job.part is not None and job.chat is not None and not job.source.startswith("@")
    return str(job.chat) if by_id else job.source


async def leave_to_insiders(ctx: JobContext) -> None:
    """What the account is kept out of may be read by those that are in it."""
    known = await ctx.database.memberships.peer(ctx.account, source_of(ctx))
    if known is None:
        return
    chat = known.chat
    await ctx.database.memberships.set_state(ctx.account, chat, MembershipState.KICKED)
    members = await ctx.database.memberships.members_of([chat])
    await leave_to(ctx, members[chat])


async def leave_to(ctx: JobContext, accounts: Collection[int]) -> None:
    """Raise Retriable once the job is for others, if the task allows one of them that works."""
    if ctx.job.is_pinned():
        return
    able = _able(await ctx.database.accounts.all(), accounts, ctx.job.keys, ctx.account)
    if able:
        await ctx.database.jobs.narrow(ctx.job.key(), able)
        raise Retriable(reason="left_to_members")


async def leave_to_readers(ctx: JobContext, chat: int) -> None:
    """Raise Retriable once the job is for others that may read the chat, by what the task allows:
    the job itself may have been for the account alone that read the history."""
    able = await readers_of(ctx.database, ctx.job, chat, but=ctx.account)
    if able:
        await ctx.database.jobs.narrow(ctx.job.key(), able)
        raise Retriable(reason="left_to_members")


async def readers_of(database: Database, job: Job, chat: int, *, but: int | None) -> list[int]:
    """The accounts that work, may read the chat, and are allowed to by the task."""
    run = await database.runs.get(job.run)
    allowed = job.keys if run is None else run.spec.policy.keys()
    public = job.source.startswith("@")
    readers = set()
    crew = await database.accounts.all()
    for one in crew:
        known = await database.memberships.of_chat(one.id, chat)
        if public:
            may = known is None or known.state is not MembershipState.KICKED
        else:
            may = known is not None and known.peer is not None and known.state not in OUTSIDE
        if may:
            readers.add(one.id)
    return _able(crew, readers, allowed, but)


def _able(
    crew: Iterable[Account], accounts: Collection[int], allowed: Collection[str], but: int | None
) -> list[int]:
    return [
        one.id
        for one in crew
        if one.id in accounts and one.id != but
        if one.state in READING_STATES and ("*" in allowed or f"a{one.id}" in allowed)
    ]
