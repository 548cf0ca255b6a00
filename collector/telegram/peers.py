"""Chats and peers: from Telethon's objects to the crew's values."""

from typing import Any

from telethon.tl import types

from core.chat import Chat, ChatKind, Peer

_CHANNEL_BASE = 1_000_000_000_000


def marked(peer: Any) -> int:
    """The marked id of a Peer: users as they are, groups `-id`, channels `-100id`."""
    kind = type(peer)
    if kind is types.PeerUser:
        return int(peer.user_id)
    if kind is types.PeerChannel:
        return -(_CHANNEL_BASE + int(peer.channel_id))
    return -int(peer.chat_id)


def bare(chat: int) -> int:
    """The id that Telegram itself uses for a marked one."""
    return -chat - _CHANNEL_BASE if chat < -_CHANNEL_BASE else abs(chat)


def marked_id(entity: Any) -> int:
    """The marked id of a user, a group or a channel."""
    if isinstance(entity, types.Channel | types.ChannelForbidden):
        return -(_CHANNEL_BASE + int(entity.id))
    if isinstance(entity, types.User | types.UserEmpty):
        return int(entity.id)
    return -int(entity.id)


def display_name(entity: Any) -> str | None:
    """What Telegram shows for a user or a chat; None for a deleted user, or for nobody."""
    if type(entity) is types.User:
        first, last = entity.first_name, entity.last_name
        return f"{first} {last}" if first and last else first or last or None
    return getattr(entity, "title", None) or None


def username_of(entity: Any) -> str | None:
    """The public name, the first active one where there are several."""
    if getattr(entity, "username", None):
        return str(entity.username)
    for name in getattr(entity, "usernames", None) or ():
        if name.active:
            return str(name.username)
    return None


def chat_of(entity: Any) -> Chat | None:
    """The chat of a channel, supergroup or group; None for what cannot be read."""
    kind = _kind(entity)
    if kind is None:
        return None
    return Chat(
        id=marked_id(entity),
        kind=kind,
        title=entity.title,
        username=username_of(entity),
        members=entity.participants_count,
    )


def peer_of(entity: Any) -> Peer | None:
    """How the account that got this entity addresses it."""
    kind = _kind(entity)
    if kind is None or getattr(entity, "min", False):
        return None
    return Peer(
        chat=marked_id(entity), kind=kind, access_hash=getattr(entity, "access_hash", None) or 0
    )


def input_peer(peer: Peer) -> Any:
    """The peer as requests name it."""
    if peer.kind is ChatKind.PRIVATE:
        return types.InputPeerUser(bare(peer.chat), peer.access_hash)
    if peer.kind is ChatKind.GROUP:
        return types.InputPeerChat(bare(peer.chat))
    return types.InputPeerChannel(bare(peer.chat), peer.access_hash)


def _kind(entity: Any) -> ChatKind | None:
    if isinstance(entity, types.Channel):
        return ChatKind.CHANNEL if entity.broadcast else ChatKind.SUPERGROUP
    return ChatKind.GROUP if isinstance(entity, types.Chat) else None
