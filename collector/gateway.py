"""The few Telegram verbs of one connected account: the only seam to Telethon."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.chat import Chat, Peer
from core.job import Family
from core.record import Record


class Pace(Protocol):
    """When the account may call. The connection asks before every request that it sends."""

    async def __call__(self, family: Family) -> None:
        """Wait until a call of the family may go out; raises FloodError if that is far."""
        ...

    async def flooded(self, family: str, seconds: float) -> None:
        """Telegram answered with a flood: told before the error is raised to the caller."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of history, newest first.

    `messages` are all that exist in it, service messages included; `empty` the ids that came as
    `MessageEmpty`; `total` Telegram's count of the whole chat (of what an offset date leaves, not).
    """

    messages: tuple[Record, ...]
    empty: tuple[int, ...]
    total: int

    def ids(self) -> tuple[int, ...]:
        """Every id that the page speaks of, `MessageEmpty` too."""
        return (*[message["id"] for message in self.messages], *self.empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class Myself:
    """Who the account is, as Telegram says."""

    telegram_id: int
    name: str
    username: str | None


class Gateway(Protocol):
    """Every verb is paced, ends within its timeout, and raises only `core.errors`."""

    async def connect(self) -> Myself:
        """Connect and prove the key; raises AccountLost, Retriable. Disconnect even after that."""
        ...

    async def disconnect(self) -> None:
        """Close the connection; never raises, returns within a few seconds."""
        ...

    async def watch(self) -> None:
        """Return never; raises AccountLost or Retriable when the connection died for good."""
        ...

    async def resolve(self, username: str) -> tuple[Peer, Chat]:
        """What `@name` is; raises SourceUnknown, SourceForbidden (`not_a_chat`: a user, a bot)."""
        ...

    async def describe(self, peer: Peer) -> Chat:
        """The chat in full: members, title, top id where Telegram tells it."""
        ...

    async def suggest(self, username: str) -> list[Chat]:
        """Public chats whose name is near to a mistyped one, best first, at most five."""
        ...

    async def page(
        self,
        peer: Peer,
        *,
        offset_id: int = 0,
        offset_date: datetime | None = None,
        limit: int = 100,
    ) -> Page:
        """Messages with ids below `offset_id` (0: from the newest), newest first."""
        ...

    def session(self) -> bytes:
        """What must be kept to connect again; plain, so encrypt it before it leaves the process."""
        ...
