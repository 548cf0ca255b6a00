"""What happens in an account's chats: told by Telegram, or asked for many chats at once.

Telethon's own handling of updates is left out. It waits half a second at each gap, tells nothing of
a difference that is too long, and drops the edits and deletions in one; here every change is told
as it comes, with its number, and whoever listens sees what is missing.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from telethon.tl import functions, types

from collector.gateway import Page
from collector.telegram.client import CrewClient
from collector.telegram.isolating import ByIds
from collector.telegram.mapping import MessageMapper
from collector.telegram.peers import bare, input_peer, marked
from collector.telegram.skim.request import BoxMessagesRequest, ChannelMessagesRequest
from collector.telegram.verbs import Verbs
from core.chat import SHARED_BOX, ChatKind, Peer
from core.errors import SourceError, Unexpected
from core.message import Edit
from core.news import Arrived, Missed, News, Removed, Revised, Top
from core.record import record_of

DIALOGS = 100
"""Chats that one call looks at."""

MESSAGES = 100
"""Messages that one call asks for by their ids."""

_CHANNEL_BASE = 1_000_000_000_000
_NEW = (types.UpdateNewChannelMessage, types.UpdateNewMessage)
_EDITED = (types.UpdateEditChannelMessage, types.UpdateEditMessage)
_DELETED = (types.UpdateDeleteChannelMessages, types.UpdateDeleteMessages)
_SHORT = (types.UpdateShortChatMessage, types.UpdateShortMessage)


class LiveVerbs(Verbs):
    """Listening. Nothing is told before `listen`, and after it nothing waits for the listener."""

    @abstractmethod
    def _connected(self) -> CrewClient:
        """The client; raises Retriable while there is none."""

    @abstractmethod
    def _box(self, peer: Peer) -> str:
        """The id space of a chat's messages as this account sees it."""

    async def listen(self, hear: Callable[[News], None], wanted: Callable[[int], bool]) -> int:
        """Be told of every change from now on, of chats that are `wanted`; `hear` returns at once.

        Returns the state of the account's own box. `Missed` with no chat comes after each time that
        the connection broke and came back.
        """
        box = self._box(Peer(chat=-1, kind=ChatKind.GROUP, access_hash=0))
        mapper = _Mapper(box, wanted)
        client = self._connected()

        def take(updates: Any) -> None:
            for news in mapper.news(updates):
                hear(news)

        client.hear(take, lambda: hear(Missed(chat=None)))
        state = await self._call(functions.updates.GetStateRequest())
        return int(state.pts)

    async def tops(self, peers: Sequence[Peer]) -> tuple[dict[int, Top], int | None]:
        """How these chats are now, and the state of the account's own box; those that this account
        cannot see are left out."""
        found: dict[int, Top] = {}
        state: int | None = None
        for start in range(0, len(peers), DIALOGS):
            state = await self._look(peers[start : start + DIALOGS], found) or state
        return found, state

    async def exist(self, peer: Peer, ids: Sequence[int]) -> Page:
        """Messages by their ids, at most a hundred; those that are gone are `empty`."""
        return await self._by_ids(peer).page(ids[:MESSAGES])

    def _by_ids(self, peer: Peer) -> ByIds:
        return ByIds(partial(self._ask_ids, peer), peer, self._box(peer))

    async def _ask_ids(self, peer: Peer, ids: Sequence[int]) -> Any:
        wanted = [types.InputMessageID(number) for number in ids]
        if peer.kind is ChatKind.GROUP:
            return await self._call(BoxMessagesRequest(wanted))
        channel = types.InputChannel(bare(peer.chat), peer.access_hash)
        return await self._call(ChannelMessagesRequest(channel, wanted))

    async def _look(self, peers: Sequence[Peer], found: dict[int, Top]) -> int | None:
        """One chat that cannot be seen fails the whole call: then halves are asked."""
        wanted = [types.InputDialogPeer(input_peer(peer)) for peer in peers]
        try:
            answer = await self._call(functions.messages.GetPeerDialogsRequest(wanted))
        except (SourceError, Unexpected):
            if len(peers) == 1:
                return None
            half = len(peers) // 2
            first = await self._look(peers[:half], found)
            return await self._look(peers[half:], found) or first
        for dialog in answer.dialogs:
            found[marked(dialog.peer)] = Top(id=dialog.top_message, pts=dialog.pts)
        return int(answer.state.pts)


class _Mapper:
    """From what Telegram pushes to news. `box`: the account's own."""

    def __init__(self, box: str, wanted: Callable[[int], bool]) -> None:
        self._box = box
        self._wanted = wanted

    def news(self, updates: Any) -> Iterator[News]:
        """Of one `Updates`, in its order."""
        cls = type(updates)
        if cls is types.UpdatesTooLong:
            yield Missed(chat=None)
        elif cls is types.UpdateShort:
            yield from self._of(updates.update, (), ())
        elif cls in _SHORT:
            yield from self._short(updates)
        else:
            for update in getattr(updates, "updates", ()):
                yield from self._of(update, updates.users, updates.chats)

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


def _channel(update: Any) -> int | None:
    number = getattr(update, "channel_id", None)
    return None if number is None else -(_CHANNEL_BASE + int(number))
