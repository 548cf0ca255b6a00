"""Finding chats: Telegram's own search, and talking to search bots."""

import asyncio
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

from telethon.tl import functions, types

from collector.telegram.lenient import ResolveRequest, SearchRequest
from collector.telegram.peers import chat_of, input_peer, peer_of
from collector.telegram.skim.request import ReadsItself
from collector.telegram.text import ENTITY_KINDS
from collector.telegram.torn import told
from collector.telegram.verbs import Verbs
from core.answers import BotMessage, Button, Link
from core.chat import Chat, ChatKind, Peer
from core.errors import SourceUnknown

MOST_CHATS = 100
MOST_MESSAGES = 20


class BotHistoryRequest(ReadsItself, functions.messages.GetHistoryRequest):  # type: ignore[misc]
    """The dialog with a bot: paid from the budget of bots, not from that of collecting."""


class FindingVerbs(Verbs):
    """Only search bots are ever written to."""

    def __init__(self) -> None:
        self._talks: dict[int, asyncio.Lock] = {}

    def conversation(self, bot: Peer) -> AbstractAsyncContextManager[None]:
        """One search at a time: a bot's dialog does not say which words an answer is for."""
        return self._talks.setdefault(bot.chat, asyncio.Lock())

    async def search_chats(self, words: str) -> list[tuple[Peer | None, Chat]]:
        """Public chats and own ones whose name fits the words, as Telegram orders them."""
        result = await self._call(SearchRequest(q=words, limit=MOST_CHATS))
        chats = [(peer_of(entity), chat_of(entity)) for entity in result.chats]
        return [(peer, chat) for peer, chat in chats if chat is not None]

    async def find_bot(self, name: str) -> Peer:
        """The address of `@name`, a bot; raises SourceUnknown."""
        result = await self._call(ResolveRequest(name.lstrip("@")))
        for user in result.users:
            if user.bot:
                return Peer(chat=user.id, kind=ChatKind.PRIVATE, access_hash=user.access_hash or 0)
        raise SourceUnknown(reason="not_a_bot", source=name)

    async def say(self, bot: Peer, text: str) -> int:
        """Write to a bot; the id of the message."""
        request = functions.messages.SendMessageRequest(input_peer(bot), text, no_webpage=True)
        result = await self._call(request)
        return int(getattr(result, "id", 0) or _sent_id(result))

    async def press(self, bot: Peer, message: int, data: bytes) -> None:
        """Press an inline button of a bot's message."""
        await self._call(
            functions.messages.GetBotCallbackAnswerRequest(input_peer(bot), message, data=data)
        )

    async def heard(self, bot: Peer, after: int) -> list[BotMessage]:
        """What the bot wrote after a message of ours, oldest first, as it reads now."""
        result = await self._call(
            BotHistoryRequest(
                peer=input_peer(bot),
                offset_id=0,
                offset_date=None,
                add_offset=0,
                limit=MOST_MESSAGES,
                max_id=0,
                min_id=after,
                hash=0,
            )
        )
        theirs = [
            one
            for one in told(result, "messages")
            if isinstance(one, types.Message) and not one.out
        ]
        return [_message(one) for one in sorted(theirs, key=lambda one: one.id) if one.id > after]


def _sent_id(result: Any) -> int:
    updates = getattr(result, "updates", ())
    return next((one.id for one in updates if isinstance(one, types.UpdateMessageID)), 0)


def _message(message: Any) -> BotMessage:
    rows = getattr(message.reply_markup, "rows", None) or ()
    return BotMessage(
        id=message.id,
        text=message.message,
        links=tuple(_links(message.message, message.entities or ())),
        buttons=tuple(_button(button) for row in rows for button in row.buttons),
    )


def _links(text: str, entities: Iterable[Any]) -> Iterable[Link]:
    """Entities with their offsets in characters: Telegram counts UTF-16 units."""
    units = text.encode("utf-16-le")
    for entity in entities:
        if ENTITY_KINDS.get(type(entity)) == "text_link":
            start = len(units[: entity.offset * 2].decode("utf-16-le", "replace"))
            part = units[entity.offset * 2 : (entity.offset + entity.length) * 2]
            end = start + len(part.decode("utf-16-le", "replace"))
            yield Link(start=start, end=end, url=entity.url)


def _button(button: Any) -> Button:
    kind = button.type
    return Button(
        text=button.text, data=getattr(kind, "data", None), url=getattr(kind, "url", None)
    )
