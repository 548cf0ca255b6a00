"""From a source to the chat it names, as one account sees it; nothing is resolved twice."""

from collector.gateway import Gateway
from core.chat import Chat, Peer
from core.errors import SourceForbidden
from core.links import chat_id, is_invite
from db.database import Database


async def open_source(
    source: str, account: int, gateway: Gateway, database: Database
) -> tuple[Peer, Chat]:
    """The peer and chat of a canonical source; asks Telegram only if this account never did.

    Raises SourceForbidden (`not_joined`) for an invite or an id of a chat that it is not in.
    """
    peer = await database.memberships.peer(account, source)
    chat = None if peer is None else await database.chats.get(peer.chat)
    if peer is not None and chat is not None:
        return peer, chat
    if is_invite(source):
        peer, chat = await _behind(source, gateway)
    elif chat_id(source) is not None:
        raise SourceForbidden(reason="not_joined", source=source)
    else:
        peer, chat = await gateway.resolve(source)
    await database.chats.save(chat)
    await database.memberships.remember(account, peer, source if source[0] == "@" else None)
    return peer, chat


async def _behind(source: str, gateway: Gateway) -> tuple[Peer, Chat]:
    invite = await gateway.check_invite(source)
    if invite.entered is None:
        raise SourceForbidden(reason="not_joined", source=source)
    return invite.entered
