"""What bots can call. Importing this package fills the registry."""

from sandbox.bot_api.methods import editing, menu, polling, reading, sending

__all__ = ["editing", "menu", "polling", "reading", "sending"]
