"""From what Telegram pushes to news."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from telethon.tl import types

from collector.telegram.mapping import MessageMapper
from collector.telegram.peers import marked
from collector.telegram.torn import Torn, torn
from collector.telegram.unread import Unread
from core.chat import SHARED_BOX
from core.message import Edit
from core.news import Arrived, Missed, News, Removed, Revised
from core.record import record_of

_CHANNEL_BASE = 1_000_000_000_000
_NEW = (types.UpdateNewChannelMessage, types.UpdateNewMessage)
_EDITED = (types.UpdateEditChannelMessage, types.UpdateEditMessage)
_DELETED = (types.UpdateDeleteChannelMessages, types.UpdateDeleteMessages)
_SHORT = (types.UpdateShortChatMessage, types.UpdateShortMessage)


class NewsMapper:
    """`box`: the account's own."""

    def __init__(self, box: str, wanted: Callable[[int], bool]) -> None:
        self._box = box
        self._wanted = wanted

    def news(self, updates: Any) -> Iterator[News]:
        """Of one `Updates`, in its order."""
        cls = type(updates)
        if cls is Unread:
            yield from self._unread(torn(updates.raw, 0))
        elif cls is types.UpdatesTooLong:
            yield Missed(chat=None)
        elif cls is types.UpdateShort:
            yield from self._of(updates.update, (), ())
        elif cls in _SHORT:
            yield from self._short(updates)
        else:
            for update in getattr(updates, "updates", ()):
                yield from self._of(update, updates.users, updates.chats)

    def _unread(self, found: Torn | None) -> Iterator[News]:
        """Of an `Updates` that cannot be read whole: what could be, and that there was more."""
        if found is None:
            yield Missed(chat=None)
            return
        users, chats = found.get("users") or (), found.get("chats") or ()
        for update in found.get("updates") or ():
            yield from self._of(update, users, chats)
        if found.stopped == "updates" and found.last:
            yield Missed(chat=_chat_inside(found.inner()))
        elif found.stopped not in {"users", "chats"}:
            yield Missed(chat=_chat_inside(found.inner()) if found.stopped == "update" else None)

    def _of(self, update: Any, users: Sequence[Any], chats: Sequence[Any]) -> Iterator[News]:
        if isinstance(update, _NEW):
            yield self._message(update, users, chats, edited=False)
        elif isinstance(update, _EDITED):
            yield self._message(update, users, chats, edited=True)
        elif isinstance(update, _DELETED):
            yield Removed(
                chat=_channel(update),
                ids=tuple(update.messages),
                pts=update.pts,
                count=update.pts_count,
            )
        elif isinstance(update, types.UpdateChannelTooLong):
            yield Missed(chat=_channel(update), pts=update.pts)
        elif isinstance(update, types.UpdateChannel):
            yield Missed(chat=_channel(update))
        elif getattr(update, "pts_count", None) is not None:
            yield News(chat=_channel(update), pts=update.pts, count=update.pts_count)

    def _message(
        self, update: Any, users: Sequence[Any], chats: Sequence[Any], *, edited: bool
    ) -> News:
        message = update.message
        if type(message) is types.MessageEmpty:
            return News(chat=None, pts=update.pts, count=update.pts_count)
        chat = marked(message.peer_id)
        counted = {"chat": chat, "pts": update.pts, "count": update.pts_count}
        if not self._wanted(chat):
            return News(**counted)
        box = SHARED_BOX if chat < -_CHANNEL_BASE else self._box
        value = MessageMapper(chat, box, users, chats).message(message)
        if edited:
            return Revised(**counted, edit=Edit(message=value, pts=update.pts))
        return Arrived(**counted, record=record_of(value))

    def _short(self, update: Any) -> Iterator[News]:
        """The short form of a plain message in a basic group; private ones are nobody's task."""
        if type(update) is types.UpdateShortMessage:
            yield News(chat=None, pts=update.pts, count=update.pts_count)
            return
        message = types.Message(
            id=update.id,
            peer_id=types.PeerChat(update.chat_id),
            from_id=types.PeerUser(update.from_id),
            date=update.date,
            message=update.message,
            out=update.out,
            entities=update.entities,
            fwd_from=update.fwd_from,
            reply_to=update.reply_to,
        )
        whole = types.UpdateNewMessage(message, update.pts, update.pts_count)
        yield self._message(whole, (), (), edited=False)


def _chat_inside(update: Torn | None) -> int | None:
    """The chat of an update that cannot be read whole, if it was told before that."""
    if update is None:
        return None
    if (number := update.get("channel_id")) is not None:
        return -(_CHANNEL_BASE + int(number))
    message = update.inner()
    peer = None if message is None else message.get("peer_id")
    return None if peer is None else marked(peer)


def _channel(update: Any) -> int | None:
    number = getattr(update, "channel_id", None)
    return None if number is None else -(_CHANNEL_BASE + int(number))
