"""The step `join`: let the account into a chat, or wait until somebody lets it in."""

from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import structlog

from collector.context import JobContext
from collector.sources import open_source
from core.account import DEAD_STATES, AccountState
from core.chat import Chat, ChatKind, Peer
from core.claim import came_by, claim_of
from core.errors import AccountFull, JoinPending, Retriable, SourceForbidden, SourceUnknown
from core.job import Note
from core.links import is_invite
from core.membership import MembershipState

log = structlog.get_logger(__name__)

JOIN_PATIENCE = timedelta(days=3)
"""How long a request to join is looked after before the source counts as refused."""

SHUT_OUT = "source_forbidden"
"""The reason of an error that says: this account may not enter."""


async def join_source(ctx: JobContext) -> None:
    """Enter the source; raises JoinPending while an administrator has not agreed.

    An automatic job that this account may not do goes on with the others.
    """
    try:
        async with ctx.entering:
            note = await (_by_invite(ctx) if is_invite(ctx.job.source) else _by_name(ctx))
    except JoinPending:
        await _look_after(ctx)
        raise
    except AccountFull:
        await ctx.database.accounts.fill_slots(ctx.account, ctx.clock.now())
        ctx.reporter.got_on()
        raise
    except SourceUnknown:
        await ctx.database.memberships.forget_request(ctx.account, ctx.job.source)
        raise
    except SourceForbidden as error:
        if error.reason != SHUT_OUT:
            raise
        await _shut_out(ctx, error)
    ctx.reporter.note(note)
    await ctx.reporter.write()


async def _by_invite(ctx: JobContext) -> Note | None:
    """Look what is behind the link first: a dead one costs no join."""
    invite = await ctx.gateway.check_invite(ctx.job.source)
    if invite.entered is not None:
        return await _entered(ctx, *invite.entered, already=await _was_inside(ctx))
    await _is_outside(ctx)
    if invite.kind is not ChatKind.GROUP:
        await _find_a_slot(ctx)
    return await _entered(ctx, *await ctx.gateway.accept_invite(ctx.job.source), already=False)


async def _by_name(ctx: JobContext) -> Note | None:
    peer, chat = await open_source(
        ctx.job.source, ctx.account, ctx.gateway, ctx.database, expects=ctx.job.expects
    )
    if await ctx.gateway.inside(peer):
        return await _entered(ctx, peer, chat, already=await _was_inside(ctx))
    await _is_outside(ctx)
    await _find_a_slot(ctx)
    await ctx.gateway.join(peer)
    return await _entered(ctx, peer, chat, already=False)


async def _was_inside(ctx: JobContext) -> bool:
    """Whether the account was in before this job ever asked: then nobody joined for the task."""
    asked = await ctx.database.memberships.pending(ctx.account, ctx.job.source)
    return asked is None


async def _is_outside(ctx: JobContext) -> None:
    """Correct what was known of it; raises JoinPending while a request waits for an answer."""
    source = ctx.job.source
    if ctx.account in await ctx.database.memberships.inside(source):
        await _gone(ctx, MembershipState.LEFT)
    if await ctx.database.memberships.pending(ctx.account, source) is not None:
        raise JoinPending(source=source)


async def _gone(ctx: JobContext, state: MembershipState) -> None:
    """The account is not in the chat, whatever was known before."""
    database, source = ctx.database, ctx.job.source
    peer = await database.memberships.peer(ctx.account, source)
    if peer is None:
        return
    if ctx.account in await database.memberships.inside(source) and peer.kind is not ChatKind.GROUP:
        await database.accounts.move_slots(ctx.account, -1)
    await database.memberships.set_state(ctx.account, peer.chat, state)


async def _find_a_slot(ctx: JobContext) -> None:
    """Count the account's chats where no count holds; raises AccountFull."""
    account, now = await ctx.database.accounts.get(ctx.account), ctx.clock.now()
    slots = None if account is None else account.slots
    if slots is None or not slots.holds(now):
        slots = replace(await ctx.gateway.slots(), counted_at=now)
        await ctx.database.accounts.set_slots(ctx.account, slots)
    if not slots.free():
        raise AccountFull


async def _entered(ctx: JobContext, peer: Peer, chat: Chat, *, already: bool) -> Note | None:
    ctx.reporter.opened(chat=peer.chat, top_id=None)
    claim = claim_of(ctx.job.task, peer.chat, came_by(ctx.job), ctx.clock.now(), waits=True)
    await ctx.database.claims.take([claim])
    if chat.title:
        await ctx.database.chats.save(chat)
    known = await ctx.database.memberships.of_chat(ctx.account, peer.chat)
    mine = known is not None and known.for_task == ctx.job.task
    task = None if already and not mine else ctx.job.task
    await ctx.database.memberships.joined(
        ctx.account, peer, ctx.job.source, ctx.clock.now(), task=task
    )
    if not already and peer.kind is not ChatKind.GROUP:
        await ctx.database.accounts.move_slots(ctx.account, 1)
    log.info("chat.joined", chat=peer.chat, already=already)
    return Note.ALREADY_MEMBER if already else None


async def _look_after(ctx: JobContext) -> None:
    """Remember the request; an old one that nobody answered counts as refused."""
    memberships, now = ctx.database.memberships, ctx.clock.now()
    asked = await memberships.asked(ctx.account, ctx.job.source, ctx.job.task, now)
    ctx.reporter.got_on()
    proven = ctx.trusted.judge().proven
    if proven and asked.asked_at is not None and proven - asked.asked_at > JOIN_PATIENCE:
        await memberships.forget_request(ctx.account, ctx.job.source)
        await _leave_to(ctx, await _allowed(ctx))
        raise SourceForbidden(reason="join_not_approved", source=ctx.job.source)


async def _shut_out(ctx: JobContext, error: SourceForbidden) -> NoReturn:
    """Leave the job to the accounts that have not tried; raises SourceForbidden where none has."""
    source = ctx.job.source
    await _gone(ctx, MembershipState.KICKED)
    await ctx.database.memberships.forget_request(ctx.account, source)
    others = [number for number in await _others(ctx) if number != ctx.account]
    if others:
        await _leave_to(ctx, others)
        ctx.reporter.got_on()
        raise Retriable(reason="join_refused", source=source) from error
    await _leave_to(ctx, await _allowed(ctx))
    raise SourceForbidden(reason="join_refused", source=source) from error


async def _others(ctx: JobContext) -> list[int]:
    """The accounts that may take the job and could work."""
    idle = {*DEAD_STATES, AccountState.PAUSED}
    crew = await ctx.database.accounts.all()
    return [one.id for one in crew if one.state not in idle and ctx.job.may_be_taken_by(one.id)]


async def _allowed(ctx: JobContext) -> list[int]:
    """The accounts that the task allows: whoever failed may be tried again."""
    run = await ctx.database.runs.get(ctx.job.run)
    keys = ctx.job.keys if run is None else run.spec.policy.keys()
    crew = await ctx.database.accounts.all()
    return [one.id for one in crew if not {"*", f"a{one.id}"}.isdisjoint(keys)]


async def _leave_to(ctx: JobContext, accounts: list[int]) -> None:
    await ctx.database.jobs.narrow(ctx.job.key(), accounts)
