"""The command menu of a bot: by scope and language, found as Telegram's apps find it."""

import re
from typing import Any

from sandbox.bot_api.errors import bad_request
from sandbox.bot_api.params import Params, word

Command = dict[str, str]
PLAIN_SCOPES = {
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
}
CHAT_SCOPES = {"chat", "chat_administrators", "chat_member"}
MAX_COMMANDS = 100
MAX_DESCRIPTION = 256


class Commands:
    def __init__(self) -> None:
        self.lists: dict[tuple[str, str], list[Command]] = {}

    def set(self, params: Params) -> None:
        items = params.sequence("commands", "BotCommand") or []
        if len(items) > MAX_COMMANDS:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        self.lists[_key(params)] = [_command(item) for item in items]

    def get(self, params: Params) -> list[Command]:
        return self.lists.get(_key(params), [])

    def delete(self, params: Params) -> None:
        self.lists.pop(_key(params), None)

    def shown_to(self, person_id: int, language: str) -> list[Command]:
        """The first list that exists, from the narrowest scope to the widest."""
        for scope in (f"chat:{person_id}", "all_private_chats", "default"):
            for code in (language[:2], ""):
                if found := self.lists.get((scope, code)):
                    return found
        return []


def _key(params: Params) -> tuple[str, str]:
    scope = params.mapping("scope", "bot command scope") or {"type": "default"}
    kind = word(scope, "type")
    language = params.text("language_code") or ""
    if language and not re.fullmatch("[a-z]{2}", language):
        raise bad_request("LANG_CODE_INVALID")
    if kind in PLAIN_SCOPES:
        return kind, language
    if kind in CHAT_SCOPES:
        return f"{kind}:{scope.get('chat_id')}", language
    raise bad_request("can't parse BotCommandScope: unsupported type specified")


def _command(item: Any) -> Command:
    if not isinstance(item, dict):
        raise bad_request("expected an Object of type BotCommand")
    name = str(item.get("command", "")).removeprefix("/")
    description = str(item.get("description", "")).strip()
    if not re.fullmatch("[a-z0-9_]{1,32}", name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= MAX_DESCRIPTION:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}
