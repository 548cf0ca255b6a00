"""Pages of history: from Telethon's objects to the crew's messages, by hand because it is hot."""

import re
from collections.abc import Iterable
from typing import Any

import structlog
from telethon.tl import types
from telethon.tl.types import messages

from collector.gateway import Page
from collector.telegram.dates import moment
from collector.telegram.media import media_of
from collector.telegram.peers import display_name, marked, marked_id
from collector.telegram.quick import quick
from collector.telegram.text import entities_of, links_of
from collector.telegram.texts.found import sorted_out
from collector.telegram.texts.reading import texts_in
from collector.telegram.torn import BROKEN, DECODER
from core.chat import Peer
from core.message import Forward, Message, Reaction, Reply, Sender, Wording
from core.record import Record, record_of
from core.undecoded import MOST_RAW, Undecoded

log = structlog.get_logger(__name__)

new_message = quick(Message)
new_reply = quick(Reply)
new_reaction = quick(Reaction)
new_sender = quick(Sender)
new_forward = quick(Forward)
new_wording = quick(Wording)


def action_name(cls: type) -> str:
    """`MessageActionPinMessage` as `pin_message`."""
    name = cls.__name__.removeprefix("MessageAction")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


ACTION_NAMES: dict[type, str] = {
    cls: action_name(cls) for name, cls in vars(types).items() if name.startswith("MessageAction")
}


def page_of(result: Any, peer: Peer, box: str) -> Page:
    """A page of an answer to getHistory or getMessages."""
    whole = isinstance(result, messages.Messages)
    return made_page(
        result.messages,
        peer,
        box,
        users=result.users,
        chats=result.chats,
        total=len(result.messages) if whole else result.count,
        pts=result.pts if isinstance(result, messages.ChannelMessages) else None,
    )


def made_page(
    given: Iterable[Any],
    peer: Peer,
    box: str,
    *,
    users: Iterable[Any],
    chats: Iterable[Any],
    total: int,
    pts: int | None = None,
) -> Page:
    """A page of these messages. What is not of the chat is left out, so it proves nothing; what
    cannot be mapped is told as not understood."""
    mapper = MessageMapper(peer.chat, box, users, chats)
    found: list[Record] = []
    empty: list[int] = []
    lost: list[Undecoded] = []
    for message in given:
        if not of_chat(message, peer):
            log.warning("message.foreign", chat=peer.chat)
        elif type(message) is types.MessageEmpty:
            empty.append(message.id)
        else:
            try:
                found.append(record_of(mapper.message(message)))
            except BROKEN as error:
                lost.append(_unmapped(message, peer.chat, box, error))
    return Page(
        messages=tuple(found), empty=tuple(empty), total=total, undecoded=tuple(lost), pts=pts
    )


def of_chat(message: Any, peer: Peer) -> bool:
    """Whether a message is of this chat; an empty one need not say of which it is."""
    return message.peer_id is None or marked(message.peer_id) == peer.chat


def _unmapped(message: Any, chat: int, box: str, error: Exception) -> Undecoded:
    why = f"{type(error).__name__}: {error}"
    log.warning("message.unmapped", chat=chat, message=message.id, why=why)
    return Undecoded(
        chat=chat,
        box=box,
        id=message.id,
        raw=bytes(message)[:MOST_RAW],
        why=why,
        decoder=DECODER,
        date=moment(message.date),
    )


