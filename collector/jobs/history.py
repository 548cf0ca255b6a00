"""The step `history`: read what is not proven yet of a chat, newest first, and prove it."""

from datetime import timedelta

from collector.context import JobContext
from collector.jobs.walk import RangeWalk, fetch
from collector.sources import open_source
from core.chat import Chat, Peer
from core.errors import SourceForbidden
from core.span import IntervalSet

LOWEST_ID = 1

STALE = "peer_invalid"
"""The remembered access hash is refused: the name is resolved again, once."""


async def collect_history(ctx: JobContext) -> None:
    """Store every message of the source that the options ask for; returns when all is proven."""
    try:
        await _collect_source(ctx)
    except SourceForbidden as error:
        if error.reason != STALE:
            raise
        await ctx.database.memberships.forget_name(ctx.account, ctx.job.source)
        await _collect_source(ctx)


async def _collect_source(ctx: JobContext) -> None:
    peer, chat = await open_source(ctx.job.source, ctx.account, ctx.gateway, ctx.database)
    top_id, count = await _newest(ctx, peer)
    ctx.reporter.opened(chat=chat.id, top_id=top_id)
    if top_id is not None:
        await _collect(ctx, peer, chat, top_id, count)
    await ctx.reporter.finished()


async def _collect(ctx: JobContext, peer: Peer, chat: Chat, top_id: int, count: int) -> None:
    lowest = await _lowest_wanted(ctx, peer)
    box = chat.box(ctx.account)
    covered = await ctx.database.spans.coverage(chat.id, box)
    left = ctx.job.options.limit
    missing = covered.missing(lowest, top_id)
    _expect(ctx, missing, count=count, top_id=top_id)
    walk = RangeWalk(ctx, peer, chat)
    for lo, hi, proven in _segments(missing, covered.within(lowest, top_id)):
        if left is not None and left <= 0:
            return
        if proven:
            stored = await ctx.database.messages.count(chat.id, box, lo=lo, hi=hi)
        else:
            stored = await walk.read(lo, hi, limit=left)
        left = None if left is None else left - stored


async def _newest(ctx: JobContext, peer: Peer) -> tuple[int | None, int]:
    """The id where reading begins, fixed for the job's life, and the chat's count of messages."""
    until = ctx.job.options.until
    date = None if until is None else until + timedelta(seconds=1)
    page = await fetch(ctx, peer, offset_date=date, limit=1)
    if ctx.job.top_id is not None:
        return ctx.job.top_id, page.total
    return max(page.ids(), default=None), page.total


async def _lowest_wanted(ctx: JobContext, peer: Peer) -> int:
    since = ctx.job.options.since
    if since is None:
        return LOWEST_ID
    older = await fetch(ctx, peer, offset_date=since, limit=1)
    return max(older.ids(), default=LOWEST_ID - 1) + 1


def _segments(missing: IntervalSet, proven: IntervalSet) -> list[tuple[int, int, bool]]:
    parts = [(lo, hi, False) for lo, hi in missing.ranges]
    parts += [(lo, hi, True) for lo, hi in proven.ranges]
    return sorted(parts, reverse=True)


def _expect(ctx: JobContext, missing: IntervalSet, *, count: int, top_id: int) -> None:
    """Holes are spread over a chat, so a range holds about its share of Telegram's count."""
    more = min(round(count * len(missing) / top_id), len(missing))
    limit = ctx.job.options.limit
    ctx.reporter.expect(more if limit is None else min(limit, more))
