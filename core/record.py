"""The stored form of a message: plain values, and fields that are empty are absent."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NotRequired, TypedDict, cast

from core.message import Entity, Forward, Media, Message, Reaction, Reply, Sender, Wording


class EntityRecord(TypedDict):
    """An `Entity`."""

    kind: str
    offset: int
    length: int
    value: NotRequired[str]


class WordingRecord(TypedDict):
    """A `Wording`."""

    kind: str
    text: str


class SenderRecord(TypedDict):
    """A `Sender`."""

    id: int
    name: NotRequired[str]


class ReplyRecord(TypedDict, total=False):
    """A `Reply`."""

    message: int
    chat: int
    topic: int
    quote: str


class ForwardRecord(TypedDict):
    """A `Forward`."""

    date: datetime
    sender: NotRequired[int]
    name: NotRequired[str]
    message: NotRequired[int]
    author: NotRequired[str]
    saved_chat: NotRequired[int]
    saved_message: NotRequired[int]
    saved_sender: NotRequired[int]
    saved_name: NotRequired[str]
    saved_date: NotRequired[datetime]


class MediaRecord(TypedDict):
    """A `Media`."""

    kind: str
    size: NotRequired[int]
    name: NotRequired[str]
    mime: NotRequired[str]


class ReactionRecord(TypedDict):
    """A `Reaction`."""

    emoji: str
    count: int


class Record(TypedDict):
    """A `Message` on its way into the store. Parts may be shared with other records: never write
    into one."""

    chat: int
    box: str
    id: int
    date: datetime
    text: NotRequired[str]
    entities: NotRequired[Sequence[EntityRecord]]
    links: NotRequired[Sequence[str]]
    texts: NotRequired[Sequence[WordingRecord]]
    sender: NotRequired[SenderRecord]
    edit_date: NotRequired[datetime]
    hidden_edit_date: NotRequired[datetime]
    reply: NotRequired[ReplyRecord]
    forward: NotRequired[ForwardRecord]
    topic: NotRequired[int]
    album: NotRequired[int]
    views: NotRequired[int]
    forwards: NotRequired[int]
    reactions: NotRequired[Sequence[ReactionRecord]]
    media: NotRequired[MediaRecord]
    action: NotRequired[str]
    post_author: NotRequired[str]
    pts: NotRequired[int]


def record_of(message: Message) -> Record:
    """The record of a message."""
    record: Record = {
        "chat": message.chat,
        "box": message.box,
        "id": message.id,
        "date": message.date,
    }
    if message.text:
        record["text"] = message.text
    if message.links:
        record["links"] = list(message.links)
    if message.texts:
        record["texts"] = [cast("WordingRecord", _present(one)) for one in message.texts]
    if message.sender is not None:
        record["sender"] = cast("SenderRecord", _present(message.sender))
    if message.entities:
        record["entities"] = [cast("EntityRecord", _present(one)) for one in message.entities]
    if message.reactions:
        record["reactions"] = [cast("ReactionRecord", _present(one)) for one in message.reactions]
    _add_numbers(record, message)
    _add_rare(record, message)
    return record


def number_edits(records: Iterable[Record], pts: int) -> None:
    """Note of edited messages that a chat's history shows them so at its state `pts`."""
    for record in records:
        if "edit_date" in record or "hidden_edit_date" in record:
            record["pts"] = pts


def _add_numbers(record: Record, message: Message) -> None:
    if message.views is not None:
        record["views"] = message.views
    if message.forwards is not None:
        record["forwards"] = message.forwards
    if message.topic is not None:
        record["topic"] = message.topic
    if message.album is not None:
        record["album"] = message.album


def _add_rare(record: Record, message: Message) -> None:
    if message.reply is not None:
        record["reply"] = cast("ReplyRecord", _present(message.reply))
    if message.media is not None:
        record["media"] = cast("MediaRecord", _present(message.media))
    if message.edit_date is not None:
        record["edit_date"] = message.edit_date
    if message.hidden_edit_date is not None:
        record["hidden_edit_date"] = message.hidden_edit_date
    if message.forward is not None:
        record["forward"] = cast("ForwardRecord", _present(message.forward))
    if message.action:
        record["action"] = message.action
    if message.post_author:
        record["post_author"] = message.post_author


def _present(
    value: Entity | Forward | Media | Reaction | Reply | Sender | Wording,
) -> dict[str, object]:
    return {name: field for name in value.__slots__ if (field := getattr(value, name)) is not None}
