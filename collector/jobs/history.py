"""The step `history`: read what is not proven yet of a chat, newest first, and prove it."""

from collections.abc import Sequence
from dataclasses import replace

from collector.context import JobContext
from collector.gateway import Page
from collector.jobs.claiming import claim_chat
from collector.jobs.counting import outside, stored_in, take_over
from collector.jobs.dates import first_since, newest_before
from collector.jobs.handing_over import PUT_OUT, STALE, leave_to, leave_to_insiders, source_of
from collector.jobs.kin import relatives
from collector.jobs.second_look import contradicted
from collector.jobs.shares import shared
from collector.jobs.walk import RangeWalk
from collector.sources import open_source
from core.chat import Chat, ChatKind, Peer
from core.dates import just_after
from core.errors import SourceForbidden
from core.job import Onward
from core.span import IntervalSet, scope_of
from db.tallies import BLOCK

LOWEST_ID = 1


async def collect_history(ctx: JobContext) -> None:
    """Store every message of the source that the options ask for; returns when all is proven.

    Large shared chats are left to further jobs where the task wants that, and so are the chats that
    belong to this one.
    """
    try:
        await _collect_source(ctx)
    except SourceForbidden as error:
        if error.reason == PUT_OUT:
            await leave_to_insiders(ctx)
        if error.reason != STALE:
            raise
        await ctx.database.memberships.forget_name(ctx.account, ctx.job.source)
        await ctx.database.memberships.forget_peer(ctx.account, ctx.job.expects)
        await _collect_source(ctx)


async def _collect_source(ctx: JobContext) -> None:
    peer, chat = await _open(ctx)
    await claim_chat(ctx, chat.id)
    if ctx.job.part is not None:
        await _collect_part(ctx, peer, chat, ctx.job.part)
        return
    top_id, count = await _top(ctx, peer, chat)
    ctx.reporter.opened(chat=chat.id, top_id=top_id)
    walk = RangeWalk(ctx, peer, chat, topic=ctx.job.options.topic)
    onward: list[Onward] = []
    if top_id is not None:
        onward = await _collect(ctx, walk, peer, chat, top_id, count)
        await _tidy(ctx, chat, walk, top_id)
    onward += await relatives(ctx, peer, chat, walk.actions)
    if onward or ctx.job.onward:
        await ctx.database.jobs.lead_on(ctx.job.key(), onward)
        await ctx.database.runs.replan(ctx.job.run)
    ctx.reporter.finished()


async def _collect(
    ctx: JobContext, walk: RangeWalk, peer: Peer, chat: Chat, top_id: int, count: int
) -> list[Onward]:
    """Read it, or leave it in ranges to several accounts; those ranges."""
    options, box = ctx.job.options, chat.box(ctx.account)
    lowest = await _lowest_wanted(ctx, peer)
    covered = await ctx.database.spans.coverage(chat.id, box, scope_of(options.topic))
    missing, proven = covered.missing(lowest, top_id), covered.within(lowest, top_id)
    others = proven.without(await take_over(ctx, chat, covered))
    if options.topic is None:
        await ctx.database.chats.save(replace(chat, messages=count, top_id=top_id))
    if share := await shared(ctx, chat, missing, count / top_id):
        ctx.reporter.already(await stored_in(ctx, chat, outside(others, share.parts)))
        return [share]
    before = await stored_in(ctx, chat, others)
    if options.limit is None:
        ctx.reporter.already(before)
        _expect(ctx, missing, density=count / top_id)
        await _read_all(walk, missing)
    else:
        _expect(ctx, missing, density=count / top_id, before=before)
        await _read_newest(ctx, walk, chat, missing, proven, others)
    return []


async def _read_all(walk: RangeWalk, missing: IntervalSet) -> None:
    for lo, hi in reversed(missing.ranges):
        await walk.read(lo, hi, limit=None)


async def _read_newest(
    ctx: JobContext,
    walk: RangeWalk,
    chat: Chat,
    missing: IntervalSet,
    proven: IntervalSet,
    others: IntervalSet,
) -> None:
    """Read what is missing, newest first; of what is proven only count what the limit takes, and
    what `others` proved as stored before."""
    box, left = chat.box(ctx.account), ctx.job.options.limit or 0
    mine = proven.without(others)
    for lo, hi, kind in _segments((missing, others, mine)):
        if left <= 0:
            return
        if kind is missing:
            left -= await walk.read(lo, hi, limit=left)
            continue
        count = ctx.database.coverages.stored
        stored = await count(chat.id, box, lo=lo, hi=hi, topic=ctx.job.options.topic)
        if kind is others:
            ctx.reporter.already(min(stored, left))
        left -= stored


