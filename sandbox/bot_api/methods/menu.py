"""Methods about how the bot presents itself: commands, name, descriptions, menu button."""

from sandbox.bot_api.bot import BotState
from sandbox.bot_api.errors import bad_request
from sandbox.bot_api.params import Params, word
from sandbox.bot_api.posts import Json
from sandbox.bot_api.registry import method

TEXTS = {
    "Name": ("name", 64),
    "Description": ("description", 512),
    "ShortDescription": ("short_description", 120),
}


@method("setMyCommands")
def set_my_commands(bot: BotState, params: Params) -> bool:
    bot.commands.set(params)
    _menu_changed(bot)
    return True


@method("getMyCommands")
def get_my_commands(bot: BotState, params: Params) -> list[dict[str, str]]:
    return bot.commands.get(params)


@method("deleteMyCommands")
def delete_my_commands(bot: BotState, params: Params) -> bool:
    bot.commands.delete(params)
    _menu_changed(bot)
    return True


@method("setChatMenuButton")
def set_chat_menu_button(bot: BotState, params: Params) -> bool:
    button = params.mapping("menu_button", "menu button") or {"type": "default"}
    if word(button, "type") not in {"default", "commands", "web_app"}:
        raise bad_request("can't parse menu button: unsupported type specified")
    bot.menu_buttons[_chat_id(bot, params)] = button
    return True


@method("getChatMenuButton")
def get_chat_menu_button(bot: BotState, params: Params) -> Json:
    chosen = bot.menu_buttons.get(_chat_id(bot, params)) or bot.menu_buttons.get(0)
    return chosen or {"type": "commands"}


def _chat_id(bot: BotState, params: Params) -> int:
    return bot.chats.addressed(params).id if params.text("chat_id") else 0


def _menu_changed(bot: BotState) -> None:
    for chat in bot.chats:
        commands = bot.commands.shown_to(chat.id, chat.language)
        bot.feed.publish(chat.id, {"type": "commands", "commands": commands})


def _register_text(title: str, field: str, limit: int) -> None:
    @method(f"setMy{title}")
    def set_text(bot: BotState, params: Params) -> bool:
        value = params.text(field) or ""
        if len(value) > limit:
            raise bad_request(f"bot {field.replace('_', ' ')} is too long")
        bot.texts[field, params.text("language_code") or ""] = value
        return True

    @method(f"getMy{title}")
    def get_text(bot: BotState, params: Params) -> Json:
        default = str(bot.user["first_name"]) if field == "name" else ""
        general = bot.texts.get((field, "")) or default
        return {field: bot.texts.get((field, params.text("language_code") or "")) or general}


for _title, (_field, _limit) in TEXTS.items():
    _register_text(_title, _field, _limit)
