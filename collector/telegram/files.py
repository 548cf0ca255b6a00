"""Files of messages: where they are, and their parts."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from telethon.tl import functions, types

from collector.telegram.client import CrewClient
from collector.telegram.errors import map_telethon_errors
from collector.telegram.media import media_of
from collector.telegram.peers import bare
from collector.telegram.verbs import Verbs
from core.chat import ChatKind, Peer
from core.errors import Unexpected
from core.job import Family
from core.media import PART, Attached, FileKind, FilePlace, Skip

MOST_IDS = 100
"""Messages that one call asks for by their ids."""


class FileVerbs(Verbs):
    """Finding and fetching files. Never more parts at once than `fetching` has room for."""

    fetching: asyncio.Semaphore

    @abstractmethod
    def _connected(self) -> CrewClient:
        """The client; raises Retriable while there is none."""

    async def attached(self, peer: Peer, ids: Sequence[int]) -> list[Attached]:
        """What these messages, at most a hundred, have as files, with references that are good
        from now on; those that are gone are told as `gone`."""
        wanted = [types.InputMessageID(number) for number in ids[:MOST_IDS]]
        if peer.kind is ChatKind.GROUP:
            request = functions.messages.GetMessagesRequest(wanted)
        else:
            channel = types.InputChannel(bare(peer.chat), peer.access_hash)
            request = functions.channels.GetMessagesRequest(channel, wanted)
        answer = await self._call(request)
        return list(_all_attached(answer, peer, set(ids[:MOST_IDS])))

    async def part(self, place: FilePlace, offset: int) -> bytes:
        """The part of a file at `offset`, a multiple of `PART`; shorter at its end.

        Raises StaleReference, FileGone.
        """
        request = functions.upload.GetFileRequest(_location(place), offset, PART)
        async with self.fetching:
            client = self._connected()
            if place.dc in (0, client.session.dc_id):
                answer = await self._call(request)
            else:
                with map_telethon_errors(Family.MEDIA):
                    answer = await client.call_at(place.dc, request)
        if not isinstance(answer, types.upload.File):
            raise Unexpected(f"{type(answer).__name__} instead of a part of a file")
        return bytes(answer.bytes)


def _all_attached(answer: Any, peer: Peer, left: set[int]) -> Iterator[Attached]:
    protected = any(
        getattr(chat, "noforwards", False) for chat in answer.chats if chat.id == bare(peer.chat)
    )
    for message in answer.messages:
        if message.id in left and type(message) is types.Message:
            left.discard(message.id)
            yield _attached(message, protected=protected or bool(message.noforwards))
    for number in sorted(left):
        yield Attached(message=number, skip=Skip.GONE)


def _attached(message: Any, *, protected: bool) -> Attached:
    media = message.media
    found = None if media is None else media_of(media)
    if protected:
        return Attached(message=message.id, media=found, skip=Skip.PROTECTED)
    if getattr(media, "ttl_seconds", None) is not None:
        return Attached(message=message.id, media=found, skip=Skip.EXPIRING)
    read = _PLACES.get(type(media))
    place = None if read is None else read(media)
    skip = Skip.GONE if place is None else None
    return Attached(message=message.id, media=found, place=place, skip=skip)


def _photo_place(media: Any) -> FilePlace | None:
    photo = media.photo
    if not isinstance(photo, types.Photo):
        return None
    sizes = [(_bytes_of(size), size.type) for size in photo.sizes if _bytes_of(size)]
    if not sizes:
        return None
    size, thumb = max(sizes)
    return FilePlace(**_common(photo), kind=FileKind.PHOTO, size=size, thumb=thumb)


def _bytes_of(size: Any) -> int:
    """Of a size that has to be fetched; what comes along with the message is only a preview."""
    if isinstance(size, types.PhotoSizeProgressive):
        return max(size.sizes, default=0)
    return size.size if isinstance(size, types.PhotoSize) else 0


def _document_place(media: Any) -> FilePlace | None:
    document = media.document
    if not isinstance(document, types.Document):
        return None
    return FilePlace(**_common(document), kind=FileKind.DOCUMENT, size=document.size)


def _common(file: Any) -> dict[str, Any]:
    return {
        "id": file.id,
        "access_hash": file.access_hash,
        "reference": file.file_reference,
        "dc": file.dc_id,
    }


def _location(place: FilePlace) -> Any:
    kind = types.InputDocumentFileLocation
    if place.kind is FileKind.PHOTO:
        kind = types.InputPhotoFileLocation
    return kind(place.id, place.access_hash, place.reference, place.thumb)


_PLACES: dict[type, Callable[[Any], FilePlace | None]] = {
    types.MessageMediaPhoto: _photo_place,
    types.MessageMediaDocument: _document_place,
}
