"""Files of messages: where they are, and their parts."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from telethon.errors import FileMigrateError
from telethon.tl import functions, types

from collector.telegram.client import CrewClient
from collector.telegram.errors import FOREIGN, to_crew_error
from collector.telegram.isolating import ByIds
from collector.telegram.mapping import of_chat
from collector.telegram.media import media_of
from collector.telegram.peers import bare
from collector.telegram.torn import Torn, told
from collector.telegram.verbs import Verbs
from core.chat import Peer
from core.errors import (
    AccountLost,
    ApplicationRejected,
    CrewError,
    FileUnavailable,
    NotUnderstood,
    Retriable,
    SourceError,
    Unexpected,
)
from core.job import Family
from core.media import PART, Attached, FileKind, FilePlace, Skip

MOST_IDS = 100
"""Messages that one call asks for by their ids."""

MOST_MOVES = 3
"""Data centres that are asked for one part."""

MOST_MOVED = 1_000
"""Files of which it is remembered that they are elsewhere."""


class FileVerbs(Verbs):
    """Finding and fetching files. Never more parts at once than `fetching` has room for."""

    fetching: asyncio.Semaphore
    moved: dict[str, int]
    """The data centres of files that are not where their messages have them."""

    @abstractmethod
    def _connected(self) -> CrewClient:
        """The client; raises Retriable while there is none."""

    @abstractmethod
    def _by_ids(self, peer: Peer) -> ByIds:
        """Messages of a chat by their ids."""

    async def attached(self, peer: Peer, ids: Sequence[int]) -> list[Attached]:
        """What these messages, at most a hundred, have as files, with references that are good
        from now on; those that are gone are told as `gone`, and those that are not understood as
        `unavailable`."""
        wanted = ids[:MOST_IDS]
        answers, lost = await self._by_ids(peer).answers(wanted)
        unread = {one.id for one in lost}
        left = set(wanted) - unread
        found = [one for answer in answers for one in _all_attached(answer, peer, left)]
        found += [Attached(message=one, skip=Skip.UNAVAILABLE) for one in sorted(unread)]
        return [*found, *(Attached(message=one, skip=Skip.GONE) for one in sorted(left))]

    async def part(self, place: FilePlace, offset: int) -> bytes:
        """The part of a file at `offset`, a multiple of `PART`; shorter at its end.

        Raises StaleReference, FileGone, FileUnavailable.
        """
        request = functions.upload.GetFileRequest(_location(place), offset, PART)
        async with self.fetching:
            answer = await self._wherever_it_is(place, request)
        if not isinstance(answer, types.upload.File):
            raise FileUnavailable(f"{type(answer).__name__} instead of a part of a file")
        return bytes(answer.bytes)

    async def _wherever_it_is(self, place: FilePlace, request: Any) -> Any:
        """Ask the data centre that has the file, and the one that it names instead."""
        client, dc = self._connected(), self.moved.pop(place.key, place.dc)
        for _ in range(MOST_MOVES):
            at_home = dc in (0, client.session.dc_id)
            try:
                with map_file_errors(client, at_home=at_home):
                    answer = await (client(request) if at_home else client.call_at(dc, request))
            except FileMigrateError as error:
                dc = error.new_dc
            else:
                self._remember(place, dc)
                return answer
        raise FileUnavailable("sent from one data centre to another")

    def _remember(self, place: FilePlace, dc: int) -> None:
        if dc != place.dc:
            if len(self.moved) >= MOST_MOVED:
                self.moved.clear()
            self.moved[place.key] = dc


@contextmanager
def map_file_errors(client: CrewClient, *, at_home: bool) -> Iterator[None]:
    """What goes wrong with a part is of its file or of its data centre, unless the account's own
    connection says otherwise; a FileMigrateError passes."""
    try:
        yield
    except FileMigrateError:
        raise
    except FOREIGN as error:
        told = to_crew_error(error, Family.MEDIA)
        if client.refusal is None and _is_of_the_file(told, at_home=at_home):
            raise FileUnavailable(str(told)) from error
        raise told from error


def _is_of_the_file(error: CrewError, *, at_home: bool) -> bool:
    if at_home:
        return isinstance(error, SourceError | Unexpected)
    return isinstance(
        error, AccountLost | ApplicationRejected | Retriable | SourceError | Unexpected
    )


def _all_attached(answer: Any, peer: Peer, left: set[int]) -> Iterator[Attached]:
    """Raises NotUnderstood where it cannot be read whether the chat protects its files."""
    described = [chat for chat in told(answer, "chats") if chat.id == bare(peer.chat)]
    if isinstance(answer, Torn) and answer.stopped != "users" and not described:
        raise NotUnderstood(f"{answer.stopped}: {answer.why}")
    protected = any(getattr(chat, "noforwards", False) for chat in described)
    for message in told(answer, "messages"):
        mine = message.id in left and of_chat(message, peer)
        if mine and type(message) is types.Message:
            left.discard(message.id)
            yield _attached(message, protected=protected or bool(message.noforwards))


def _attached(message: Any, *, protected: bool) -> Attached:
    media = message.media
    found = None if media is None else media_of(media)
    if protected:
        return Attached(message=message.id, media=found, skip=Skip.PROTECTED)
    if getattr(media, "ttl_seconds", None) is not None:
        return Attached(message=message.id, media=found, skip=Skip.EXPIRING)
    read = _PLACES.get(type(media))
    place = None if read is None else read(media)
    skip = Skip.GONE if read is not None and place is None else None
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
    if isinstance(size, types.PhotoCachedSize):
        return len(size.bytes)
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
