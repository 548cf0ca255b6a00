"""Groups: a command is answered in private, cards that are there already go on being edited, and
nothing new is written into a group."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import BaseMiddleware, Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramForbiddenError
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import Chat, Message, TelegramObject, Update, User

from bot.i18n import Texts
from bot.lanes import PERSON

log = structlog.get_logger(__name__)

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]

NEW = ("send", "copy", "forward")
"""How the methods begin that put something new into a chat."""

THERE = ("reply_parameters", "message_thread_id", "direct_messages_topic_id")
"""What such a method says about the chat that it was meant for."""


def is_group(chat: int) -> bool:
    """Whether the id is that of a group or channel; a person's is positive."""
    return chat < 0


def meant_for_us(update: Update, me: User) -> Update | None:
    """The update as it is handled; None for what people say to each other in a group.

    A command is handled as if it had been said in private, unless it names another bot. A reply to
    the bot stays where it is: a form may be open there.
    """
    message = update.message
    if message is None or message.chat.type == ChatType.PRIVATE or message.from_user is None:
        return update
    if _is_command(message.text or "", me):
        return update.model_copy(update={"message": _in_private(message, message.from_user)})
    original = message.reply_to_message
    author = None if original is None else original.from_user
    return update if author is not None and author.id == me.id else None


def is_moved(before: Update, now: Update) -> bool:
    """Whether an update is handled elsewhere than where it came from."""
    if before.message is None or now.message is None:
        return False
    return before.message.chat.id != now.message.chat.id


def _is_command(text: str, me: User) -> bool:
    if not text.startswith("/"):
        return False
    _, named, name = text.split(maxsplit=1)[0].partition("@")
    return not named or name.lower() == (me.username or "").lower()


def _in_private(message: Message, user: User) -> Message:
    chat = Chat(
        id=user.id,
        type=ChatType.PRIVATE,
        first_name=user.first_name,
        last_name=user.last_name,
        username=user.username,
    )
    there = {"sender_chat": None, "message_thread_id": None, "is_topic_message": None}
    return message.model_copy(update={"chat": chat, **there})


class TellsWhere(BaseMiddleware):
    """Says first that the answer to a group's command is given in private."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if data.get("moved"):
            texts: Texts = data["texts"]
            bot: Bot = data["bot"]
            await bot.send_message(data["event_from_user"].id, texts("group-here"))
        return await handler(event, data)


class PrivateOnly(BaseRequestMiddleware):
    """What would be new in a group goes to the person for whom it is done. Raises
    TelegramForbiddenError where it is nobody in particular.
    """

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        chat = getattr(method, "chat_id", None)
        if isinstance(chat, int) and is_group(chat) and method.__api_method__.startswith(NEW):
            person = PERSON.get()
            if person is None:
                raise TelegramForbiddenError(method, "nothing is written into groups")
            there = {name: None for name in THERE if name in type(method).model_fields}
            method = method.model_copy(update={"chat_id": person, **there})
        return await make_request(bot, method)
