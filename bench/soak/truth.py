"""What must be stored of a message of the world, told apart from the product's own mapping."""

import re
from typing import Any

from core.message import Message

BOT_API_WORDS = {
    "MessageEntityBold": "bold",
    "MessageEntityItalic": "italic",
    "MessageEntityCode": "code",
    "MessageEntityUrl": "url",
    "MessageEntityTextUrl": "text_link",
    "MessageEntityMention": "mention",
    "MessageEntityHashtag": "hashtag",
    "MessageEntityCashtag": "cashtag",
    "MessageEntityBotCommand": "bot_command",
    "MessageEntityEmail": "email",
    "MessageEntityPhone": "phone_number",
    "MessageEntityPre": "pre",
    "MessageEntitySpoiler": "spoiler",
    "MessageEntityStrike": "strikethrough",
    "MessageEntityUnderline": "underline",
    "MessageEntityBlockquote": "blockquote",
    "MessageEntityCustomEmoji": "custom_emoji",
    "MessageEntityMentionName": "text_mention",
}


def marked(channel: int) -> int:
    return -1_000_000_000_000 - channel


def peer_id(peer: dict[str, Any] | None) -> int | None:
    if peer is None:
        return None
    return peer["user_id"] if peer["_"] == "PeerUser" else marked(peer["channel_id"])


def plain(message: Message) -> dict[str, Any]:
    """A message as nested plain values."""

    def value_of(value: Any) -> Any:
        if isinstance(value, tuple):
            return [value_of(part) for part in value]
        if hasattr(value, "__slots__") and type(value).__module__ == "core.message":
            return {name: value_of(getattr(value, name)) for name in value.__slots__}
        return value

    fields = {name: value_of(getattr(message, name)) for name in message.__slots__}
    assert fields.pop("box") == ""
    assert fields.pop("deleted_at") is None
    if (attached := fields["media"]) is not None:
        assert attached.pop("file") is None
        assert attached.pop("skipped") is None
    return fields


def truth(message: dict[str, Any], names: dict[int, str]) -> dict[str, Any]:
    """What the crew should store of a message, spelled out from the server's own object."""
    sender = peer_id(message.get("from_id")) or peer_id(message["peer_id"])
    forum = (message.get("reply_to") or {}).get("forum_topic")
    action = message.get("action")
    edited, hidden = message.get("edit_date"), message.get("edit_hide")
    return {
        "chat": peer_id(message["peer_id"]),
        "id": message["id"],
        "date": message["date"],
        "text": message.get("message") or "",
        "entities": [entity(one) for one in message.get("entities") or []],
        "links": links(message),
        "texts": texts(message),
        "sender": {"id": sender, "name": names.get(sender)},
        "edit_date": None if hidden else edited,
        "hidden_edit_date": edited if hidden else None,
        "reply": reply(message.get("reply_to")),
        "forward": forward(message.get("fwd_from"), names),
        "topic": topic(message) if forum else (message["id"] if created_topic(action) else None),
        "album": message.get("grouped_id"),
        "views": message.get("views"),
        "forwards": message.get("forwards"),
        "reactions": reactions(message.get("reactions")),
        "media": media(message.get("media")),
        "action": action and snake(action["_"].removeprefix("MessageAction")),
        "post_author": message.get("post_author"),
    }


def created_topic(action: dict[str, Any] | None) -> bool:
    return action is not None and action["_"] == "MessageActionTopicCreate"


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def entity(one: dict[str, Any]) -> dict[str, Any]:
    value = one.get("url") or one.get("language") or one.get("user_id") or one.get("document_id")
    kind = BOT_API_WORDS[one["_"]]
    if kind == "blockquote" and one.get("collapsed"):
        kind = "expandable_blockquote"
    return {
        "kind": kind,
        "offset": one["offset"],
        "length": one["length"],
        "value": None if value in (None, "") else str(value),
    }


def links(message: dict[str, Any]) -> list[str]:
    units = (message.get("message") or "").encode("utf-16-le")
    found = []
    for one in message.get("entities") or []:
        if one["_"] == "MessageEntityTextUrl":
            found.append(one["url"])
        elif one["_"] == "MessageEntityUrl":
            start, end = one["offset"] * 2, (one["offset"] + one["length"]) * 2
            found.append(units[start:end].decode("utf-16-le"))
    page = (message.get("media") or {}).get("webpage")
    if page is not None and page["url"] not in found:
        found.append(page["url"])
    return list(dict.fromkeys(found))


