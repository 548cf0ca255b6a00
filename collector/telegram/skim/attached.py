"""What is kept of what comes with a message: its entities, its media, the names of people."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from telethon.tl import types

from collector.telegram.media import NO_MEDIA, PLAIN_KINDS
from collector.telegram.skim.body import NOTHING, Keep
from collector.telegram.skim.kept import Kept, written
from collector.telegram.text import ENTITY_KINDS
from core.record import EntityRecord, MediaRecord

_ENTITY_VALUES: Mapping[Any, tuple[Keep, str | None]] = {
    types.MessageEntityTextUrl: ({"url": ""}, "url"),
    types.MessageEntityMentionName: ({"user_id": ""}, "str(user_id)"),
    types.MessageEntityCustomEmoji: ({"document_id": ""}, "str(document_id)"),
    types.MessageEntityFormattedDate: ({"date": ""}, "date.isoformat()"),
}


def _entity(cls: Any, kind: str) -> Kept:
    keep, value = _ENTITY_VALUES.get(cls, (NOTHING, None))
    name, not_empty = repr(kind), dict[str, str]()
    if cls is types.MessageEntityBlockquote:
        keep, name = {"collapsed": ""}, "'expandable_blockquote' if collapsed else 'blockquote'"
    elif cls is types.MessageEntityPre:
        keep, not_empty = {"language": ""}, {"value": "language"}
    elif cls is types.MessageEntityDiffReplace:
        keep, not_empty = {"old_text": ""}, {"value": "old_text"}
    made = partial(written, EntityRecord, kind=name, offset="offset", length="length")
    return Kept(
        cls=cls,
        table="TEXTS",
        keep={"offset": "", "length": "", **keep},
        make=made(not_empty=not_empty) if value is None else made(value=value),
    )


TEXTS = tuple(_entity(cls, kind) for cls, kind in ENTITY_KINDS.items())


def _attribute(cls: Any, keep: Keep, value: str) -> Kept:
    return Kept(cls=cls, table="ATTRIBUTES", keep=keep, make=(f"value = {value}",))


FILES = (
    Kept(
        cls=types.MessageMediaDocument,
        table="MEDIA",
        keep={"video": "", "round": "", "voice": "", "document": "DOCUMENTS"},
        make=(
            "value = document",
            "if document is None:",
            "    kind = 'video' if video else 'document'",
            "    kind = 'video_note' if round else 'voice' if voice else kind",
            *(f"    {line}" for line in written(MediaRecord, kind="kind")),
        ),
    ),
    Kept(
        cls=types.Document,
        table="DOCUMENTS",
        keep={"mime_type": "", "size": "", "attributes": "ATTRIBUTES"},
        make=(
            "best, kind, name = 0, 'document', None",
            "for rank, found in attributes:",
            "    if rank < 0:",
            "        name = found",
            "    elif rank > best:",
            "        best, kind = rank, found",
            *written(
                MediaRecord,
                kind="kind",
                size="size",
                not_empty={"name": "name", "mime": "mime_type"},
            ),
        ),
    ),
    Kept(cls=types.DocumentEmpty, table="DOCUMENTS"),
    _attribute(types.DocumentAttributeFilename, {"file_name": ""}, "-1, file_name"),
    _attribute(types.DocumentAttributeImageSize, NOTHING, "0, None"),
    _attribute(types.DocumentAttributeHasStickers, NOTHING, "0, None"),
    _attribute(types.DocumentAttributeAudio, {"voice": ""}, "1, 'voice' if voice else 'audio'"),
    _attribute(
        types.DocumentAttributeVideo,
        {"round_message": ""},
        "2, 'video_note' if round_message else 'video'",
    ),
    _attribute(types.DocumentAttributeAnimated, NOTHING, "3, 'animation'"),
    _attribute(types.DocumentAttributeSticker, NOTHING, "4, 'sticker'"),
    _attribute(types.DocumentAttributeCustomEmoji, NOTHING, "4, 'custom_emoji'"),
)


def _size(cls: Any, keep: Keep, value: str) -> Kept:
    return Kept(cls=cls, table="PHOTO_SIZES", keep=keep, make=(f"value = {value}",))


PHOTOS = (
    Kept(
        cls=types.MessageMediaPhoto,
        table="MEDIA",
        keep={"photo": "PHOTOS"},
        make=written(MediaRecord, kind="'photo'", not_empty={"size": "photo"}),
    ),
    Kept(
        cls=types.Photo,
        table="PHOTOS",
        keep={"sizes": "PHOTO_SIZES"},
        make=("value = max(sizes, default=0)",),
    ),
    Kept(cls=types.PhotoEmpty, table="PHOTOS"),
    _size(types.PhotoSize, {"size": ""}, "size"),
    _size(types.PhotoSizeProgressive, {"sizes": "ints"}, "max(sizes, default=0)"),
    _size(types.PhotoCachedSize, {"bytes": "length"}, "bytes"),
    _size(types.PhotoStrippedSize, {"bytes": "length"}, "bytes"),
    _size(types.PhotoPathSize, {"bytes": "length"}, "bytes"),
    _size(types.PhotoSizeEmpty, NOTHING, "0"),
)

OTHER_MEDIA = (
    *(Kept(cls=cls, table="MEDIA", make=(f"value = PLAIN[{kind!r}]",))
      for cls, kind in PLAIN_KINDS.items()),
    *(Kept(cls=cls, table="MEDIA") for cls in NO_MEDIA),
)  # fmt: skip

_MARKED_CHANNEL, _MARKED_GROUP = "-1000000000000 - id", "-id"


def _named(cls: Any, marked: str, *, titled: bool) -> Kept:
    keep = {"id": "", "title": ""} if titled else {"id": ""}
    value = f"value = {marked}, {'title or None' if titled else 'None'}"
    return Kept(cls=cls, table="CHATS", keep=keep, make=(value,))


NAMES = (
    Kept(
        cls=types.User,
        table="USERS",
        keep={"id": "", "first_name": "", "last_name": ""},
        make=(
            "name = first_name or last_name or None",
            "if first_name and last_name:",
            "    name = f'{first_name} {last_name}'",
            "value = id, name",
        ),
    ),
    Kept(cls=types.UserEmpty, table="USERS", keep={"id": ""}, make=("value = id, None",)),
    _named(types.Channel, _MARKED_CHANNEL, titled=True),
    _named(types.ChannelForbidden, _MARKED_CHANNEL, titled=True),
    _named(types.Chat, _MARKED_GROUP, titled=True),
    _named(types.ChatForbidden, _MARKED_GROUP, titled=True),
    _named(types.Community, _MARKED_GROUP, titled=True),
    _named(types.CommunityForbidden, _MARKED_GROUP, titled=True),
    _named(types.ChatEmpty, _MARKED_GROUP, titled=False),
)

ATTACHED = (*TEXTS, *FILES, *PHOTOS, *OTHER_MEDIA, *NAMES)
