"""The text of a message: its entities in the Bot API's words, and its links."""

from collections.abc import Callable, Iterable
from typing import Any

from telethon.tl import types

from collector.telegram.dates import moment
from collector.telegram.quick import quick
from core.message import Entity
from core.record import EntityRecord

new_entity = quick(Entity)

ENTITY_KINDS: dict[type, str] = {
    types.MessageEntityBankCard: "bank_card",
    types.MessageEntityBlockquote: "blockquote",
    types.MessageEntityBold: "bold",
    types.MessageEntityBotCommand: "bot_command",
    types.MessageEntityCashtag: "cashtag",
    types.MessageEntityCode: "code",
    types.MessageEntityCustomEmoji: "custom_emoji",
    types.MessageEntityDiffDelete: "diff_delete",
    types.MessageEntityDiffInsert: "diff_insert",
    types.MessageEntityDiffReplace: "diff_replace",
    types.MessageEntityEmail: "email",
    types.MessageEntityFormattedDate: "date_time",
    types.MessageEntityHashtag: "hashtag",
    types.MessageEntityItalic: "italic",
    types.MessageEntityMention: "mention",
    types.MessageEntityMentionName: "text_mention",
    types.InputMessageEntityMentionName: "text_mention",
    types.MessageEntityPhone: "phone_number",
    types.MessageEntityPre: "pre",
    types.MessageEntitySpoiler: "spoiler",
    types.MessageEntityStrike: "strikethrough",
    types.MessageEntityTextUrl: "text_link",
    types.MessageEntityUnderline: "underline",
    types.MessageEntityUnknown: "unknown",
    types.MessageEntityUrl: "url",
}


def entities_of(found: Iterable[Any]) -> tuple[Entity, ...]:
    """Entities as they came; offsets and lengths count UTF-16 units."""
    return tuple([_entity(entity) for entity in found])


def links_of(text: str, entities: Iterable[Entity]) -> tuple[str, ...]:
    """Every link of a text once, in its order, written as its author wrote it."""
    links: dict[str, None] = {}
    for entity in entities:
        if entity.kind == "text_link" and entity.value:
            links[entity.value] = None
        elif entity.kind == "url":
            links[cut(text, entity.offset, entity.length)] = None
    links.pop("", None)
    return tuple(links)


def links_of_records(text: str, entities: Iterable[EntityRecord]) -> list[str]:
    """`links_of` of entities that are records."""
    links: dict[str, None] = {}
    for entity in entities:
        kind = entity["kind"]
        if kind == "text_link" and (value := entity.get("value")):
            links[value] = None
        elif kind == "url":
            links[cut(text, entity["offset"], entity["length"])] = None
    links.pop("", None)
    return list(links)


def cut(text: str, offset: int, length: int) -> str:
    """A part of a text by UTF-16 units; what lies outside of the text is not there."""
    start, end = max(0, offset), max(0, offset + length)
    if text.isascii():
        return text[start:end]
    units = text.encode("utf-16-le", "surrogatepass")
    return units[start * 2 : end * 2].decode("utf-16-le", "replace")


def _entity(entity: Any) -> Entity:
    cls = type(entity)
    kind = ENTITY_KINDS.get(cls, "unknown")
    read = _VALUES.get(cls)
    if kind == "blockquote" and entity.collapsed:
        kind = "expandable_blockquote"
    return new_entity(
        kind=kind,
        offset=entity.offset,
        length=entity.length,
        value=None if read is None else read(entity),
    )


_VALUES: dict[type, Callable[[Any], str | None]] = {
    types.MessageEntityTextUrl: lambda entity: entity.url,
    types.MessageEntityDiffReplace: lambda entity: entity.old_text or None,
    types.MessageEntityPre: lambda entity: entity.language or None,
    types.MessageEntityMentionName: lambda entity: str(entity.user_id),
    types.MessageEntityCustomEmoji: lambda entity: str(entity.document_id),
    types.MessageEntityFormattedDate: lambda entity: moment(entity.date).isoformat(),
}
