"""What is kept of which constructor, and what becomes of it.

The same as `mapping`, `media` and `text` do with decoded objects; a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from telethon.tl import types
from telethon.tl.types import messages

from collector.telegram.skim.body import NOTHING, Keep
from collector.telegram.skim.layout import LayoutChanged
from core.record import ForwardRecord, ReactionRecord, Record, ReplyRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A reader in `table`: the fields to keep, the lines that make `value` of them. `first`: lines
    before anything is read."""

    cls: Any
    table: str
    first: tuple[str, ...] = ()
    keep: Keep = field(default_factory=dict)
    make: tuple[str, ...] = ("value = None",)


def written(
    cls: Any,
    name: str = "value",
    /,
    *,
    not_none: Mapping[str, str] = MappingProxyType({}),
    not_empty: Mapping[str, str] = MappingProxyType({}),
    **given: str,
) -> tuple[str, ...]:
    """Lines that make a record `cls` from expressions. Fields of `not_none` and `not_empty` come
    from variables, and are absent without a value."""
    unknown = {*given, *not_none, *not_empty} - cls.__annotations__.keys()
    if unknown:
        raise LayoutChanged(f"{cls.__name__} has no {', '.join(sorted(unknown))}")
    missing = cls.__required_keys__ - given.keys()
    if missing:
        raise LayoutChanged(f"{cls.__name__} needs {', '.join(sorted(missing))}")
    lines = [f"{name} = {{{', '.join(f'{key!r}: {value}' for key, value in given.items())}}}"]
    for key, variable in not_none.items():
        lines += [f"if {variable} is not None:", f"    {name}[{key!r}] = {variable}"]
    for key, variable in not_empty.items():
        lines += [f"if {variable}:", f"    {name}[{key!r}] = {variable}"]
    return tuple(lines)


_ANSWERED = (
    "if reply_to is None:",
    "    reply = topic = None",
    "else:",
    "    reply, topic = reply_to",
)
_OF_CHAT = (
    "if peer_id != page.chat:",
    "    page.foreign += 1",
    "    return pos",
)
"""What is not of the chat that was asked for is left out."""

_SENT = (
    "sender = page.senders.get(sender_id)",
    "if sender is None and sender_id is not None:",
    "    sender = page.sender(sender_id)",
)
_PLACE = {"chat": "page.chat", "box": "page.box", "id": "id", "date": "date"}
_COMMON = {"sender": "sender", "reply": "reply", "topic": "topic"}

_NO_TEXTS = ("texts = []",)
_WITH_TEXTS = ("if texts:", "    ADD_TEXTS(value, texts)")

_LISTS = {"messages": "messages", "chats": "chats", "users": "users"}

PAGES = (
    Kept(
        cls=messages.Messages,
        table="PAGES",
        keep=_LISTS,
        make=("page.total = len(page.found) + len(page.empty) + page.foreign",),
    ),
    *(
        Kept(cls=cls, table="PAGES", keep={**more, "count": "", **_LISTS}, make=(told,))
        for cls, more, told in (
            (messages.MessagesSlice, NOTHING, "page.total = count"),
            (messages.ChannelMessages, {"pts": ""}, "page.total, page.pts = count, pts"),
        )
    ),
)

MESSAGES = (
    Kept(
        cls=types.Message,
        table="MESSAGES",
        first=_NO_TEXTS,
        keep={
            "out": "",
            "edit_hide": "",
            "id": "",
            "from_id": "peer",
            "peer_id": "peer",
            "fwd_from": "FORWARDS",
            "reply_to": "REPLIES",
            "date": "",
            "message": "",
            "media": "media",
            "reply_markup": "texts",
            "entities": "entities",
            "views": "",
            "forwards": "",
            "edit_date": "",
            "post_author": "",
            "grouped_id": "",
            "reactions": "REACTIONS",
            "factcheck": "texts",
            "rich_message": "texts",
        },
        make=(
            *_OF_CHAT,
            "if from_id is not None:",
            "    sender_id = from_id",
            "else:",
            "    sender_id = None if out and peer_id_kind == USER else peer_id",
            *_SENT,
            *_ANSWERED,
            "hidden = edit_date if edit_hide else None",
            "edit_date = None if edit_hide else edit_date",
            "if fwd_from is not None and 'name' not in fwd_from and 'sender' in fwd_from:",
            "    page.nameless.append(fwd_from)",
            *written(
                Record,
                **_PLACE,
                not_none={
                    **_COMMON,
                    "edit_date": "edit_date",
                    "hidden_edit_date": "hidden",
                    "forward": "fwd_from",
                    "album": "grouped_id",
                    "views": "views",
                    "forwards": "forwards",
                    "media": "media",
                },
                not_empty={
                    "text": "message",
                    "reactions": "reactions",
                    "post_author": "post_author",
                },
            ),
            "if entities:",
            "    value['entities'] = entities",
            "    if linked and (links := LINKS(message, entities)):",
            "        value['links'] = links",
            *_WITH_TEXTS,
            "page.found.append(value)",
        ),
    ),
    Kept(
        cls=types.MessageService,
        table="MESSAGES",
        first=_NO_TEXTS,
        keep={
            "out": "",
            "id": "",
            "from_id": "peer",
            "peer_id": "peer",
            "reply_to": "REPLIES",
            "date": "",
            "action": "action",
            "reactions": "REACTIONS",
        },
        make=(
            *_OF_CHAT,
            "if from_id is not None:",
            "    sender_id = from_id",
            "else:",
            "    sender_id = None if out and peer_id_kind == USER else peer_id",
            *_SENT,
            *_ANSWERED,
            "if action == 'topic_create':",
            "    topic = id",
            *written(
                Record,
                **_PLACE,
                not_none=_COMMON,
                not_empty={"reactions": "reactions", "action": "action"},
            ),
            *_WITH_TEXTS,
            "page.found.append(value)",
        ),
    ),
    Kept(
        cls=types.MessageEmpty,
        table="MESSAGES",
        keep={"id": "", "peer_id": "peer"},
        make=(
            "if peer_id is None or peer_id == page.chat:",
            "    page.empty.append(id)",
            "else:",
            "    page.foreign += 1",
        ),
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
            *written(
                ReplyRecord,
                "reply",
                not_none={
                    "message": "reply_to_msg_id",
                    "chat": "reply_to_peer_id",
                    "topic": "reply_to_top_id",
                },
                not_empty={"quote": "quote_text"},
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
            "saved_from_peer": "peer",
            "saved_from_msg_id": "",
            "saved_from_id": "peer",
            "saved_from_name": "",
            "saved_date": "",
        },
        make=written(
            ForwardRecord,
            date="date",
            not_none={
                "sender": "from_id",
                "message": "channel_post",
                "author": "post_author",
                "saved_chat": "saved_from_peer",
                "saved_message": "saved_from_msg_id",
                "saved_sender": "saved_from_id",
                "saved_date": "saved_date",
            },
            not_empty={"name": "from_name", "saved_name": "saved_from_name"},
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
        make=written(ReactionRecord, emoji="reaction", count="count"),
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
