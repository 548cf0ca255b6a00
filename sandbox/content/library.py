"""A chat of files: each message has one, some the same one, a few of them expiring."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from telethon.tl import types

from sandbox.content import media, service
from sandbox.dice import Dice

if TYPE_CHECKING:
    from sandbox.chat import Chat, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """`distinct` different files of `least` to `most` bytes; each message has one of them by
    chance. `expiring`: the share that is to be seen once; of these every second is gone."""

    distinct: int
    least: int = 1_000
    most: int = 200_000
    photos: float = 0.3
    expiring: float = 0.0


class Librarian:
    """Writes the messages of such a chat."""

    def __init__(self, chat: "Chat", library: Library) -> None:
        from sandbox.chat import ChatKind, Written

        self._chat = chat
        self._library = library
        self._written = Written
        self._senders = [] if chat.kind is ChatKind.CHANNEL else list(chat.senders)

    def prepare(self) -> None:
        """There is no stock."""

    def is_service(self, message_id: int) -> bool:
        return message_id == 1

    def write(self, message_id: int) -> "Written":
        chat = self._chat
        if message_id == 1:
            return self._written(service.begun(chat, chat.date(1)), (), ())
        dice = Dice(f"file:{chat.seed}:{chat.id}:{message_id}")
        number = dice.below(self._library.distinct)
        sender = dice.pick(self._senders) if self._senders else None
        message = types.Message(
            id=message_id,
            peer_id=types.PeerChannel(chat.id),
            from_id=None if sender is None else types.PeerUser(sender),
            date=datetime.fromtimestamp(chat.moment(message_id), UTC),
            message=f"#{number}" if dice.chance(0.3) else "",
            media=self._media(number, dice),
            post=None if self._senders else True,
            views=None if self._senders else 1,
            forwards=None if self._senders else 0,
        )
        return self._written(bytes(message), () if sender is None else (sender,), ())

    def _media(self, number: int, dice: Dice) -> types.TypeMessageMedia:
        library = self._library
        if dice.chance(library.expiring):
            gone = dice.chance(0.5)
            photo = None if gone else media.photo(self._key(dice.below(library.distinct)), 9_000)
            return types.MessageMediaPhoto(photo=photo, ttl_seconds=30)
        own = self._key(number)
        size = own.between(library.least, library.most)
        if own.chance(library.photos):
            return types.MessageMediaPhoto(photo=media.photo(own, size))
        name = types.DocumentAttributeFilename(file_name=f"file-{number:05d}.bin")
        held = media.document(own, "application/octet-stream", size, [name])
        return types.MessageMediaDocument(document=held)

    def _key(self, number: int) -> Dice:
        return Dice(f"library:{self._chat.seed}:{number}")
