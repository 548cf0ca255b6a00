"""What happens in an account's chats: told by Telegram, or asked for many chats at once.

Telethon's own handling of updates is left out. It waits half a second at each gap, tells nothing of
a difference that is too long, and drops the edits and deletions in one; here every change is told
as it comes, with its number, and whoever listens sees what is missing.
"""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import structlog
from telethon.tl import functions, types

from collector.gateway import Page
from collector.telegram.client import CrewClient
from collector.telegram.isolating import ByIds, first_id
from collector.telegram.peers import bare, input_peer
from collector.telegram.pushed import NewsMapper
from collector.telegram.skim.request import (
    BoxMessagesRequest,
    ChannelMessagesRequest,
    HistoryRequest,
)
from collector.telegram.tops import PeerDialogsRequest, newest_of, state_of, tops_of
from collector.telegram.torn import BROKEN, Torn
from collector.telegram.verbs import Verbs
from core.chat import ChatKind, Peer
from core.errors import SourceError, Unexpected
from core.news import Missed, News, Top

log = structlog.get_logger(__name__)

DIALOGS = 100
"""Chats that one call looks at."""

MESSAGES = 100
"""Messages that one call asks for by their ids."""


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
        mapper = NewsMapper(box, wanted)
        client = self._connected()

        def take(updates: Any) -> None:
            try:
                for news in mapper.news(updates):
                    hear(news)
            except BROKEN as error:
                log.warning("update.unmapped", why=repr(error)[:200])
                hear(Missed(chat=None))

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
        """One chat that cannot be seen fails the whole call: then each is asked for its newest
        message, which a chat that is refused keeps from none of the others."""
        wanted = {peer.chat for peer in peers}
        dialogs = [types.InputDialogPeer(input_peer(peer)) for peer in peers]
        try:
            answer = await self._call(PeerDialogsRequest(dialogs))
        except (SourceError, Unexpected) as error:
            log.info("chats.looked_at_singly", chats=len(peers), reason=error.reason)
            return await self._look_singly(peers, found)
        tops = dict(tops_of(answer))
        found.update({chat: top for chat, top in tops.items() if chat in wanted})
        if not isinstance(answer, Torn):
            return int(answer.state.pts)
        log.warning("answer.torn", at=answer.stopped, why=answer.why, chats=len(peers))
        return await self._look_singly([peer for peer in peers if peer.chat not in tops], found)

    async def _look_singly(self, peers: Sequence[Peer], found: dict[int, Top]) -> int | None:
        for peer in peers:
            try:
                answer = await self._call(HistoryRequest(**newest_of(input_peer(peer))))
            except (SourceError, Unexpected) as error:
                log.warning("chat.unseen", chat=peer.chat, reason=error.reason, error=str(error))
                continue
            number = first_id(answer)
            if number != 0:
                found[peer.chat] = Top(id=number, pts=state_of(answer))
        return int((await self._call(functions.updates.GetStateRequest())).pts)
