"""Before the first message of a chat is stored for a task, the task has a claim to the chat."""

from collector.context import JobContext
from core.claim import EARLIER, Came, Claim, came_by, claim_of
from core.errors import BeingDeleted
from core.task import TaskState


async def claim_chat(ctx: JobContext, chat: int) -> None:
    """Return once the job's task has a claim to the chat: one question where it had one before.

    Raises BeingDeleted while somebody deletes what is stored of it. Whoever deletes says so first
    and looks for claims then; here the claim comes first, and the look afterwards. So one sees the
    other, in whatever order it happens.
    """
    claims, task = ctx.database.claims, ctx.job.task
    known = await _known(ctx, chat)
    if known is not None and not known.waits:
        return
    for other in await claims.purged_by(chat):
        if other != task and await _deletes(ctx, other):
            raise BeingDeleted(f"chat {chat} is being deleted", source=ctx.job.source)
    await claims.confirm(task, chat)


async def _known(ctx: JobContext, chat: int) -> Claim | None:
    """The claim that the task had before; where it had none it has one that waits now."""
    claims, task, came = ctx.database.claims, ctx.job.task, came_by(ctx.job)
    if came is Came.COMMENTS:
        known = await claims.get(task, chat)
        if known is not None:
            return known
        came = await _came(ctx, chat)
    return await claims.take_one(claim_of(task, chat, came, ctx.clock.now(), waits=True))


async def _deletes(ctx: JobContext, task: str) -> bool:
    """Whether it still does: a task that is gone does not."""
    if task == EARLIER:
        return True
    found = await ctx.database.tasks.get(task)
    return found is not None and found.state is TaskState.DELETING


async def _came(ctx: JobContext, chat: int) -> Came:
    """What leads on to a chat: its comments, or the group that became it."""
    before = await ctx.database.jobs.get(ctx.job.id.rpartition(".")[0])
    known = await ctx.database.chats.get(chat)
    if before is None or known is None:
        return Came.COMMENTS
    moved = before.chat in (known.migrated_from, known.migrated_to)
    return Came.MIGRATED if moved else Came.COMMENTS
