"""Writes message `id` of a chat, always the same; by hand, since a page has a hundred."""

from functools import cached_property
from typing import TYPE_CHECKING

from telethon.tl import types

from sandbox import tl
from sandbox.content import media, service, wording
from sandbox.content.extras import forwarded, replied
from sandbox.dice import Dice, Hand

if TYPE_CHECKING:
    from sandbox.chat import Chat, Written

MESSAGE = types.Message.CONSTRUCTOR_ID.to_bytes(4, "little")
FORWARD, REPLY, ENTITIES, FROM, MEDIA, VIEWS = 1 << 2, 1 << 3, 1 << 7, 1 << 8, 1 << 9, 1 << 10
SILENT, POST, EDITED, AUTHOR, GROUPED = 1 << 13, 1 << 14, 1 << 15, 1 << 16, 1 << 17
REACTIONS, EDIT_HIDDEN = 1 << 20, 1 << 21
FORUM_FOUNDING = 6
SERVICE_SHARE = 1_300
_WORDLESS = (tl.string(b""), b"")

# Which draw of a message's hand decides what
(_SERVICE, _SENDER, _USER, _FORWARDED, _SOURCE, _WHO, _WHEN, _REPLIED, _TARGET, _KIND, _PIECE,
 _WORDS, _COUNT, _FIRST, _SEEN, _SHARED, _CHANGED, _LATER, _SIGNED, _LIKED, _LIKES, _QUIET,
 _SPARE) = range(23)  # fmt: skip


class Writer:
    """Keeps the chat's stock of phrases and media; holds no messages."""

    def __init__(self, chat: "Chat") -> None:
        from sandbox.chat import ChatKind, Written

        self._chat = chat
        self._written = Written
        self._key = f"{chat.seed}:{chat.id}"
        self._hands = Hand(self._key)
        self._channel = chat.kind is ChatKind.CHANNEL
        self._forum = chat.kind is ChatKind.FORUM
        self._peer = tl.peer_channel(chat.id)
        self._senders = list(chat.senders)
        self._by_person = [(FROM, tl.peer_user(user), (user,), ()) for user in self._senders]
        self._names = [tl.string(person.name.encode()) for person in chat.senders.values()]
        self._words = wording.words_of(
            self._key,
            language=chat.language,
            topic=chat.topic,
            glue="\n" if chat.language == "zh" else " ",
            chatty=not self._channel,
        )

    @cached_property
    def _photos(self) -> list[bytes]:
        return media.photos(self._key)

    @cached_property
    def _media(self) -> list[bytes]:
        return media.assorted(self._key)

    @cached_property
    def _reactions(self) -> list[bytes]:
        return media.reactions(self._key)

    def prepare(self) -> None:
        """Makes all stocks now."""
        _ = self._photos, self._media, self._reactions

    def write(self, message_id: int) -> "Written":
        hand = self._hands.deal(message_id)
        if self._founding(message_id) or hand[_SERVICE] < SERVICE_SHARE:
            return self._service(message_id)
        return self._message(message_id, hand)

    def ordinary(self, message_id: int) -> "Written":
        """The same, and never a service message."""
        return self._message(message_id, self._hands.deal(message_id))

    def is_service(self, message_id: int) -> bool:
        founding = self._founding(message_id)
        return founding or self._hands.deal(message_id)[_SERVICE] < SERVICE_SHARE

    def _founding(self, message_id: int) -> bool:
        return message_id == 1 or (self._forum and message_id <= FORUM_FOUNDING)

    def _service(self, message_id: int) -> "Written":
        chat, date = self._chat, self._chat.date(message_id)
        dice = Dice(f"service:{self._key}:{message_id}")
        if message_id == 1:
            raw = service.begun(chat, date)
            return self._written(raw, (), ())
        if self._forum and message_id <= FORUM_FOUNDING:
            title = service.TOPICS[chat.language][message_id - 2]
            by = self._senders[0]
            raw = service.topic_created(message_id, chat.id, date, title=title, by=by)
            return self._written(raw, (by,), ())
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

    def _message(self, message_id: int, hand: tuple[int, ...]) -> "Written":
        chat, channel = self._chat, self._channel
        album = chat.album_of(message_id)
        flags, sender, users, channels = self._sender(album, hand)
        forward = reply = edited = author = views = liked = b""
        date = chat.moment(message_id if album is None else album)
        if hand[_FORWARDED] < 4_500:
            source = hand[_SOURCE], hand[_WHO], hand[_WHEN]
            forward, user, other = forwarded(chat, self._senders, date, source)
            users, channels, flags = users + user, channels + other, flags | FORWARD
        if not channel:
            reply = replied(chat, message_id, hand[_REPLIED], hand[_TARGET])
            flags |= REPLY if reply else 0
        body, text, entities, attached = self._body(album, message_id, hand)
        if channel or forward:
            flags |= VIEWS
            views = tl.two_integers(200 + hand[_SEEN], hand[_SHARED] >> 8)
        if hand[_CHANGED] < 4_000 and message_id <= chat.seeded_top:
            flags |= EDITED | (EDIT_HIDDEN if hand[_CHANGED] < 600 else 0)
            edited = tl.integer(date + 5 + (hand[_LATER] >> 3))
        if channel and hand[_SIGNED] < 20_000:
            flags |= AUTHOR
            author = self._names[hand[_USER] * len(self._names) >> 16]
        if hand[_LIKED] < (36_000 if channel else 8_000):
            flags |= REACTIONS
            liked = self._reactions[hand[_LIKES] * media.REACTIONS >> 16]
        if hand[_QUIET] < 2_000:
            flags |= SILENT
        grouped = b"" if album is None else tl.long((chat.id << 24) + album)
        head = tl.MESSAGE_HEAD.pack(MESSAGE, flags | body, 0, message_id)
        raw = b"".join(
            (head, sender, self._peer, forward, reply, tl.integer(date), text, attached, entities,
             views, edited, author, grouped, liked)
        )  # fmt: skip
        return self._written(raw, users, channels)

    def _sender(
        self, album: int | None, hand: tuple[int, ...]
    ) -> tuple[int, bytes, tuple[int, ...], tuple[int, ...]]:
        """(flags, from_id, users, channels). One album has one sender."""
        if self._channel:
            return POST, b"", (), ()
        if album is not None:
            hand = self._hands.deal(album)
        kind, also = hand[_SENDER], self._chat.also_here
        if kind < 1_300:
            return FROM, self._peer, (), ()
        if kind < 2_600 and also:
            other = also[hand[_USER] * len(also) >> 16]
            return FROM, tl.peer_channel(other), (), (other,)
        return self._by_person[hand[_USER] * len(self._by_person) >> 16]

    def _body(
        self, album: int | None, message_id: int, hand: tuple[int, ...]
    ) -> tuple[int, bytes, bytes, bytes]:
        """(flags, text, entities, media)."""
        flags, attached, kind = 0, b"", hand[_KIND]
        if album is not None:
            flags = MEDIA | GROUPED
            attached = self._photos[(message_id * 7 + self._chat.seed) % media.STOCK]
        elif kind < 5_200:
            flags, attached = MEDIA, self._photos[hand[_PIECE] * media.STOCK >> 16]
        elif kind < 9_800:
            flags, attached = MEDIA, self._media[hand[_PIECE] * media.STOCK >> 16]
        if album not in (None, message_id) or (attached and hand[_WORDS] < 26_000):
            text, entities = _WORDLESS
        else:
            text, entities = self._words.write(hand[_COUNT], hand[_FIRST], message_id)
        return flags | (ENTITIES if entities else 0), text, entities, attached
