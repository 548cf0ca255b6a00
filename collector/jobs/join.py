"""The step `join`: let the account into a chat, or wait until somebody lets it in."""

from datetime import timedelta

import structlog

from collector.context import JobContext
from collector.sources import open_source
from core.chat import Chat, Peer
from core.errors import AccountFull, JoinPending, SourceForbidden
from core.job import Note
from core.links import is_invite
from core.membership import MembershipState

log = structlog.get_logger(__name__)

JOIN_PATIENCE = timedelta(days=3)
"""How long a request to join is looked after before the source counts as refused."""


async def join_source(ctx: JobContext) -> None:
    """Enter the source; raises JoinPending while an administrator has not agreed."""
    await _find_a_slot(ctx)
    try:
        note = await (_by_invite(ctx) if is_invite(ctx.job.source) else _by_name(ctx))
    except JoinPending:
        await _look_after(ctx)
        raise
    except AccountFull:
        await ctx.database.accounts.fill_slots(ctx.account)
        raise
    ctx.reporter.note(note)
    await ctx.reporter.write()


async def _find_a_slot(ctx: JobContext) -> None:
    """Count the account's chats before it joins for the first time; raises AccountFull."""
    account = await ctx.database.accounts.get(ctx.account)
    slots = None if account is None else account.slots
    if slots is None:
        slots = await ctx.gateway.slots()
        await ctx.database.accounts.set_slots(ctx.account, slots)
    if not slots.free():
        raise AccountFull


async def _by_invite(ctx: JobContext) -> Note | None:
    """Look what is behind the link first: a dead one costs no join."""
    invite = await ctx.gateway.check_invite(ctx.job.source)
    if invite.entered is not None:
        return await _entered(ctx, *invite.entered, already=await _was_inside(ctx))
    if await ctx.database.memberships.pending(ctx.account, ctx.job.source) is not None:
        raise JoinPending(source=ctx.job.source)
    return await _entered(ctx, *await ctx.gateway.accept_invite(ctx.job.source), already=False)


async def _by_name(ctx: JobContext) -> Note | None:
    peer, chat = await open_source(ctx.job.source, ctx.account, ctx.gateway, ctx.database)
    if await ctx.gateway.inside(peer):
        return await _entered(ctx, peer, chat, already=await _was_inside(ctx))
    if await ctx.database.memberships.pending(ctx.account, ctx.job.source) is not None:
        raise JoinPending(source=ctx.job.source)
    try:
        await ctx.gateway.join(peer)
    except SourceForbidden as error:
        if error.reason == "source_forbidden":
            await ctx.database.memberships.set_state(ctx.account, peer.chat, MembershipState.KICKED)
            raise SourceForbidden(reason="join_refused", source=ctx.job.source) from error
        raise
    return await _entered(ctx, peer, chat, already=False)


async def _was_inside(ctx: JobContext) -> bool:
    """Whether the account was in before this job ever asked: then nobody joined for the task."""
    asked = await ctx.database.memberships.pending(ctx.account, ctx.job.source)
    return asked is None


async def _entered(ctx: JobContext, peer: Peer, chat: Chat, *, already: bool) -> Note | None:
    ctx.reporter.opened(chat=peer.chat, top_id=None)
    if chat.title:
        await ctx.database.chats.save(chat)
    known = await ctx.database.memberships.of_chat(ctx.account, peer.chat)
    mine = known is not None and known.for_task == ctx.job.task
    task = None if already and not mine else ctx.job.task
    await ctx.database.memberships.joined(
        ctx.account, peer, ctx.job.source, ctx.clock.now(), task=task
    )
    if not already:
        await ctx.database.accounts.move_slots(ctx.account, 1)
    log.info("chat.joined", chat=peer.chat, already=already)
    return Note.ALREADY_MEMBER if already else None


async def _look_after(ctx: JobContext) -> None:
    """Remember the request; an old one that nobody answered counts as refused."""
    memberships = ctx.database.memberships
    asked = await memberships.asked(ctx.account, ctx.job.source, ctx.job.task, ctx.clock.now())
    if asked.asked_at is not None and ctx.clock.now() - asked.asked_at > JOIN_PATIENCE:
        await memberships.forget_request(ctx.account, ctx.job.source)
        raise SourceForbidden(reason="join_not_approved", source=ctx.job.source)
