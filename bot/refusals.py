"""What an error of the Bot API means, by its code and its words: one decision for each.

The table names what Telegram's Bot API server answers to the methods that the bot calls; new words
are decided by their code and their ending.
"""

import re
from enum import StrEnum

from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)


class Decision(StrEnum):
    """What to do."""

    FOLLOW = "follow"
    """The chat has another id."""
    NO_CHAT = "no_chat"
    """The bot may not write into this chat, until people change that."""
    NO_MESSAGE = "no_message"
    """The message is gone, or cannot be edited any more: a new one takes its place."""
    SAME = "same"
    """It is so already."""
    LATE = "late"
    """A press that is too old to be answered."""
    UNFIT = "unfit"
    """What was sent is wrong, and stays wrong."""
    WAIT = "wait"
    """A flood: after the seconds that it tells."""
    RETRY = "retry"
    """Nothing is decided: the same again, later."""
    NO_BOT = "no_bot"
    """Nobody knows the bot any more."""


D = Decision

TABLE: dict[str, Decision] = {
    "group chat was upgraded to a supergroup chat": D.FOLLOW,
    "chat not found": D.NO_CHAT,
    "user not found": D.NO_CHAT,
    "chat_id is empty": D.NO_CHAT,
    "group chat was deactivated": D.NO_CHAT,
    "not enough rights": D.NO_CHAT,
    "not enough rights to send text messages to the chat": D.NO_CHAT,
    "not enough rights to send documents to the chat": D.NO_CHAT,
    "have no rights to send a message": D.NO_CHAT,
    "have no write access to the chat": D.NO_CHAT,
    "need administrator rights in the channel chat": D.NO_CHAT,
    "message thread not found": D.NO_CHAT,
    "PEER_ID_INVALID": D.NO_CHAT,
    "CHANNEL_PRIVATE": D.NO_CHAT,
    "CHANNEL_INVALID": D.NO_CHAT,
    "CHAT_ID_INVALID": D.NO_CHAT,
    "CHAT_ADMIN_REQUIRED": D.NO_CHAT,
    "CHAT_WRITE_FORBIDDEN": D.NO_CHAT,
    "CHAT_SEND_PLAIN_FORBIDDEN": D.NO_CHAT,
    "CHAT_SEND_DOCS_FORBIDDEN": D.NO_CHAT,
    "CHAT_GUEST_SEND_FORBIDDEN": D.NO_CHAT,
    "CHAT_FORBIDDEN": D.NO_CHAT,
    "CHAT_RESTRICTED": D.NO_CHAT,
    "USER_BANNED_IN_CHANNEL": D.NO_CHAT,
    "USER_IS_BLOCKED": D.NO_CHAT,
    "USER_DEACTIVATED": D.NO_CHAT,
    "INPUT_USER_DEACTIVATED": D.NO_CHAT,
    "YOU_BLOCKED_USER": D.NO_CHAT,
    "PRIVACY_PREMIUM_REQUIRED": D.NO_CHAT,
    "ALLOW_PAYMENT_REQUIRED": D.NO_CHAT,
    "TOPIC_CLOSED": D.NO_CHAT,
    "TOPIC_DELETED": D.NO_CHAT,
    "message to edit not found": D.NO_MESSAGE,
    "message can't be edited": D.NO_MESSAGE,
    "message to be replied not found": D.NO_MESSAGE,
    "message to reply not found": D.NO_MESSAGE,
    "message to delete not found": D.NO_MESSAGE,
    "message can't be deleted": D.NO_MESSAGE,
    "message not found": D.NO_MESSAGE,
    "message identifier is not specified": D.NO_MESSAGE,
    "there is no text in the message to edit": D.NO_MESSAGE,
    "there is no caption in the message to edit": D.NO_MESSAGE,
    "MESSAGE_ID_INVALID": D.NO_MESSAGE,
    "MESSAGE_AUTHOR_REQUIRED": D.NO_MESSAGE,
    "MESSAGE_EDIT_TIME_EXPIRED": D.NO_MESSAGE,
    "MESSAGE_DELETE_FORBIDDEN": D.NO_MESSAGE,
    "REPLY_MESSAGE_ID_INVALID": D.NO_MESSAGE,
    "message is not modified": D.SAME,
    "MESSAGE_NOT_MODIFIED": D.SAME,
    "query is too old and response timeout expired or query ID is invalid": D.LATE,
    "QUERY_ID_INVALID": D.LATE,
    "message text is empty": D.UNFIT,
    "text must be non-empty": D.UNFIT,
    "message is too long": D.UNFIT,
    "message caption is too long": D.UNFIT,
    "text is too long": D.UNFIT,
    "reply markup is too long": D.UNFIT,
    "can't parse": D.UNFIT,
    "object expected": D.UNFIT,
    "expected an": D.UNFIT,
    "field": D.UNFIT,
    "keyboard button": D.UNFIT,
    "inline keyboard button": D.UNFIT,
    "failed to get HTTP URL content": D.UNFIT,
    "wrong file_id": D.UNFIT,
    "can't use file of type": D.UNFIT,
    "there is no": D.UNFIT,
    "BUTTON_COPY_TEXT_INVALID": D.UNFIT,
    "LANG_CODE_INVALID": D.UNFIT,
    "IMAGE_PROCESS_FAILED": D.UNFIT,
    "PHOTO_INVALID_DIMENSIONS": D.UNFIT,
    "inline keyboard expected": D.UNFIT,
    "wrong parameter action in request": D.UNFIT,
    "file must be non-empty": D.UNFIT,
    "file is too big": D.UNFIT,
    "wrong file identifier/HTTP URL specified": D.UNFIT,
    "strings must be encoded in UTF-8": D.UNFIT,
    "unsupported parse_mode": D.UNFIT,
    "command name must be non-empty": D.UNFIT,
    "command description must be non-empty": D.UNFIT,
    "invalid language code specified": D.UNFIT,
    "MESSAGE_EMPTY": D.UNFIT,
    "MESSAGE_TOO_LONG": D.UNFIT,
    "MEDIA_CAPTION_TOO_LONG": D.UNFIT,
    "ENTITIES_TOO_LONG": D.UNFIT,
    "ENTITY_BOUNDS_INVALID": D.UNFIT,
    "REPLY_MARKUP_INVALID": D.UNFIT,
    "REPLY_MARKUP_TOO_LONG": D.UNFIT,
    "BUTTON_DATA_INVALID": D.UNFIT,
    "BUTTON_TYPE_INVALID": D.UNFIT,
    "BUTTON_URL_INVALID": D.UNFIT,
    "BUTTON_TEXT_INVALID": D.UNFIT,
    "QUOTE_TEXT_INVALID": D.UNFIT,
    "BOT_COMMAND_INVALID": D.UNFIT,
    "BOT_COMMAND_DESCRIPTION_INVALID": D.UNFIT,
    "BOT_COMMANDS_TOO_MUCH": D.UNFIT,
    "FILE_PARTS_INVALID": D.UNFIT,
    "FILE_PART_MISSING": D.RETRY,
    "MEDIA_EMPTY": D.UNFIT,
    "MEDIA_INVALID": D.UNFIT,
}
"""Words of errors with the code 400, or how they begin."""

