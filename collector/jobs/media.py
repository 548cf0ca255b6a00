"""The step `media`: fetch the files of messages that are stored, each content once."""

from collector.context import JobContext
from collector.jobs.claiming import claim_chat
from collector.jobs.fetching import Fetching
from collector.jobs.handing_over import PUT_OUT, STALE, leave_to_readers
from collector.sources import open_source
from core.chat import Chat, ChatKind, Peer
from core.errors import AccountLost, FolderError, SourceError, SourceForbidden
from core.media import Skip, Wanted
from core.membership import MembershipState

LOWEST_ID = 1


async def collect_media(ctx: JobContext) -> None:
    """Keep the files that the options want of what a history has read; returns when of each it is
    settled whether it is there, or why not.

    What the account cannot read is left to another that may; where there is none, the files are
    `unavailable`, and the job fails.
    """
    if ctx.folder is None:
        raise FolderError("this worker has no folder for files")
    try:
        peer = await _open(ctx)
        await claim_chat(ctx, peer.chat)
        try:
            await _collect(ctx, peer)
        except SourceForbidden as error:
            if error.reason != STALE:
                raise
            await _collect(ctx, await _open_anew(ctx, peer))
    except SourceError as error:
        await _hand_over(ctx, error)
        raise
    except AccountLost:
        if ctx.job.chat is not None and await _kind(ctx, ctx.job.chat) is not ChatKind.GROUP:
            await leave_to_readers(ctx, ctx.job.chat)
        raise
    await ctx.reporter.write()


async def _collect(ctx: JobContext, peer: Peer) -> None:
    wanted = await _wanted(ctx, peer.chat, _box(ctx, peer.chat, peer.kind))
    if wanted is not None and ctx.folder is not None:
        await Fetching(ctx, ctx.folder, peer, wanted).finish()


async def _open(ctx: JobContext) -> Peer:
    """The chat of the job as this account sees it; of what belongs to a source (its comments, the
    group that it became) the history was told the address."""
    chat = ctx.job.chat
    known = None if chat is None else await ctx.database.memberships.of_chat(ctx.account, chat)
    if known is not None and known.peer is not None:
        return known.peer
    if chat is not None and not ctx.job.source.startswith("@"):
        raise SourceForbidden(reason="not_joined", source=ctx.job.source)
    peer, _ = await open_source(
        ctx.job.source, ctx.account, ctx.gateway, ctx.database, expects=chat
    )
    if chat not in (None, peer.chat):
        raise SourceForbidden(reason=PUT_OUT, source=ctx.job.source)
    return peer


async def _open_anew(ctx: JobContext, known: Peer) -> Peer:
    """The chat with a fresh access hash, where its name tells one."""
    if not ctx.job.source.startswith("@"):
        return known
    await ctx.database.memberships.forget_name(ctx.account, ctx.job.source)
    peer, _ = await open_source(
        ctx.job.source, ctx.account, ctx.gateway, ctx.database, expects=known.chat
    )
    return peer if peer.chat == known.chat else known


async def _hand_over(ctx: JobContext, error: SourceError) -> None:
    """Leave the job to another account (Retriable), or settle what nobody can fetch."""
    chat = ctx.job.chat
    if chat is None:
        return
    memberships = ctx.database.memberships
    if error.reason == PUT_OUT:
        await memberships.set_state(ctx.account, chat, MembershipState.KICKED)
    kind = await _kind(ctx, chat)
    if kind is not ChatKind.GROUP:
        await leave_to_readers(ctx, chat)
    if (wanted := await _wanted(ctx, chat, _box(ctx, chat, kind))) is not None:
        await _give_up(ctx, wanted)


async def _kind(ctx: JobContext, chat: int) -> ChatKind:
    stored = await ctx.database.chats.get(chat)
    return ChatKind.CHANNEL if stored is None else stored.kind


async def _give_up(ctx: JobContext, wanted: Wanted) -> None:
    attachments, below = ctx.database.attachments, wanted.hi + 1
    while batch := await attachments.wanted(wanted, below):
        for message, media in batch.items():
            if await attachments.skip(wanted, message, media, Skip.UNAVAILABLE):
                await ctx.reporter.skipped(Skip.UNAVAILABLE)
        below = min(batch)


def _box(ctx: JobContext, chat: int, kind: ChatKind) -> str:
    return Chat(id=chat, kind=kind, title="").box(ctx.account)


async def _wanted(ctx: JobContext, chat: int, box: str) -> Wanted | None:
    """What the history of the same options has read; None when that is nothing."""
    options = ctx.job.options
    lo, hi = ctx.job.part or (LOWEST_ID, ctx.job.top_id or 0)
    lo = max(lo, options.from_id or LOWEST_ID)
    if options.limit is not None:
        lowest = await ctx.database.messages.nth_newest(
            chat, box, lo=lo, hi=hi, n=options.limit, topic=options.topic
        )
        lo = lo if lowest is None else lowest
    if lo > hi:
        return None
    return Wanted(
        chat=chat,
        box=box,
        lo=lo,
        hi=hi,
        kinds=options.media.kinds,
        most_bytes=options.media.most_bytes,
        since=options.since,
        until=options.until,
        topic=options.topic,
    )
