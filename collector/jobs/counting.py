"""What a history job counts: all messages in its range, new ones and those stored before."""

from collections.abc import Iterable

from collector.context import JobContext
from core.chat import Chat
from core.span import Counted, IntervalSet, scope_of


async def take_over(ctx: JobContext, chat: Chat, covered: IntervalSet) -> IntervalSet:
    """Go on with what the job's earlier attempts counted; the ranges that its run counts, too, so
    that they are no messages from before. `covered`: what anybody proved; where that is nothing,
    neither did they."""
    if not covered.ranges:
        ctx.reporter.resume(Counted())
        return covered
    box, scope = chat.box(ctx.account), scope_of(ctx.job.options.topic)
    before = await ctx.database.spans.before(chat.id, box, ctx.job.id, ctx.job.run, scope)
    counted = before.counted
    if before.uncounted.ranges:
        stored = await stored_in(ctx, chat, before.uncounted)
        new = min(max(ctx.job.progress.new - counted.new, 0), stored)
        counted += Counted(new=new, known=stored - new)
    ctx.reporter.resume(counted)
    return before.ranges


async def stored_in(ctx: JobContext, chat: Chat, ids: IntervalSet) -> int:
    """How many messages of these ranges are stored."""
    box, topic, count = chat.box(ctx.account), ctx.job.options.topic, ctx.database.coverages.shown
    return sum([await count(chat.id, box, topic, lo, hi) for lo, hi in ids.ranges])


def outside(ids: IntervalSet, parts: Iterable[tuple[int, int]]) -> IntervalSet:
    """What of these ids is in none of the parts, which other jobs read and count."""
    return ids.without(IntervalSet.of(parts))