BY_ENDING = (
    (re.compile(r"_(FORBIDDEN|RESTRICTED|PRIVATE|DEACTIVATED|BLOCKED|REQUIRED)$"), D.NO_CHAT),
    (re.compile(r"^(MESSAGE|MSG|REPLY)_ID_INVALID$"), D.NO_MESSAGE),
    (re.compile(r"_(INVALID|EMPTY|TOO_LONG|TOO_MUCH|TOO_BIG)$"), D.UNFIT),
)
"""Of names that are not in the table."""

BY_KIND: tuple[tuple[type[TelegramAPIError], Decision], ...] = (
    (TelegramMigrateToChat, D.FOLLOW),
    (TelegramRetryAfter, D.WAIT),
    (TelegramForbiddenError, D.NO_CHAT),
    (TelegramUnauthorizedError, D.NO_BOT),
    (TelegramNotFound, D.NO_BOT),
    (TelegramConflictError, D.RETRY),
    (TelegramEntityTooLarge, D.UNFIT),
    (TelegramServerError, D.RETRY),
    (TelegramNetworkError, D.RETRY),
)

PREFIX = "bad request: "


def decide(error: TelegramAPIError | ClientDecodeError) -> Decision:
    """What to do about an error. One that nobody knows is about what was sent."""
    if isinstance(error, ClientDecodeError):
        return D.RETRY
    for kind, decision in BY_KIND:
        if isinstance(error, kind):
            return decision
    words = _words(error.message)
    for known, decision in _LONGEST_FIRST:
        if words.lower().startswith(known):
            return decision
    for ending, decision in BY_ENDING:
        if ending.search(words):
            return decision
    return D.UNFIT if isinstance(error, TelegramBadRequest) else D.RETRY


def _words(message: str) -> str:
    """Without the prefix; a name of Telegram's alone where it is one."""
    at = message.lower().find(PREFIX)
    return (message if at < 0 else message[at + len(PREFIX) :]).strip()


_LONGEST_FIRST = sorted(
    ((known.lower(), decision) for known, decision in TABLE.items()),
    key=lambda pair: -len(pair[0]),
)
