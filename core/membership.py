"""What an account is to a chat."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.chat import Chat, ChatKind, Peer


class MembershipState(StrEnum):
    """`seen`: it knows the chat's address. `pending`: it asked to join, and nobody agreed yet."""

    SEEN = "seen"
    PENDING = "pending"
    MEMBER = "member"
    LEFT = "left"
    KICKED = "kicked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """How an account addresses a chat, and whether it is in it.

    `chat` and `peer` are None while only an invite is known. `invite` is the canonical source that
    let it in; `for_task` the task that joined; `floor` the lowest id that Telegram shows it.
    """

    id: str
    account: int
    chat: int | None = None
    peer: Peer | None = None
    username: str | None = None
    state: MembershipState = MembershipState.SEEN
    invite: str | None = None
    for_task: str | None = None
    asked_at: datetime | None = None
    joined_at: datetime | None = None
    floor: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """What is behind an invite link. `entered`: the account is in it already."""

    title: str
    kind: ChatKind
    members: int | None = None
    approval: bool = False
    entered: tuple[Peer, Chat] | None = None


SLOTS_LAST = timedelta(hours=6)
"""How long a count holds: people join and leave by hand, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """How many channels and supergroups an account is in, and how many it may be in."""

    used: int
    limit: int
    counted_at: datetime | None = None

    def free(self) -> int:
        """How many more it may join."""
        return max(self.limit - self.used, 0)

    def holds(self, now: datetime) -> bool:
        """Whether the count is young enough to go by."""
        return self.counted_at is not None and now - self.counted_at < SLOTS_LAST
