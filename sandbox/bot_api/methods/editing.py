"""Methods that change or remove what was sent before."""

from sandbox.bot_api.bot import BotState
from sandbox.bot_api.chats import AnyChat
from sandbox.bot_api.errors import bad_request
from sandbox.bot_api.formatting import caption_text, message_text
from sandbox.bot_api.keyboards import inline_only, read_markup
from sandbox.bot_api.params import Params
from sandbox.bot_api.posts import Json, Post
from sandbox.bot_api.registry import method

MAX_DELETED = 100


@method("editMessageText")
def edit_message_text(bot: BotState, params: Params) -> Json:
    chat, post = _own(bot, params)
    text = message_text(params, too_long="MESSAGE_TOO_LONG")
    if post.file is not None:
        raise bad_request("there is no text in the message to edit")
    return bot.change(chat, post, text, inline_only(read_markup(params)))


@method("editMessageCaption")
def edit_message_caption(bot: BotState, params: Params) -> Json:
    chat, post = _own(bot, params)
    if post.file is None:
        raise bad_request("there is no caption in the message to edit")
    return bot.change(chat, post, caption_text(params), inline_only(read_markup(params)))


@method("editMessageReplyMarkup")
def edit_message_reply_markup(bot: BotState, params: Params) -> Json:
    chat, post = _own(bot, params)
    return bot.change(chat, post, None, inline_only(read_markup(params)))


@method("deleteMessage")
def delete_message(bot: BotState, params: Params) -> bool:
    chat = bot.chats.addressed(params)
    post = chat.post(_message_id(params))
    if post is None:
        raise bad_request("message to delete not found")
    _delete(bot, chat, [post])
    return True


@method("deleteMessages")
def delete_messages(bot: BotState, params: Params) -> bool:
    chat = bot.chats.addressed(params)
    ids = params.sequence("message_ids", "message identifiers") or []
    if not 1 <= len(ids) <= MAX_DELETED:
        raise bad_request("message identifiers are not specified")
    found = [chat.post(each) for each in ids if isinstance(each, int)]
    _delete(bot, chat, [post for post in found if post is not None])
    return True


@method("pinChatMessage")
def pin_chat_message(bot: BotState, params: Params) -> bool:
    chat = bot.chats.writable(params)
    post = chat.post(_message_id(params))
    if post is None:
        raise bad_request("message to pin not found")
    _pin(bot, chat, post.id)
    return True


@method("unpinChatMessage")
def unpin_chat_message(bot: BotState, params: Params) -> bool:
    chat = bot.chats.addressed(params)
    named = params.integer("message_id")
    if chat.pinned is None or (named and named != chat.pinned):
        raise bad_request("message to unpin not found")
    _pin(bot, chat, None)
    return True


@method("unpinAllChatMessages")
def unpin_all_chat_messages(bot: BotState, params: Params) -> bool:
    _pin(bot, bot.chats.addressed(params), None)
    return True


def _own(bot: BotState, params: Params) -> tuple[AnyChat, Post]:
    """The message of a call that edits: it must be there, and the bot's own."""
    chat = bot.chats.writable(params)
    post = chat.post(_message_id(params))
    if post is None:
        raise bad_request("message to edit not found")
    if not post.by_bot:
        raise bad_request("message can't be edited")
    return chat, post


def _message_id(params: Params) -> int:
    message_id = params.integer("message_id")
    if message_id <= 0:
        raise bad_request("message identifier is not specified")
    return message_id


def _delete(bot: BotState, chat: AnyChat, posts: list[Post]) -> None:
    for post in posts:
        post.deleted = True
        if chat.pinned == post.id:
            _pin(bot, chat, None)
    bot.feed.publish(chat.id, {"type": "delete", "message_ids": [post.id for post in posts]})


def _pin(bot: BotState, chat: AnyChat, message_id: int | None) -> None:
    chat.pinned = message_id
    bot.feed.publish(chat.id, {"type": "pin", "message_id": message_id})
