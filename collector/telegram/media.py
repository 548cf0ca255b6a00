"""Attached media: what it is and how big, without any of it."""

from collections.abc import Callable
from typing import Any

from telethon.tl import types

from collector.telegram.quick import quick
from core.message import Media

new_media = quick(Media)

PLAIN_KINDS: dict[type, str] = {
    types.MessageMediaContact: "contact",
    types.MessageMediaDice: "dice",
    types.MessageMediaGame: "game",
    types.MessageMediaGeo: "location",
    types.MessageMediaGeoLive: "live_location",
    types.MessageMediaGiveaway: "giveaway",
    types.MessageMediaGiveawayResults: "giveaway_results",
    types.MessageMediaInvoice: "invoice",
    types.MessageMediaPaidMedia: "paid_media",
    types.MessageMediaPoll: "poll",
    types.MessageMediaStory: "story",
    types.MessageMediaToDo: "checklist",
    types.MessageMediaUnsupported: "unsupported",
    types.MessageMediaVenue: "venue",
    types.MessageMediaVideoStream: "video_stream",
}
NO_MEDIA = (types.MessageMediaEmpty, types.MessageMediaWebPage)
"""Nothing, and the preview of a link, which is no attachment."""


def media_of(media: Any) -> Media | None:
    """The attachment of a message; of a file that expired only its kind is left."""
    return _READERS.get(type(media), _unknown)(media)


def _photo(media: Any) -> Media:
    sizes = getattr(media.photo, "sizes", None) or ()
    return new_media(kind="photo", size=max(map(_bytes, sizes), default=0) or None)


def _bytes(size: Any) -> int:
    if isinstance(size, types.PhotoSizeProgressive):
        return max(size.sizes, default=0)
    return getattr(size, "size", None) or len(getattr(size, "bytes", None) or b"")


def _document(media: Any) -> Media:
    document = media.document
    if not isinstance(document, types.Document):
        return Media(kind=_expired_kind(media))
    kind, name = "document", None
    for attribute in document.attributes:
        cls = type(attribute)
        if cls is types.DocumentAttributeFilename:
            name = attribute.file_name
        elif cls in _RANKS and _RANKS[cls] > _RANK_OF.get(kind, 0):
            kind = _kind_by(attribute)
    return new_media(
        kind=kind, size=document.size, name=name or None, mime=document.mime_type or None
    )


def _expired_kind(media: Any) -> str:
    if media.round:
        return "video_note"
    if media.voice:
        return "voice"
    return "video" if media.video else "document"


def _kind_by(attribute: Any) -> str:
    match attribute:
        case types.DocumentAttributeSticker():
            return "sticker"
        case types.DocumentAttributeCustomEmoji():
            return "custom_emoji"
        case types.DocumentAttributeAnimated():
            return "animation"
        case types.DocumentAttributeAudio():
            return "voice" if attribute.voice else "audio"
    return "video_note" if attribute.round_message else "video"


_RANKS: dict[type, int] = {
    types.DocumentAttributeAudio: 1,
    types.DocumentAttributeVideo: 2,
    types.DocumentAttributeAnimated: 3,
    types.DocumentAttributeSticker: 4,
    types.DocumentAttributeCustomEmoji: 4,
}
"""Which attribute names the kind where there are several: an animation is a video, too."""

_RANK_OF = {
    "audio": 1,
    "voice": 1,
    "video": 2,
    "video_note": 2,
    "animation": 3,
    "sticker": 4,
    "custom_emoji": 4,
}


def _plain(kind: str) -> Callable[[Any], Media]:
    plain = Media(kind=kind)
    return lambda media: plain  # noqa: ARG005


def _nothing(media: Any) -> None:  # noqa: ARG001
    return None


def _unknown(media: Any) -> Media:  # noqa: ARG001
    return Media(kind="unsupported")


_READERS: dict[type, Callable[[Any], Media | None]] = {
    types.MessageMediaPhoto: _photo,
    types.MessageMediaDocument: _document,
    **{cls: _plain(kind) for cls, kind in PLAIN_KINDS.items()},
    **dict.fromkeys(NO_MEDIA, _nothing),
}
