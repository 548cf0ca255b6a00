"""Reading what was said, and what a chat is to others."""

from abc import abstractmethod
from datetime import datetime
from functools import partial
from typing import Any

from telethon.errors import MsgIdInvalidError, TopicDeletedError
from telethon.tl import types
from telethon.tl.types import messages

from collector.gateway import Page
from collector.telegram.isolating import Asked, Isolating
from collector.telegram.lenient import ChannelsRequest, FullGroupRequest
from collector.telegram.peers import bare, chat_of, input_peer, marked_id, peer_of
from collector.telegram.settings import TelegramSettings
from collector.telegram.skim.layout import layout_of
from collector.telegram.skim.request import (
    FullChannelRequest,
    HistoryRequest,
    RepliesRequest,
    SkimmedHistoryRequest,
)
from collector.telegram.skim.skimmer import skimmer
from collector.telegram.torn import Torn
from collector.telegram.verbs import Verbs
from core.chat import Chat, ChatKind, Kin, Peer
from core.errors import CrewError, NotUnderstood, SourceForbidden, Unexpected

_NO_TOPIC = (MsgIdInvalidError, TopicDeletedError)
_NO_TOPIC_CODES = ("TOPIC_ID_INVALID", "TOPIC_DELETED", "MSG_ID_INVALID")


class ReadingVerbs(Verbs):
    """Pages of a chat or of one topic of it."""

    _settings: TelegramSettings

    @abstractmethod
    def _box(self, peer: Peer) -> str:
        """The id space of a chat's messages as this account sees it."""

    async def page(
        self,
        peer: Peer,
        *,
        offset_id: int = 0,
        offset_date: datetime | None = None,
        limit: int = 100,
        topic: int | None = None,
    ) -> Page:
        """Messages with ids below `offset_id` (0: from the newest), newest first.

        `topic`: only of this topic of a forum; raises SourceForbidden (`topic_unknown`).
        """
        asked = {
            "peer": input_peer(peer),
            "offset_id": offset_id,
            "offset_date": offset_date,
            "add_offset": 0,
            "limit": limit,
            "max_id": 0,
            "min_id": 0,
            "hash": 0,
        }
        box = self._box(peer)
        return await Isolating(partial(self._asked, peer, box, topic), peer, box).page(asked)

    async def _asked(self, peer: Peer, box: str, topic: int | None, asked: Asked) -> Any:
        if topic is not None:
            result = await self._replies(topic, asked)
        elif self._settings.skim:
            result = await self._call(SkimmedHistoryRequest(skimmer(), peer.chat, box, **asked))
        else:
            result = await self._call(HistoryRequest(**asked))
        if isinstance(result, messages.MessagesNotModified):
            raise Unexpected("history is not modified, though nothing was remembered")
        return result

    async def kin(self, peer: Peer) -> Kin:
        """From which id on the account may read a chat, and the chats that belong to it."""
        if peer.kind is ChatKind.GROUP:
            full = await self._call(FullGroupRequest(bare(peer.chat)))
            return Kin(successor=await self._successor(full.chats, peer.chat))
        full = await self._call(FullChannelRequest(input_peer(peer)))
        if isinstance(full, Torn):
            return _kin_of(full)
        told = full.full_chat
        before = told.migrated_from_chat_id
        return Kin(
            floor=(told.available_min_id or 0) + 1,
            discussion=_described(full.chats, told.linked_chat_id),
            predecessor=None if before is None else _described(full.chats, before),
        )

    async def _replies(self, topic: int, asked: dict[str, Any]) -> Any:
        try:
            return await self._call(RepliesRequest(msg_id=topic, **asked))
        except CrewError as error:
            cause = error.__cause__
            told = getattr(cause, "message", None)
            if isinstance(cause, _NO_TOPIC) or told in _NO_TOPIC_CODES:
                raise SourceForbidden(reason="topic_unknown", topic=str(topic)) from error
            raise

    async def _successor(self, found: list[Any], chat: int) -> tuple[Peer, Chat] | None:
        group = next((one for one in found if marked_id(one) == chat), None)
        to = getattr(group, "migrated_to", None)
        if not isinstance(to, types.InputChannel):
            return None
        known = _described(found, to.channel_id)
        if known is not None:
            return known
        answer = await self._call(ChannelsRequest([to]))
        return _described(answer.chats, to.channel_id)


def _kin_of(full: Torn) -> Kin:
    """What can be read for certain. Raises NotUnderstood when that is not the floor."""
    inner = full.get("full_chat") or full.inner()
    floor = _read_of(inner, "available_min_id")
    if inner is None or floor is None:
        raise NotUnderstood(f"{full.stopped}: {full.why}")
    chats = full.get("chats") or []
    before, linked = _read_of(inner, "migrated_from_chat_id"), _read_of(inner, "linked_chat_id")
    return Kin(
        floor=floor + 1,
        discussion=_described(chats, linked or None),
        predecessor=_described(chats, before) if before else None,
    )


def _read_of(full: Any, name: str) -> int | None:
    """A number of a chat in full, 0 where there is none; None if it could not be read."""
    if not isinstance(full, Torn):
        return int(getattr(full, name, None) or 0)
    order = [step.name for step in layout_of(full.cls)]
    if name not in order or order.index(name) >= order.index(full.stopped):
        return None
    return int(full.get(name) or 0)


def _described(found: list[Any], wanted: int | None) -> tuple[Peer, Chat] | None:
    for entity in found:
        if entity.id == wanted:
            peer, chat = peer_of(entity), chat_of(entity)
            if peer is not None and chat is not None:
                return peer, chat
    return None