class MessageMapper:
    """Maps messages of one chat; names come from the users and chats that came with them."""

    def __init__(self, chat: int, box: str, users: Iterable[Any], chats: Iterable[Any]) -> None:
        self._chat = chat
        self._box = box
        self._named: dict[int, Any] = {user.id: user for user in users}
        self._named.update((marked_id(chat), chat) for chat in chats)
        self._senders: dict[int, Sender] = {}

    def message(self, message: Any) -> Message:
        """The message, or service message, as it is stored."""
        if type(message) is types.MessageService:
            return self._service(message)
        text = message.message or ""
        entities = entities_of(message.entities) if message.entities else ()
        media = None if message.media is None else media_of(message.media)
        links = links_of(text, entities) if entities else ()
        texts, links = _texts(message, links, None if media is None else media.name)
        edited = None if message.edit_date is None else moment(message.edit_date)
        reply_to = message.reply_to
        return new_message(
            chat=self._chat,
            box=self._box,
            id=message.id,
            date=moment(message.date),
            text=text,
            entities=entities,
            links=links,
            texts=texts,
            sender=self._sender(message),
            edit_date=None if message.edit_hide else edited,
            hidden_edit_date=edited if message.edit_hide else None,
            reply=None if reply_to is None else _reply(reply_to),
            forward=None if message.fwd_from is None else self._forward(message.fwd_from),
            topic=None if reply_to is None else _topic(reply_to),
            album=message.grouped_id,
            views=message.views,
            forwards=message.forwards,
            reactions=() if message.reactions is None else _reactions(message.reactions),
            media=media,
            post_author=message.post_author,
        )

    def _service(self, message: Any) -> Message:
        reply_to = message.reply_to
        cls = type(message.action)
        texts, links = _texts(message, (), None)
        return new_message(
            chat=self._chat,
            box=self._box,
            id=message.id,
            date=moment(message.date),
            links=links,
            texts=texts,
            sender=self._sender(message),
            reply=None if reply_to is None else _reply(reply_to),
            topic=message.id
            if cls is types.MessageActionTopicCreate
            else (None if reply_to is None else _topic(reply_to)),
            reactions=() if message.reactions is None else _reactions(message.reactions),
            action=ACTION_NAMES.get(cls) or action_name(cls),
        )

    def _sender(self, message: Any) -> Sender | None:
        """Posts of a channel show the channel; our own private messages name nobody."""
        peer = message.from_id
        if peer is None:
            if message.out and type(message.peer_id) is types.PeerUser:
                return None
            peer = message.peer_id
        sender = marked(peer)
        known = self._senders.get(sender)
        if known is None:
            known = new_sender(id=sender, name=display_name(self._named.get(sender)))
            self._senders[sender] = known
        return known

    def _forward(self, header: Any) -> Forward:
        sender = None if header.from_id is None else marked(header.from_id)
        known = None if sender is None else display_name(self._named.get(sender))
        return new_forward(
            date=moment(header.date),
            sender=sender,
            name=header.from_name or known,
            message=header.channel_post,
            author=header.post_author,
            saved_chat=None if header.saved_from_peer is None else marked(header.saved_from_peer),
            saved_message=header.saved_from_msg_id,
            saved_sender=None if header.saved_from_id is None else marked(header.saved_from_id),
            saved_name=header.saved_from_name or None,
            saved_date=None if header.saved_date is None else moment(header.saved_date),
        )


def _texts(
    message: Any, links: tuple[str, ...], file_name: str | None
) -> tuple[tuple[Wording, ...], tuple[str, ...]]:
    """The texts beside the message's own, and all links."""
    found = texts_in(message)
    if not found:
        return (), links
    texts, every = sorted_out(found, links, file_name)
    return tuple([new_wording(kind=kind, text=text) for kind, text in texts]), tuple(every)


def _reply(header: Any) -> Reply | None:
    """What is answered; writing in a topic answers nothing by itself, nor does a story."""
    if type(header) is not types.MessageReplyHeader:
        return None
    if header.forum_topic and header.reply_to_top_id is None and not header.quote:
        return None
    chat = header.reply_to_peer_id
    return new_reply(
        message=header.reply_to_msg_id,
        chat=None if chat is None else marked(chat),
        topic=header.reply_to_top_id,
        quote=header.quote_text or None,
    )


def _topic(header: Any) -> int | None:
    if type(header) is not types.MessageReplyHeader or not header.forum_topic:
        return None
    topic = header.reply_to_top_id or header.reply_to_msg_id
    return None if topic is None else int(topic)


def _reactions(reactions: Any) -> tuple[Reaction, ...]:
    return tuple(
        [
            new_reaction(emoji=_emoji(found.reaction), count=found.count)
            for found in reactions.results
            if type(found.reaction) is not types.ReactionEmpty
        ]
    )


def _emoji(reaction: Any) -> str:
    cls = type(reaction)
    if cls is types.ReactionEmoji:
        return str(reaction.emoticon)
    return "paid" if cls is types.ReactionPaid else f"custom:{reaction.document_id}"
