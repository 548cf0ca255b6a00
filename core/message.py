"""What is kept of a message."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeletionPolicy(StrEnum):
    """What becomes of a message that was deleted in Telegram.

    MIRROR  its body goes here too; only that it was deleted is remembered
    KEEP    it is marked as deleted, and keeps its body
    """

    MIRROR = "mirror"
    KEEP = "keep"


def strictest(wanted: Collection[DeletionPolicy]) -> DeletionPolicy:
    """What counts of several wishes for one chat: a body is kept only where all want that."""
    keep = bool(wanted) and all(one is DeletionPolicy.KEEP for one in wanted)
    return DeletionPolicy.KEEP if keep else DeletionPolicy.MIRROR


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A formatted part of the text. `offset` and `length` count UTF-16 units, as Telegram does.

    `kind` is Bot API's word (`bold`, `text_link`, ...); `value` the url, language or user id.
    """

    kind: str
    offset: int
    length: int
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A text that a message carries beside its own: `poll_question`, `button`, `preview_title`."""

    kind: str
    text: str


AROUND = ("button", "preview_", "reply_hint", "fact_check", "poll_solution")
"""How the kinds begin of what changes around a message without an edit of its author's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who a message shows as its sender: a marked peer id and the display name, no more."""

    id: int
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a message answers. `chat` only where it lies in another chat."""

    message: int | None = None
    chat: int | None = None
    topic: int | None = None
    quote: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """Where a forwarded message came from; all that Telegram shows of it.

    `saved_...`: the message that was forwarded last, where that is not its origin. It ties a post
    in a discussion group to the channel's: comments answer the one, and belong to the other.
    """

    date: datetime
    sender: int | None = None
    name: str | None = None
    message: int | None = None
    author: str | None = None
    saved_chat: int | None = None
    saved_message: int | None = None
    saved_sender: int | None = None
    saved_name: str | None = None
    saved_date: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """Attached media. `kind` is `photo`, `video`, `document`, `poll`, ...; `size` in bytes.

    Only read: `file`, the name of the stored file, or `skipped`, why none is kept.
    """

    kind: str
    size: int | None = None
    name: str | None = None
    mime: str | None = None
    file: str | None = None
    skipped: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """A reaction (an emoji, or `custom:ID`, or `paid`) and how often it was given."""

    emoji: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of a chat, as the sink stores it. Unique by (chat, box, id).

    `hidden_edit_date`: changed then, but not by its author: reactions, buttons, a preview. Telegram
    does not show it as edited. `deleted_at` is only read: a deletion is stored by its own verb,
    never with the message.
    """

    chat: int
    box: str
    id: int
    date: datetime
    text: str = ""
    entities: tuple[Entity, ...] = ()
    links: tuple[str, ...] = ()
    texts: tuple[Wording, ...] = ()
    sender: Sender | None = None
    edit_date: datetime | None = None
    hidden_edit_date: datetime | None = None
    reply: Reply | None = None
    forward: Forward | None = None
    topic: int | None = None
    album: int | None = None
    views: int | None = None
    forwards: int | None = None
    reactions: tuple[Reaction, ...] = ()
    media: Media | None = None
    action: str | None = None
    post_author: str | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A message as an edit left it. `pts`, where Telegram told it, orders the edits of a second."""

    message: Message
    pts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a message said before an edit. `edit_date` is None for its first text."""

    edit_date: datetime | None
    text: str = ""
    entities: tuple[Entity, ...] = ()
    media: Media | None = None
    texts: tuple[Wording, ...] = ()
