"""What an operator's message says: its text with the links that stand behind words, and the chat
that it was forwarded from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aiogram.types import (
    Message,
    MessageEntity,
    MessageOriginChannel,
    MessageOriginChat,
)

from core.links import is_public_name

_COMMAND = re.compile(r"/\S*\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """`origin`: the canonical source that the message was forwarded from."""

    text: str
    origin: str | None = None


def written(message: Message) -> Written:
    """The text or caption of a message, without a command at its beginning."""
    if message.text is not None:
        text = _unfolded(message.text, message.entities or ())
    else:
        text = _unfolded(message.caption or "", message.caption_entities or ())
    return Written(
        text=_COMMAND.sub("", text, count=1) if text.startswith("/") else text,
        origin=_origin(message),
    )


def _unfolded(text: str, entities: Sequence[MessageEntity]) -> str:
    """The text with each link and person in the place of the words before it; entities count in
    UTF-16."""
    units = text.encode("utf-16-le", "surrogatepass")
    for one in sorted(entities, key=lambda entity: -entity.offset):
        if (link := _behind(one)) is not None and one.offset >= 0 and one.length > 0:
            begin, end = 2 * one.offset, 2 * (one.offset + one.length)
            units = units[:begin] + f" {link} ".encode("utf-16-le") + units[end:]
    return units.decode("utf-16-le", "replace")


def _behind(entity: MessageEntity) -> str | None:
    if entity.type == "text_link":
        return entity.url
    if entity.type == "text_mention" and entity.user is not None:
        return f"tg://user?id={entity.user.id}"
    return None


def _origin(message: Message) -> str | None:
    match message.forward_origin:
        case MessageOriginChannel(chat=chat) | MessageOriginChat(sender_chat=chat):
            name = f"@{(chat.username or '').lower()}"
            return name if is_public_name(name) else str(chat.id)
    return None
