"""What is kept of which constructor, and what becomes of it.

The same as `mapping`, `media` and `text` do with decoded objects; a test compares the two.
"""

from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from telethon.tl import types
from telethon.tl.types import messages

from collector.telegram.skim.body import Keep
from collector.telegram.skim.layout import LayoutChanged
from core.message import Forward, Message, Reaction, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A reader in `table`: the fields to keep, the lines that make `value` of them."""

    cls: Any
    table: str
    keep: Keep = field(default_factory=dict)
    make: tuple[str, ...] = ("value = None",)


def made(cls: Any, name: str = "value", /, **given: str) -> tuple[str, ...]:
    """Lines that make a frozen `cls` from expressions; what is not given has its default.

    They fill the draft's slots one by one: a call with as many arguments takes three times as long.
    """
    lines = [f"{name} = NEW({cls.__name__}Draft)"]
    entries = fields(cls)
    unknown = given.keys() - {entry.name for entry in entries}
    if unknown:
        raise LayoutChanged(f"{cls.__name__} has no {', '.join(sorted(unknown))}")
    for entry in entries:
        if entry.name not in given and entry.default is MISSING:
            raise LayoutChanged(f"{cls.__name__} needs {entry.name}")
        lines.append(f"{name}.{entry.name} = {given.get(entry.name, repr(entry.default))}")
    return (*lines, f"{name}.__class__ = {cls.__name__}")


_ANSWERED = (
    "if reply_to is None:",
    "    reply = topic = None",
    "else:",
    "    reply, topic = reply_to",
)
_SENT = (
    "sender = page.senders.get(sender_id)",
    "if sender is None and sender_id is not None:",
    "    sender = page.sender(sender_id)",
)
_PLACE = {"chat": "page.chat", "box": "page.box", "id": "id", "date": "date", "sender": "sender"}
_ATTACHED = {"reply": "reply", "topic": "topic", "reactions": "reactions or ()"}

_LISTS = {"messages": "messages", "chats": "chats", "users": "users"}

PAGES = (
    Kept(
        cls=messages.Messages,
        table="PAGES",
        keep=_LISTS,
        make=("page.total = len(page.found) + len(page.empty)",),
    ),
    *(
        Kept(cls=cls, table="PAGES", keep={"count": "", **_LISTS}, make=("page.total = count",))
        for cls in (messages.MessagesSlice, messages.ChannelMessages)
    ),
)

MESSAGES = (
    Kept(
        cls=types.Message,
        table="MESSAGES",
        keep={
            "out": "",
            "id": "",
            "from_id": "peer",
            "peer_id": "peer unless from_id",
            "fwd_from": "FORWARDS",
            "reply_to": "REPLIES",
            "date": "",
            "message": "",
            "media": "MEDIA",
            "entities": "entities",
            "views": "",
            "forwards": "",
            "edit_date": "",
            "post_author": "",
            "grouped_id": "",
            "reactions": "REACTIONS",
        },
        make=(
            "if from_id is not None:",
            "    sender_id = from_id",
            "else:",
            "    sender_id = None if out and peer_id_kind == USER else peer_id",
            *_SENT,
            *_ANSWERED,
            "if fwd_from is not None and fwd_from.name is None and fwd_from.sender is not None:",
            "    page.nameless.append(fwd_from)",
            "if entities is None:",
            "    entities, links = (), ()",
            "else:",
            "    links = LINKS(message, entities) if linked else ()",
            *made(
                Message,
                **_PLACE,
                **_ATTACHED,
                text="message",
                entities="entities",
                links="links",
                edit_date="edit_date",
                forward="fwd_from",
                album="grouped_id",
                views="views",
                forwards="forwards",
                media="media",
                post_author="post_author",
            ),
            "page.found.append(value)",
        ),
    ),
    Kept(
        cls=types.MessageService,
        table="MESSAGES",
        keep={
            "out": "",
            "id": "",
            "from_id": "peer",
            "peer_id": "peer unless from_id",
            "reply_to": "REPLIES",
            "date": "",
            "action": "action",
            "reactions": "REACTIONS",
        },
        make=(
            "if from_id is not None:",
            "    sender_id = from_id",
            "else:",
            "    sender_id = None if out and peer_id_kind == USER else peer_id",
            *_SENT,
            *_ANSWERED,
            "if action == 'topic_create':",
            "    topic = id",
            *made(Message, **_PLACE, **_ATTACHED, action="action"),
            "page.found.append(value)",
        ),
    ),
    Kept(
        cls=types.MessageEmpty,
        table="MESSAGES",
        keep={"id": ""},
        make=("page.empty.append(id)",),
    ),
)

HEADERS = (
    Kept(
        cls=types.MessageReplyHeader,
        table="REPLIES",
        keep={
            "forum_topic": "",
            "quote": "",
            "reply_to_msg_id": "",
            "reply_to_peer_id": "peer",
            "reply_to_top_id": "",
            "quote_text": "",
        },
        make=(
            "topic = (reply_to_top_id or reply_to_msg_id) if forum_topic else None",
            "if forum_topic and reply_to_top_id is None and not quote:",
            "    return (None, topic), pos",
            *made(
                Reply,
                "reply",
                message="reply_to_msg_id",
                chat="reply_to_peer_id",
                topic="reply_to_top_id",
                quote="quote_text or None",
            ),
            "value = reply, topic",
        ),
    ),
    Kept(cls=types.MessageReplyStoryHeader, table="REPLIES", make=("value = None, None",)),
    Kept(
        cls=types.MessageFwdHeader,
        table="FORWARDS",
        keep={
            "from_id": "peer",
            "from_name": "",
            "date": "",
            "channel_post": "",
            "post_author": "",
        },
        make=made(
            Forward,
            date="date",
            sender="from_id",
            name="from_name or None",
            message="channel_post",
            author="post_author",
        ),
    ),
    Kept(
        cls=types.MessageReactions,
        table="REACTIONS",
        keep={"results": "counts"},
        make=("value = results",),
    ),
    Kept(
        cls=types.ReactionCount,
        table="COUNTS",
        keep={"reaction": "EMOJIS", "count": ""},
        make=made(Reaction, emoji="reaction", count="count"),
    ),
    Kept(
        cls=types.ReactionEmoji,
        table="EMOJIS",
        keep={"emoticon": ""},
        make=("value = emoticon",),
    ),
    Kept(cls=types.ReactionPaid, table="EMOJIS", make=("value = 'paid'",)),
    Kept(
        cls=types.ReactionCustomEmoji,
        table="EMOJIS",
        keep={"document_id": ""},
        make=("value = f'custom:{document_id}'",),
    ),
)
