"""One chat over several accounts: the first job finds what is missing, others read its ranges."""

import structlog

from collector.context import JobContext
from core.account import READING_STATES
from core.chat import SHARED_BOX, Chat
from core.job import Onward
from core.sharing import PAGE, share_out
from core.span import IntervalSet
from core.task import AccountPolicy

log = structlog.get_logger(__name__)


async def shared(
    ctx: JobContext, chat: Chat, missing: IntervalSet, density: float
) -> Onward | None:
    """The ranges in which several accounts shall read what is missing; None if one account does.

    `density`: messages for each id. Ids of basic groups are the account's own, a limit is counted
    from the newest message on, and what is of one topic is little: those are read by one.
    """
    options = ctx.job.options
    alone = options.limit is not None or options.topic is not None
    if not options.split or alone or chat.box(ctx.account) != SHARED_BOX:
        return None
    policy = await _policy(ctx)
    readers, keys = await _readers(ctx, chat, policy)
    parts = share_out(missing, pages=len(missing) * density / PAGE, readers=readers)
    if not parts:
        return None
    log.info("chat.shared", chat=chat.id, ranges=len(parts), accounts=readers)
    return Onward(source=ctx.job.source, chat=chat.id, keys=keys, parts=parts)


async def _policy(ctx: JobContext) -> AccountPolicy:
    """Whom the task allows; the job itself may be for those alone that an invite let in."""
    run = await ctx.database.runs.get(ctx.job.run)
    return AccountPolicy() if run is None else run.spec.policy


async def _readers(
    ctx: JobContext, chat: Chat, policy: AccountPolicy
) -> tuple[int, tuple[str, ...]]:
    """How many accounts may read the chat, and their keys: of a private one its members."""
    crew = await ctx.database.accounts.all()
    able = {one.id for one in crew if one.state in READING_STATES and policy.allows(one.id)}
    if chat.username is not None:
        return len(able), policy.keys()
    members = await ctx.database.memberships.members_of([chat.id])
    inside = sorted(able & (members[chat.id] | {ctx.account}))
    return len(inside), tuple(f"a{account}" for account in inside)
