"""Service messages: how a chat began, who joined, what was pinned."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from telethon.tl import types

from sandbox.dice import Dice

if TYPE_CHECKING:
    from sandbox.chat import Chat

TOPICS = {
    "en": ("Announcements", "Questions", "Showcase", "Jobs", "Off-topic"),
    "zh": ("公告", "提问", "作品展示", "招聘", "闲聊"),
}


def begun(chat: "Chat", date: int) -> bytes:
    """The first message: of a new chat, or of one that was a basic group."""
    action = types.MessageActionChannelCreate(title=chat.title)
    if chat.migrated_from is not None:
        action = types.MessageActionChannelMigrateFrom(title=chat.title, chat_id=chat.migrated_from)
    return _service(1, chat.id, date, None, action)


def topic_created(message_id: int, channel: int, date: int, *, title: str, by: int) -> bytes:
    action = types.MessageActionTopicCreate(title=title, icon_color=0x6FB9F0)
    return _service(message_id, channel, date, by, action)


def happened(
    message_id: int,
    channel: int,
    date: int,
    *,
    dice: Dice,
    by: int,
    other: int,
    before: int,
    title: str,
) -> bytes:
    """Something that people do in groups. `before` is the id of an earlier message."""
    kind = dice.below(10)
    if kind < 5:
        action = types.MessageActionChatAddUser(users=[by])
    elif kind < 7:
        action = types.MessageActionChatJoinedByLink(inviter_id=other)
    elif kind < 9:
        pinned = types.MessageReplyHeader(reply_to_msg_id=before)
        return _service(
            message_id, channel, date, by, types.MessageActionPinMessage(), reply_to=pinned
        )
    else:
        action = types.MessageActionChatEditTitle(title=title)
    return _service(message_id, channel, date, by, action)


def posted(
    message_id: int, channel: int, date: int, *, dice: Dice, before: int, title: str
) -> bytes:
    """The same in a broadcast channel, where nobody is named."""
    if dice.chance(0.7):
        pinned = types.MessageReplyHeader(reply_to_msg_id=before)
        return _service(
            message_id,
            channel,
            date,
            None,
            types.MessageActionPinMessage(),
            reply_to=pinned,
            post=True,
        )
    action = types.MessageActionChatEditTitle(title=title)
    return _service(message_id, channel, date, None, action, post=True)


def _service(
    message_id: int,
    channel: int,
    date: int,
    by: int | None,
    action: types.TypeMessageAction,
    *,
    reply_to: types.MessageReplyHeader | None = None,
    post: bool | None = None,
) -> bytes:
    message = types.MessageService(
        id=message_id,
        peer_id=types.PeerChannel(channel),
        from_id=None if by is None else types.PeerUser(by),
        date=datetime.fromtimestamp(date, UTC),
        action=action,
        reply_to=reply_to,
        post=post,
    )
    return bytes(message)
