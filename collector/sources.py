"""From a source to the chat it names, as one account sees it; nothing is resolved twice."""

from collector.gateway import Gateway
from core.chat import Chat, Peer
from core.errors import SourceForbidden, SourceUnknown
from core.links import chat_id, is_invite
from db.database import Database


async def open_source(
    source: str,
    account: int,
    gateway: Gateway,
    database: Database,
    *,
    expects: int | None = None,
) -> tuple[Peer, Chat]:
    """The peer and chat of a canonical source; asks Telegram only if this account never did.

    `expects`: the chat that the operator saw behind a name. An account that knows how to address it
    reads it, whatever became of the name; else the name must lead there. Raises SourceUnknown
    (`name_moved`) if it leads to another chat, and SourceForbidden (`not_joined`) for an invite or
    an id of a chat that the account is not in.
    """
    named = source.startswith("@")
    known = await _known(source, account, database, expects if named else None)
    if known is not None:
        return known
    if is_invite(source):
        peer, chat = await _behind(source, gateway)
    elif chat_id(source) is not None:
        raise SourceForbidden(reason="not_joined", source=source)
    else:
        peer, chat = await gateway.resolve(source)
    await database.chats.save(chat)
    await database.memberships.remember(account, peer, source if named else None)
    if named and expects is not None and chat.id != expects:
        raise await _moved(source, chat, expects, database)
    return peer, chat


async def _known(
    source: str, account: int, database: Database, expects: int | None
) -> tuple[Peer, Chat] | None:
    """What the account learned before. What it knows as another chat than is expected is forgotten:
    the name has moved since, or had not yet."""
    peer = await database.memberships.peer(account, source)
    if expects is not None and (peer is None or peer.chat != expects):
        if peer is not None:
            await database.memberships.forget_name(account, source)
        peer = await database.memberships.peer(account, str(expects))
    chat = None if peer is None else await database.chats.get(peer.chat)
    return None if peer is None or chat is None else (peer, chat)


async def _moved(source: str, now: Chat, expects: int, database: Database) -> SourceUnknown:
    before = await database.chats.get(expects)
    return SourceUnknown(
        reason="name_moved",
        source=source,
        now=now.title,
        before=str(expects) if before is None else before.title,
        chat=str(expects),
    )


async def _behind(source: str, gateway: Gateway) -> tuple[Peer, Chat]:
    invite = await gateway.check_invite(source)
    if invite.entered is None:
        raise SourceForbidden(reason="not_joined", source=source)
    return invite.entered