async def _collect_part(ctx: JobContext, peer: Peer, chat: Chat, part: tuple[int, int]) -> None:
    """One range of a chat that several accounts read; nothing else needs to be asked for it."""
    ctx.reporter.opened(chat=chat.id, top_id=part[1])
    covered = await ctx.database.spans.coverage(chat.id, chat.box(ctx.account))
    others = covered.within(*part).without(await take_over(ctx, chat, covered))
    ctx.reporter.already(await stored_in(ctx, chat, others))
    missing = covered.missing(*part)
    _expect(ctx, missing, density=(chat.messages or 0) / (chat.top_id or 1) or 1.0)
    walk = RangeWalk(ctx, peer, chat)
    await _read_all(walk, missing)
    await _tidy(ctx, chat, walk, part[1])
    ctx.reporter.finished()


async def _tidy(ctx: JobContext, chat: Chat, walk: RangeWalk, top_id: int) -> None:
    """What this job proved in several goes becomes as few spans as say the same, and what it stored
    is counted, for whoever looks at it."""
    box, scope = chat.box(ctx.account), scope_of(ctx.job.options.topic)
    if walk.spans() > 1 or ctx.job.attempts > 1 or ctx.job.progress.read:
        await ctx.database.spans.join(chat.id, box, ctx.job.id, scope=scope, above=1)
    if top_id >= BLOCK:
        await ctx.database.tallies.keep(chat.id, box)


async def _open(ctx: JobContext) -> tuple[Peer, Chat]:
    """The chat of the job. One that this account is not in is left to those that are, and a basic
    group to the account that read it before: the ids of each are its own.
    """
    source = source_of(ctx)
    try:
        peer, chat = await open_source(
            source, ctx.account, ctx.gateway, ctx.database, expects=ctx.job.expects
        )
    except SourceForbidden as error:
        if error.reason == "not_joined":
            await leave_to(ctx, await ctx.database.memberships.let_in(source))
        raise
    if chat.kind is ChatKind.GROUP:
        readers = await ctx.database.spans.readers(chat.id)
        if ctx.account not in readers:
            await leave_to(ctx, readers)
    return peer, chat


async def _top(ctx: JobContext, peer: Peer, chat: Chat) -> tuple[int | None, int]:
    """Where reading begins, and how many messages there are; both are asked for once a job."""
    begun = ctx.job.top_id
    if begun is not None and ctx.job.chat == chat.id and chat.messages is not None:
        return begun, chat.messages
    newest = await _newest(ctx, peer, chat.kind)
    return begun or max(newest.ids(), default=None), newest.total


async def _newest(ctx: JobContext, peer: Peer, kind: ChatKind) -> Page:
    """The message where reading begins, and the count of all. Raises Retriable when nothing comes
    of a chat in which Telegram counts messages that this account may see.
    """
    until, topic = ctx.job.options.until, ctx.job.options.topic
    bound = None if until is None else just_after(until)
    page = await newest_before(ctx, peer, bound, topic=topic)
    whole = (
        page if page.ids() or until is None else await newest_before(ctx, peer, None, topic=topic)
    )
    if whole.ids() or whole.total == 0 or topic is not None:
        return page
    hides = kind in {ChatKind.CHANNEL, ChatKind.SUPERGROUP}
    if hides and (await ctx.gateway.kin(peer)).floor > LOWEST_ID:
        return page
    raise contradicted(total=whole.total, read=0)


async def _lowest_wanted(ctx: JobContext, peer: Peer) -> int:
    options = ctx.job.options
    lowest = max(options.from_id or LOWEST_ID, LOWEST_ID)
    if options.since is None:
        return lowest
    return await first_since(ctx, peer, options.since, lowest=lowest, topic=options.topic)


def _segments(kinds: Sequence[IntervalSet]) -> list[tuple[int, int, IntervalSet]]:
    parts = [(lo, hi, kind) for kind in kinds for lo, hi in kind.ranges]
    return sorted(parts, key=lambda one: one[0], reverse=True)


def _expect(ctx: JobContext, missing: IntervalSet, *, density: float, before: int = 0) -> None:
    """Holes are spread over a chat, so a range holds about its share of Telegram's count."""
    more = min(round(density * len(missing)), len(missing))
    limit = ctx.job.options.limit
    if limit is not None:
        more = min(max(limit - ctx.reporter.progress.read, 0), more + before)
    ctx.reporter.expect(more)