def texts(message: dict[str, Any]) -> list[dict[str, str]]:
    """What media and service messages of the world say."""
    attached, action = message.get("media") or {}, message.get("action") or {}
    found: list[tuple[str, str | None]] = [("title", action.get("title"))]
    if (poll := attached.get("poll")) is not None:
        found.append(("poll_question", poll["question"]["text"]))
        found += [("poll_answer", answer["text"]["text"]) for answer in poll["answers"]]
    if (page := attached.get("webpage")) is not None:
        named = {"site_name": "site", "title": "title", "description": "description"}
        found += [(f"preview_{kind}", page[name]) for name, kind in named.items()]
    for one in (attached.get("document") or {}).get("attributes", []):
        if one["_"] == "DocumentAttributeSticker":
            found.append(("sticker", one["alt"]))
        if one["_"] == "DocumentAttributeAudio":
            found += [("audio_title", one["title"]), ("audio_performer", one["performer"])]
    return [{"kind": kind, "text": text} for kind, text in found if text]


def topic(message: dict[str, Any]) -> int | None:
    header = message["reply_to"]
    return header["reply_to_top_id"] or header["reply_to_msg_id"]


def reply(header: dict[str, Any] | None) -> dict[str, Any] | None:
    if header is None:
        return None
    if header["forum_topic"] and not header["reply_to_top_id"] and not header["quote"]:
        return None
    return {
        "message": header["reply_to_msg_id"],
        "chat": peer_id(header["reply_to_peer_id"]),
        "topic": header["reply_to_top_id"],
        "quote": header["quote_text"],
    }


def forward(header: dict[str, Any] | None, names: dict[int, str]) -> dict[str, Any] | None:
    if header is None:
        return None
    sender = peer_id(header["from_id"])
    return {
        "date": header["date"],
        "sender": sender,
        "name": header["from_name"] or names.get(sender or 0),
        "message": header["channel_post"],
        "author": header["post_author"],
        "saved_chat": peer_id(header["saved_from_peer"]),
        "saved_message": header["saved_from_msg_id"],
        "saved_sender": peer_id(header["saved_from_id"]),
        "saved_name": header["saved_from_name"],
        "saved_date": header["saved_date"],
    }


def reactions(given: dict[str, Any] | None) -> list[dict[str, Any]]:
    found = []
    for one in (given or {}).get("results", []):
        kind = one["reaction"]["_"]
        emoji = one["reaction"].get("emoticon") or f"custom:{one['reaction'].get('document_id')}"
        found.append({"emoji": "paid" if kind == "ReactionPaid" else emoji, "count": one["count"]})
    return found


def media(attached: dict[str, Any] | None) -> dict[str, Any] | None:
    if attached is None or attached["_"] == "MessageMediaWebPage":
        return None
    if attached["_"] == "MessageMediaPhoto":
        sizes = [
            max(size.get("sizes") or [size.get("size") or 0]) for size in attached["photo"]["sizes"]
        ]
        return {"kind": "photo", "size": max(sizes), "name": None, "mime": None}
    if attached["_"] != "MessageMediaDocument":
        kind = {
            "MessageMediaPoll": "poll",
            "MessageMediaGeo": "location",
            "MessageMediaDice": "dice",
            "MessageMediaContact": "contact",
            "MessageMediaVenue": "venue",
        }[attached["_"]]
        return {"kind": kind, "size": None, "name": None, "mime": None}
    document = attached["document"]
    attributes = {one["_"].removeprefix("DocumentAttribute"): one for one in document["attributes"]}
    return {
        "kind": document_kind(attributes),
        "size": document["size"],
        "name": attributes.get("Filename", {}).get("file_name"),
        "mime": document["mime_type"],
    }


def document_kind(attributes: dict[str, Any]) -> str:
    if "Sticker" in attributes:
        return "sticker"
    if "Animated" in attributes:
        return "animation"
    if "Video" in attributes:
        return "video_note" if attributes["Video"]["round_message"] else "video"
    if "Audio" in attributes:
        return "voice" if attributes["Audio"]["voice"] else "audio"
    return "document"
