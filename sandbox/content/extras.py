"""Where a message was forwarded from, and what it answers. Draws are from 0 to 65535."""

from typing import TYPE_CHECKING

from telethon.tl import types

from sandbox import tl

if TYPE_CHECKING:
    from sandbox.chat import Chat

FORWARD = types.MessageFwdHeader.CONSTRUCTOR_ID.to_bytes(4, "little")
REPLY = types.MessageReplyHeader.CONSTRUCTOR_ID.to_bytes(4, "little")
FROM_ID, CHANNEL_POST, FROM_NAME = 1, 4, 32
REPLY_TO, REPLY_TOP, FORUM = 16, 2, 8
_FARTHEST = 12
HIDDEN = [
    tl.string(name.encode())
    for name in ("Deleted Account", "匿名", "Night Owl", "币圈老韭菜", "Anon")
]


def forwarded(
    chat: "Chat", senders: list[int], date: int, draws: tuple[int, int, int]
) -> tuple[bytes, tuple[int, ...], tuple[int, ...]]:
    """(header, users, channels): from a channel's post, a person, or somebody who hides."""
    kind, who, ago = draws
    when = tl.integer(date - 60 - ago * 9)
    if kind < 32_000 and chat.also_here:
        channel = chat.also_here[who * len(chat.also_here) >> 16]
        flags = (FROM_ID | CHANNEL_POST).to_bytes(4, "little")
        post = tl.integer(2 + (ago & 255))
        return FORWARD + flags + tl.peer_channel(channel) + when + post, (), (channel,)
    if kind < 52_000:
        user = senders[who * len(senders) >> 16]
        flags = FROM_ID.to_bytes(4, "little")
        return FORWARD + flags + tl.peer_user(user) + when, (user,), ()
    flags = FROM_NAME.to_bytes(4, "little")
    return FORWARD + flags + HIDDEN[who % len(HIDDEN)] + when, (), ()


def replied(chat: "Chat", message_id: int, whether: int, target_draw: int) -> bytes:
    """The reply header, or nothing. In a forum it also says which topic the message is in."""
    target = chat.before(message_id, 1 + target_draw % _FARTHEST) if whether < 16_000 else 0
    topic = chat.topic_of(message_id) + 1 if chat.kind == "forum" else 1
    if topic == 1:
        return b"" if target < 2 else _reply(REPLY_TO, target)
    if target <= topic or chat.topic_of(target) + 1 != topic:
        return _reply(REPLY_TO | FORUM, topic)
    return _reply(REPLY_TO | FORUM | REPLY_TOP, target) + tl.integer(topic)


def _reply(flags: int, target: int) -> bytes:
    return REPLY + tl.two_integers(flags, target)
