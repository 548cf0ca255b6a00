"""A forum's topics, as pages of its history describe them."""

from collections.abc import Iterable
from datetime import UTC, datetime

from telethon.tl import types

from sandbox import tl
from sandbox.chat import Chat, Written
from sandbox.content import service

_COLOR = 0x6FB9F0


def founder(chat: Chat) -> int:
    """The user who made the topics."""
    return next(iter(chat.senders))


def of_page(chat: Chat, found: Iterable[Written], *, inside: bool) -> bytes:
    """A vector of `forumTopic`: each that the messages are in, once. `inside`: to a member."""
    ids = dict.fromkeys(chat.topic_id_of(tl.message_id(one.raw)) for one in found)
    return tl.vector([bytes(described(chat, topic_id, inside=inside)) for topic_id in ids])


def described(chat: Chat, topic_id: int, *, inside: bool) -> types.ForumTopic:
    newest = chat.newest_of_topics[topic_id]
    return types.ForumTopic(
        id=topic_id,
        date=datetime.fromtimestamp(chat.date(topic_id), UTC),
        peer=types.PeerChannel(chat.id),
        title=title(chat, topic_id),
        icon_color=_COLOR,
        top_message=newest,
        read_inbox_max_id=newest if inside else 0,
        read_outbox_max_id=0,
        unread_count=0,
        unread_mentions_count=0,
        unread_reactions_count=0,
        unread_poll_votes_count=0,
        from_id=types.PeerUser(founder(chat)),
        notify_settings=types.PeerNotifySettings(),
    )


def title(chat: Chat, topic_id: int) -> str:
    return "General" if topic_id == 1 else service.TOPICS[chat.language][topic_id - 2]
