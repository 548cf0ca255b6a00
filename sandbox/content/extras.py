"""Where a message was forwarded from, what it answers, when it was changed."""

from typing import TYPE_CHECKING

from telethon.tl import types

from sandbox import tl
from sandbox.dice import Dice

if TYPE_CHECKING:
    from sandbox.chat import Chat

FORWARD = types.MessageFwdHeader.CONSTRUCTOR_ID.to_bytes(4, "little")
REPLY = types.MessageReplyHeader.CONSTRUCTOR_ID.to_bytes(4, "little")
FROM_ID, CHANNEL_POST, FROM_NAME = 1, 4, 32
REPLY_TO, REPLY_TOP, FORUM = 16, 2, 8
HIDDEN = ("Deleted Account", "匿名", "Night Owl", "币圈老韭菜", "Anon")


def forwarded(
    chat: "Chat", senders: list[int], date: int, dice: Dice
) -> tuple[bytes, tuple[int, ...], tuple[int, ...]]:
    """(header, users, channels): from a channel's post, a person, or somebody who hides."""
    when = tl.integer(date - dice.between(60, 600_000))
    kind = dice.below(10)
    if kind < 5 and chat.also_here:
        channel = dice.pick(chat.also_here)
        flags = (FROM_ID | CHANNEL_POST).to_bytes(4, "little")
        post = tl.integer(dice.between(2, 400))
        return FORWARD + flags + tl.peer_channel(channel) + when + post, (), (channel,)
    if kind < 8:
        user = dice.pick(senders)
        flags = FROM_ID.to_bytes(4, "little")
        return FORWARD + flags + tl.peer_user(user) + when, (user,), ()
    flags = FROM_NAME.to_bytes(4, "little")
    return FORWARD + flags + tl.string(dice.pick(HIDDEN).encode()) + when, (), ()


def replied(chat: "Chat", message_id: int, dice: Dice) -> bytes:
    """The reply header, or nothing. In a forum it also says which topic the message is in."""
    target = chat.before(message_id, dice.between(1, 12)) if dice.chance(0.25) else 0
    topic = chat.topic_of(message_id) + 1 if chat.kind == "forum" else 1
    if topic == 1:
        return b"" if target < 2 else _reply(REPLY_TO, target)
    if target <= topic or chat.topic_of(target) + 1 != topic:
        return _reply(REPLY_TO | FORUM, topic)
    return _reply(REPLY_TO | FORUM | REPLY_TOP, target) + tl.integer(topic)


def date_of_edit(date: int, dice: Dice) -> int:
    return date + dice.between(5, 7200)


def _reply(flags: int, target: int) -> bytes:
    return REPLY + flags.to_bytes(4, "little") + tl.integer(target)
