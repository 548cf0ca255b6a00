"""Writes message `id` of a chat, always the same; by hand, since a page has a hundred."""

from functools import cached_property
from typing import TYPE_CHECKING

from telethon.tl import types

from sandbox import tl
from sandbox.content import media, service, wording
from sandbox.content.extras import date_of_edit, forwarded, replied
from sandbox.dice import Dice

if TYPE_CHECKING:
    from sandbox.chat import Chat, Written

MESSAGE = types.Message.CONSTRUCTOR_ID.to_bytes(4, "little")
FORWARD, REPLY, ENTITIES, FROM, MEDIA, VIEWS = 1 << 2, 1 << 3, 1 << 7, 1 << 8, 1 << 9, 1 << 10
SILENT, POST, EDITED, AUTHOR, GROUPED = 1 << 13, 1 << 14, 1 << 15, 1 << 16, 1 << 17
REACTIONS = 1 << 20


class Writer:
    """Keeps the chat's stock of phrases and media; holds no messages."""

    def __init__(self, chat: "Chat") -> None:
        from sandbox.chat import ChatKind, Written

        self._chat = chat
        self._written = Written
        self._key = f"{chat.seed}:{chat.id}"
        self._channel = chat.kind is ChatKind.CHANNEL
        self._forum = chat.kind is ChatKind.FORUM
        self._peer = tl.peer_channel(chat.id)
        self._senders = list(chat.senders)
        self._glue = "\n" if chat.language == "zh" else " "

    @cached_property
    def _phrases(self) -> list[wording.Phrase]:
        chat = self._chat
        return wording.stock(self._key, language=chat.language, topic=chat.topic)

    @cached_property
    def _photos(self) -> list[bytes]:
        return media.photos(self._key)

    @cached_property
    def _media(self) -> list[bytes]:
        return media.assorted(self._key)

    @cached_property
    def _reactions(self) -> list[bytes]:
        return media.reactions(self._key)

    def write(self, message_id: int) -> "Written":
        dice = Dice(f"{self._key}:{message_id}")
        special = self._service(message_id, dice)
        return special or self._message(message_id, dice)

    def _service(self, message_id: int, dice: Dice) -> "Written | None":
        chat, date = self._chat, self._chat.date(message_id)
        if message_id == 1:
            raw = service.created(1, chat.id, date, title=chat.title)
            return self._written(raw, (), ())
        if self._forum and message_id <= 6:
            title = service.TOPICS[chat.language][message_id - 2]
            by = self._senders[0]
            raw = service.topic_created(message_id, chat.id, date, title=title, by=by)
            return self._written(raw, (by,), ())
        if not dice.chance(0.02):
            return None
        before = chat.before(message_id)
        title = f"{chat.title} {dice.below(9) + 1}"
        if self._channel:
            raw = service.posted(message_id, chat.id, date, dice=dice, before=before, title=title)
            return self._written(raw, (), ())
        by, other = dice.pick(self._senders), dice.pick(self._senders)
        raw = service.happened(
            message_id, chat.id, date, dice=dice, by=by, other=other, before=before, title=title
        )
        return self._written(raw, (by, other), ())

    def _message(self, message_id: int, dice: Dice) -> "Written":
        album = self._chat.album_of(message_id)
        flags, sender, users, channels = self._sender(album, dice)
        forward, reply, edited, author, views, shown = b"", b"", b"", b"", b"", b""
        date = self._chat.date(message_id)
        if dice.chance(0.07):
            forward, more_users, more_channels = forwarded(self._chat, self._senders, date, dice)
            users, channels = users + more_users, channels + more_channels
            flags |= FORWARD
        if not self._channel:
            reply = replied(self._chat, message_id, dice)
            flags |= REPLY if reply else 0
        flags, text, entities, attached = self._body(album, message_id, flags, dice)
        if self._channel or flags & FORWARD:
            flags |= VIEWS
            views = tl.integer(dice.between(200, 90_000)) + tl.integer(dice.below(300))
        if dice.chance(0.06):
            flags |= EDITED
            edited = tl.integer(date_of_edit(date, dice))
        if self._channel and dice.chance(0.3):
            flags |= AUTHOR
            author = tl.string(self._chat.senders[dice.pick(self._senders)].name.encode())
        if dice.chance(0.55 if self._channel else 0.12):
            flags |= REACTIONS
            shown = dice.pick(self._reactions)
        if dice.chance(0.03):
            flags |= SILENT
        grouped = b"" if album is None else tl.long(self._grouped_id(album))
        head = MESSAGE + flags.to_bytes(4, "little") + b"\0\0\0\0" + tl.integer(message_id)
        raw = b"".join(
            (head, sender, self._peer, forward, reply, tl.integer(date), text, attached, entities,
             views, edited, author, grouped, shown)
        )  # fmt: skip
        return self._written(raw, users, channels)

    def _sender(
        self, album: int | None, dice: Dice
    ) -> tuple[int, bytes, tuple[int, ...], tuple[int, ...]]:
        """(flags, from_id, users, channels). One album has one sender."""
        if self._channel:
            return POST, b"", (), ()
        chosen = dice if album is None else Dice(f"sender:{self._key}:{album}")
        kind = chosen.below(100)
        if kind < 2:
            return FROM, self._peer, (), ()
        if kind < 4 and self._chat.also_here:
            other = chosen.pick(self._chat.also_here)
            return FROM, tl.peer_channel(other), (), (other,)
        user = chosen.pick(self._senders)
        return FROM, tl.peer_user(user), (user,), ()

    def _body(
        self, album: int | None, message_id: int, flags: int, dice: Dice
    ) -> tuple[int, bytes, bytes, bytes]:
        """(flags, text, entities, media)."""
        attached = b""
        if album is not None:
            flags |= MEDIA | GROUPED
            attached = self._photos[(message_id * 7 + self._chat.seed) % len(self._photos)]
        elif (kind := dice.below(100)) < 8:
            flags |= MEDIA
            attached = dice.pick(self._photos)
        elif kind < 15:
            flags |= MEDIA
            attached = dice.pick(self._media)
        wordless = album not in (None, message_id) or (attached and dice.chance(0.4))
        if wordless:
            return flags, tl.string(b""), b"", attached
        text, entities = wording.write(self._phrases, dice, self._glue)
        return flags | (ENTITIES if entities else 0), text, entities, attached

    def _grouped_id(self, album: int) -> int:
        return (self._chat.id << 24) + album
