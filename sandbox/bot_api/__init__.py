"""The Bot API side of the local Telegram: bots come in over HTTP, people over the chat page."""

from sandbox.bot_api.door import BotApiDoor

__all__ = ["BotApiDoor"]
