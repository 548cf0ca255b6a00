"""The product's stored fields, written by hand from the messages of `iter_messages`."""

from typing import Any

from telethon import utils
from telethon.tl import types

from collector.telegram.mapping import ACTION_NAMES
from collector.telegram.media import media_of
from collector.telegram.text import ENTITY_KINDS

PRESENT = ("edit_date", "views", "forwards", "post_author")
VALUES = {
    types.MessageEntityTextUrl: "url",
    types.MessageEntityPre: "language",
    types.MessageEntityMentionName: "user_id",
    types.MessageEntityCustomEmoji: "document_id",
}


def document(message: Any) -> dict[str, Any]:
    """What is stored of a message: equal to the product's document, `_id` aside."""
    stored: dict[str, Any] = {
        "chat": message.chat_id,
        "box": "",
        "id": message.id,
        "date": message.date,
    }
    sender = message.sender_id or message.chat_id
    name = utils.get_display_name(message.sender or message.chat)
    stored["sender"] = {"id": sender, "name": name} if name else {"id": sender}
    if message.action is not None:
        stored["action"] = ACTION_NAMES[type(message.action)]
    if message.message:
        stored["text"] = message.message
    for field in PRESENT:
        value = getattr(message, field)
        if value is not None:
            stored[field] = value
    if message.grouped_id is not None:
        stored["album"] = message.grouped_id
    if message.reply_to is not None:
        add_reply(stored, message.reply_to)
    if message.fwd_from is not None:
        stored["forward"] = forward(message)
    if message.entities:
        add_entities(stored, message)
    add_rest(stored, message)
    return stored


def add_rest(stored: dict[str, Any], message: Any) -> None:
    """Reactions, and what is attached without any of it."""
    if message.reactions is not None and message.reactions.results:
        stored["reactions"] = [reaction(one) for one in message.reactions.results]
    found = None if message.media is None else media_of(message.media)
    if found is not None:
        fields = {"kind": found.kind, "size": found.size, "name": found.name, "mime": found.mime}
        stored["media"] = {name: value for name, value in fields.items() if value is not None}


def add_reply(stored: dict[str, Any], header: Any) -> None:
    """What is answered, and the topic of a forum."""
    if header.forum_topic:
        stored["topic"] = header.reply_to_top_id or header.reply_to_msg_id
        if header.reply_to_top_id is None and not header.quote:
            return
    reply = {"message": header.reply_to_msg_id}
    if header.reply_to_peer_id is not None:
        reply["chat"] = utils.get_peer_id(header.reply_to_peer_id)
    if header.reply_to_top_id is not None:
        reply["topic"] = header.reply_to_top_id
    if header.quote_text:
        reply["quote"] = header.quote_text
    stored["reply"] = reply


def forward(message: Any) -> dict[str, Any]:
    """Where a forwarded message came from."""
    header = message.fwd_from
    known = message.forward.sender or message.forward.chat
    found = {
        "date": header.date,
        "sender": None if header.from_id is None else utils.get_peer_id(header.from_id),
        "name": header.from_name or utils.get_display_name(known) or None,
        "message": header.channel_post,
        "author": header.post_author,
    }
    return {name: value for name, value in found.items() if value is not None}


def add_entities(stored: dict[str, Any], message: Any) -> None:
    """The formatted parts of the text, and its links."""
    text, found, links = message.message, [], []
    units = None if text.isascii() else text.encode("utf-16-le")
    for one in message.entities:
        cls = type(one)
        entity = {"kind": ENTITY_KINDS[cls], "offset": one.offset, "length": one.length}
        if cls in VALUES and (value := getattr(one, VALUES[cls])):
            entity["value"] = str(value)
        found.append(entity)
        if cls is types.MessageEntityTextUrl:
            links.append(one.url)
        elif cls is types.MessageEntityUrl:
            lo, hi = one.offset, one.offset + one.length
            links.append(
                text[lo:hi] if units is None else units[lo * 2 : hi * 2].decode("utf-16-le")
            )
    stored["entities"] = found
    if links:
        stored["links"] = list(dict.fromkeys(links))


def reaction(one: Any) -> dict[str, Any]:
    """An emoji and how often it was given."""
    if isinstance(one.reaction, types.ReactionEmoji):
        return {"emoji": one.reaction.emoticon, "count": one.count}
    paid = isinstance(one.reaction, types.ReactionPaid)
    return {"emoji": "paid" if paid else f"custom:{one.reaction.document_id}", "count": one.count}
