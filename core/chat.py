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
    A basic group that became a supergroup has its id in `migrated_to`, and that one the group's in
    `migrated_from`; `discussion` is the group with the comments on a channel's posts.
    """

    id: int
    kind: ChatKind
    title: str
    username: str | None = None
    members: int | None = None
    messages: int | None = None
    top_id: int | None = None
    migrated_to: int | None = None
    migrated_from: int | None = None
    discussion: int | None = None

    def source(self) -> str:
        """What names this chat in a task: `@username` in lower case, or its id."""
        return str(self.id) if self.username is None else f"@{self.username.lower()}"

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """What a chat is to others, as one account sees it.

    `floor`: the lowest id that Telegram shows the account. `discussion`: the group with the
    comments; `successor`: the supergroup that a basic group became; `predecessor`: the basic group
    that a supergroup was.
    """

    floor: int = 1
    discussion: tuple[Peer, Chat] | None = None
    successor: tuple[Peer, Chat] | None = None
    predecessor: tuple[Peer, Chat] | None = None
