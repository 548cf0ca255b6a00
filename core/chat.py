"""Chats and how an account addresses them."""

from dataclasses import dataclass
from enum import StrEnum


class ChatKind(StrEnum):
    """Telegram's kinds of chats, as far as their message ids differ."""

    CHANNEL = "channel"
    SUPERGROUP = "supergroup"
    GROUP = "group"
    PRIVATE = "private"


SHARED_BOX = ""
"""The box of chats whose message ids are the same for every account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A chat as last seen. `id` is the marked id (`-100...` for channels and supergroups).

    `messages` is Telegram's own count, service messages included; `top_id` the newest id seen.
    """

    id: int
    kind: ChatKind
    title: str
    username: str | None = None
    members: int | None = None
    messages: int | None = None
    top_id: int | None = None

    def box(self, account: int) -> str:
        """The id space of this chat's messages as `account` sees it."""
        shared = self.kind in {ChatKind.CHANNEL, ChatKind.SUPERGROUP}
        return SHARED_BOX if shared else f"a{account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A chat as one account addresses it; access hashes differ between accounts."""

    chat: int
    kind: ChatKind
    access_hash: int
