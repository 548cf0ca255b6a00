"""Methods that put something new before a person."""

from sandbox.bot_api.bot import BotState
from sandbox.bot_api.errors import bad_request
from sandbox.bot_api.formatting import caption_text, message_text
from sandbox.bot_api.params import Params
from sandbox.bot_api.posts import Json
from sandbox.bot_api.registry import method

ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
MAX_ANSWER = 200


@method("sendMessage")
def send_message(bot: BotState, params: Params) -> Json:
    chat = bot.chats.writable(params)
    return bot.reply(chat, params, text=message_text(params))


@method("sendDocument")
def send_document(bot: BotState, params: Params) -> Json:
    chat = bot.chats.writable(params)
    text = caption_text(params)
    return bot.reply(chat, params, text=text, file=bot.files.document(params))


@method("sendPhoto")
def send_photo(bot: BotState, params: Params) -> Json:
    chat = bot.chats.writable(params)
    text = caption_text(params)
    return bot.reply(chat, params, text=text, file=bot.files.photo(params))


@method("sendChatAction")
def send_chat_action(bot: BotState, params: Params) -> bool:
    chat = bot.chats.writable(params)
    action = params.text("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    bot.feed.publish(chat.id, {"type": "action", "action": action, "seconds": 5})
    return True


@method("answerCallbackQuery")
def answer_callback_query(bot: BotState, params: Params) -> bool:
    text = params.text("text") or ""
    if len(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    key = params.text("callback_query_id") or ""
    query = bot.queries.answer(key, expires_after=bot.limits.callback_seconds)
    query.text, query.alert = text, params.flag("show_alert")
    query.url = params.text("url") or ""
    event = {
        "type": "answer",
        "query_id": query.id,
        "message_id": query.message_id,
        "text": query.text,
        "alert": query.alert,
        "url": query.url,
    }
    bot.feed.publish(query.person_id, event)
    return True
