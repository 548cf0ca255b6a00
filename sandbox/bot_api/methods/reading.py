"""Methods that look something up."""

from sandbox.bot_api.bot import BotState
from sandbox.bot_api.params import Params
from sandbox.bot_api.posts import Json
from sandbox.bot_api.registry import method

GIFTS = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)


@method("getMe")
def get_me(bot: BotState, params: Params) -> Json:  # noqa: ARG001
    return bot.me()


@method("getChat")
def get_chat(bot: BotState, params: Params) -> Json:
    chat = bot.chats.addressed(params)
    full = {
        **chat.as_json(),
        "accent_color_id": chat.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }
    pinned = chat.post(chat.pinned) if chat.pinned else None
    if pinned is not None:
        full["pinned_message"] = bot.chats.as_message(chat, pinned, nested=False)
    return full


@method("getFile")
def get_file(bot: BotState, params: Params) -> Json:
    return bot.files.downloadable(params.text("file_id") or "")


@method("getUserProfilePhotos")
def get_user_profile_photos(bot: BotState, params: Params) -> Json:  # noqa: ARG001
    return {"total_count": 0, "photos": []}
