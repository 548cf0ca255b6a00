"""Chats that belong to a source: what a migrated group became, and the comments of a channel."""

from collections.abc import Collection
from dataclasses import replace

from collector.context import JobContext
from core.chat import Chat, ChatKind, Kin, Peer
from core.job import Note, Onward

BECAME = "chat_migrate_to"
CAME_FROM = "channel_migrate_from"
"""Service messages: the last one of a group that migrated, the first one of its supergroup."""


async def relatives(ctx: JobContext, peer: Peer, chat: Chat, told: Collection[str]) -> list[Onward]:
    """What is to be read beside the chat; `told` are the service messages that were read in it."""
    options = ctx.job.options
    if options.topic is not None:
        return []
    comments = options.comments and chat.kind is ChatKind.CHANNEL
    before = options.from_id is None and (CAME_FROM in told or chat.migrated_from is not None)
    after = BECAME in told or chat.migrated_to is not None
    whole = options.limit is None or CAME_FROM in told
    if not (comments or after or (before and whole)):
        return []
    kin = await ctx.gateway.kin(peer)
    wanted = [
        kin.discussion if comments else None,
        kin.successor,
        kin.predecessor if before and whole else None,
    ]
    if comments and kin.discussion is None:
        ctx.reporter.note(Note.NO_COMMENTS)
    await _link(ctx, chat, kin)
    return [await _onward(ctx, *one) for one in wanted if one is not None]


async def _onward(ctx: JobContext, peer: Peer, chat: Chat) -> Onward:
    """A private chat is for the account that knows its address; a public one for all it may be."""
    await ctx.database.memberships.remember(ctx.account, peer, chat.username)
    keys = (f"a{ctx.account}",) if chat.username is None else ctx.job.keys
    return Onward(source=chat.source(), chat=chat.id, keys=keys)


async def _link(ctx: JobContext, chat: Chat, kin: Kin) -> None:
    """Remember which chats belong together."""
    chats = ctx.database.chats
    if kin.discussion is not None:
        await chats.save(kin.discussion[1])
        await chats.save(replace(chat, discussion=kin.discussion[1].id))
    if kin.successor is not None:
        await chats.save(replace(kin.successor[1], migrated_from=chat.id))
        await chats.save(replace(chat, migrated_to=kin.successor[1].id))
    if kin.predecessor is not None:
        await chats.save(replace(kin.predecessor[1], migrated_to=chat.id))
        await chats.save(replace(chat, migrated_from=kin.predecessor[1].id))
