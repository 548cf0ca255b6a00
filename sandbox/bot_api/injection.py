"""Updates from nowhere: what a test wants a bot to receive, sensible or not."""

from typing import Any

from sandbox.bot_api.bot import BotState
from sandbox.people import Person


def inject(bot: BotState, update: dict[str, Any], *, unasked: bool = False) -> int | None:
    """Queues the update under the next update id; None if the bot does not want its kind,
    which does not matter for an `unasked` one.

    Who writes privately becomes a person that the bot may answer; the id of a callback query
    becomes one that the bot can answer once.
    """
    for content in update.values():
        if isinstance(content, dict):
            _admit(bot, content)
    query = update.get("callback_query")
    if isinstance(query, dict) and isinstance(query.get("id"), str):
        sender = query.get("from")
        person_id = sender.get("id") if isinstance(sender, dict) else 0
        bot.queries.open(person_id, None, str(query.get("data", "")), key=query["id"])
    return bot.updates.put(update, unasked=unasked)


def _admit(bot: BotState, content: dict[str, Any]) -> None:
    sender, chat = content.get("from"), content.get("chat")
    if not isinstance(sender, dict) or not isinstance(sender.get("id"), int):
        return
    if isinstance(chat, dict) and chat.get("id") == sender["id"]:
        person = Person(
            id=sender["id"],
            first_name=str(sender.get("first_name", "")),
            username=str(sender.get("username", "")),
            language_code=str(sender.get("language_code", "en")),
        )
        bot.chats.admit(person).started = True
