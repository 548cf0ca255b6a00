"""Requests whose answers say what matters before the people and chats that they describe."""

from types import SimpleNamespace
from typing import Any

import structlog
from telethon.tl import functions

from collector.telegram.skim.request import ReadsItself
from collector.telegram.torn import Torn
from core.errors import NotUnderstood

log = structlog.get_logger(__name__)

_BEHIND = ("chats", "users")


class Describes(ReadsItself):
    """Of chats or people that cannot be read only those before are told; raises NotUnderstood when
    what is before them cannot be read."""

    def read_result(self, reader: Any) -> Any:
        """Telethon's object, or one with the fields that could be read."""
        found = super().read_result(reader)
        if not isinstance(found, Torn):
            return found
        if found.stopped not in _BEHIND:
            raise NotUnderstood(f"{found.cls.__name__} stops at {found.stopped}: {found.why}")
        log.warning("answer.torn", at=found.stopped, why=found.why)
        return SimpleNamespace(**{"chats": [], "users": [], **found.fields})


class ResolveRequest(Describes, functions.contacts.ResolveUsernameRequest):  # type: ignore[misc]
    """What a name is."""


class SearchRequest(Describes, functions.contacts.SearchRequest):  # type: ignore[misc]
    """Chats whose names fit some words."""


class ChannelsRequest(Describes, functions.channels.GetChannelsRequest):  # type: ignore[misc]
    """Channels and supergroups by their addresses."""


class ChatsRequest(Describes, functions.messages.GetChatsRequest):  # type: ignore[misc]
    """Basic groups by their ids."""


class FullGroupRequest(Describes, functions.messages.GetFullChatRequest):  # type: ignore[misc]
    """A basic group in full."""


class DescribedChannelRequest(Describes, functions.channels.GetFullChannelRequest):  # type: ignore[misc]
    """A channel or supergroup in full, of which all is wanted."""
