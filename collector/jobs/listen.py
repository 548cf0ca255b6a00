"""The step `listen`: open a chat for its live reader. It ends at once; the reading goes on as a
subscription until the run is stopped."""

import structlog

from collector.context import JobContext
from collector.jobs.claiming import claim_chat
from collector.jobs.walk import fetch
from collector.keeping.retention import Retention
from collector.sources import open_source
from core.chat import Chat, Peer
from core.errors import SourceForbidden
from core.job import Note
from core.membership import MembershipState
from core.subscription import Want
from db.subscriptions import Begun

log = structlog.get_logger(__name__)

STALE = "peer_invalid"
"""The remembered access hash is refused: the name is resolved again, once."""


async def open_chat(ctx: JobContext) -> None:
    """See that the source can be read, and let the run listen to it."""
    try:
        await _open(ctx)
    except SourceForbidden as error:
        if error.reason != STALE:
            raise
        await ctx.database.memberships.forget_name(ctx.account, ctx.job.source)
        await ctx.database.memberships.forget_peer(ctx.account, ctx.job.expects)
        await _open(ctx)


async def _open(ctx: JobContext) -> None:
    peer, chat = await open_source(
        ctx.job.source, ctx.account, ctx.gateway, ctx.database, expects=ctx.job.expects
    )
    await claim_chat(ctx, chat.id)
    newest = await fetch(ctx, peer, limit=1)
    top_id = max(newest.ids(), default=0)
    ctx.reporter.opened(chat=chat.id, top_id=top_id)
    if await _is_inside(ctx, peer, chat):
        await _remember(ctx, peer)
    elif not (await ctx.database.memberships.members_of([chat.id]))[chat.id]:
        ctx.reporter.note(Note.POLLED)
    await ctx.reporter.write()
    await Retention(ctx.database).decide(chat.id)
    want = Want(run=ctx.job.run, task=ctx.job.task, keys=ctx.job.keys)
    begun = Begun(
        chat=chat.id,
        box=chat.box(ctx.account),
        source=ctx.job.source,
        want=want,
        begin=top_id,
    )
    await ctx.database.subscriptions.want(begun)
    await ctx.database.subscriptions.allow(begun)
    log.info("chat.opened", chat=chat.id, top=top_id)


async def _is_inside(ctx: JobContext, peer: Peer, chat: Chat) -> bool:
    known = await ctx.database.memberships.of_chat(ctx.account, chat.id)
    if known is not None and known.state is MembershipState.MEMBER:
        return True
    return await ctx.gateway.inside(peer)


async def _remember(ctx: JobContext, peer: Peer) -> None:
    known = await ctx.database.memberships.of_chat(ctx.account, peer.chat)
    if known is None or known.state is not MembershipState.MEMBER:
        await ctx.database.memberships.joined(
            ctx.account, peer, ctx.job.source, ctx.clock.now(), task=None
        )
