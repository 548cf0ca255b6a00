"""From a source to the chat it names, as one account sees it; nothing is resolved twice."""

from collector.gateway import Gateway
from core.chat import Chat, Peer
from db.database import Database


async def open_source(
    source: str, account: int, gateway: Gateway, database: Database
) -> tuple[Peer, Chat]:
    """The peer and chat of `@name`; asks Telegram only if this account never did."""
    peer = await database.memberships.peer(account, source)
    chat = None if peer is None else await database.chats.get(peer.chat)
    if peer is not None and chat is not None:
        return peer, chat
    peer, chat = await gateway.resolve(source)
    await database.chats.save(chat)
    await database.memberships.remember(account, peer, source)
    return peer, chat
