"""The few Telegram verbs of one connected account: the only seam to Telethon."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.answers import BotMessage
from core.chat import Chat, Kin, Peer
from core.job import Family
from core.media import Attached, FilePlace
from core.membership import Invite, Slots
from core.news import News, Top
from core.record import Record
from core.undecoded import Undecoded


class Pace(Protocol):
    """When the account may call. The connection asks before every request that it sends."""

    async def __call__(self, family: Family) -> None:
        """Wait until a call of the family may go out; raises FloodError if that is far."""
        ...

    async def flooded(self, family: str, seconds: float) -> None:
        """Telegram answered with a flood: told before the error is raised to the caller."""
        ...


class Witness(Protocol):
    """Is told what Telegram says that the time is."""

    def elapsed(self) -> float:
        """Seconds of a clock that nobody sets."""
        ...

    def telegram(self, unix: float, *, sent: float, received: float) -> None:
        """The time in an answer; `sent` and `received` by `elapsed`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of history, newest first.

    `messages` are all that exist in it, service messages included; `empty` the ids that came as
    `MessageEmpty`; `total` Telegram's count of the whole chat (of what an offset date leaves, not);
    `undecoded` are there, too, and could not be read; `pts` the state of the chat that it shows,
    where a chat has one.
    """

    messages: tuple[Record, ...]
    empty: tuple[int, ...]
    total: int
    undecoded: tuple[Undecoded, ...] = ()
    pts: int | None = None

    def ids(self) -> tuple[int, ...]:
        """Every id that the page speaks of, `MessageEmpty` too."""
        return (*self.there(), *self.empty)

    def there(self) -> tuple[int, ...]:
        """The ids of messages that exist, understood or not."""
        return (
            *[message["id"] for message in self.messages],
            *[message.id for message in self.undecoded],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Myself:
    """Who the account is, as Telegram says."""

    telegram_id: int
    name: str
    username: str | None


class Finding(Protocol):
    """Finding chats. Only search bots are ever written to."""

    async def search_chats(self, words: str) -> list[tuple[Peer | None, Chat]]:
        """Public chats and own ones whose name fits the words, as Telegram orders them."""
        ...

    async def find_bot(self, name: str) -> Peer:
        """The address of `@name`, a bot; raises SourceUnknown."""
        ...

    def conversation(self, bot: Peer) -> AbstractAsyncContextManager[None]:
        """One search at a time: a bot's dialog does not say which words an answer is for."""
        ...

    async def say(self, bot: Peer, text: str) -> int:
        """Write to a bot; the id of the message."""
        ...

    async def press(self, bot: Peer, message: int, data: bytes) -> None:
        """Press an inline button of a bot's message."""
        ...

    async def heard(self, bot: Peer, after: int) -> list[BotMessage]:
        """What the bot wrote after a message of ours, oldest first, as it reads now."""
        ...


class Joining(Protocol):
    """Entering and leaving chats; JoinPending where an administrator has to agree first."""

    async def inside(self, peer: Peer) -> bool:
        """Whether the account is in the chat now."""
        ...

    async def join(self, peer: Peer) -> Chat:
        """Enter a public chat; raises AccountFull, SourceForbidden, JoinPending."""
        ...

    async def check_invite(self, source: str) -> Invite:
        """What is behind `+HASH`, without entering; raises SourceUnknown."""
        ...

    async def accept_invite(self, source: str) -> tuple[Peer, Chat]:
        """Enter by `+HASH`; raises SourceUnknown, AccountFull, SourceForbidden, JoinPending."""
        ...

    async def leave(self, peer: Peer) -> None:
        """Leave a chat; to have left before is fine."""
        ...

    async def slots(self) -> Slots:
        """How many channels and supergroups the account is in, and how many it may be in."""
        ...


class Live(Protocol):
    """What happens in chats: told as it happens, and asked for many chats at once."""

    async def listen(self, hear: Callable[[News], None], wanted: Callable[[int], bool]) -> int:
        """Be told of every change from now on, of chats that are `wanted`; `hear` returns at once.

        Returns the state of the account's own box. `Missed` with no chat comes after each time that
        the connection broke and came back.
        """
        ...

    async def tops(self, peers: Sequence[Peer]) -> tuple[dict[int, Top], int | None]:
        """How these chats are now, and the state of the account's own box; those that this account
        cannot see are left out."""
        ...

    async def exist(self, peer: Peer, ids: Sequence[int]) -> Page:
        """Messages by their ids, at most a hundred; those that are gone are `empty`."""
        ...


class Files(Protocol):
    """Files of messages, in parts."""

    async def attached(self, peer: Peer, ids: Sequence[int]) -> list[Attached]:
        """What these messages, at most a hundred, have as files, with references that are good
        from now on; those that are gone are told as `gone`."""
        ...

    async def part(self, place: FilePlace, offset: int) -> bytes:
        """The part of a file at `offset`, a multiple of `core.media.PART`; shorter at its end.

        Raises StaleReference, FileGone.
        """
        ...


class Gateway(Finding, Joining, Live, Files, Protocol):
    """Every verb is paced, ends within its timeout, and raises only `core.errors`."""

    @property
    def data_centre(self) -> int:
        """The number of the data centre that the account is connected to."""
        ...

    def silent_for(self) -> float:
        """Seconds since anything came from Telegram."""
        ...

    @property
    def decoder(self) -> str:
        """The version that reads what Telegram answers."""
        ...

    async def connect(self) -> Myself:
        """Connect and prove the key; raises AccountLost, Retriable, WorkerUnfit. Disconnect even
        after that."""
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
        topic: int | None = None,
    ) -> Page:
        """Messages with ids below `offset_id` (0: from the newest), newest first.

        `topic`: only of this topic of a forum; raises SourceForbidden (`topic_unknown`).
        """
        ...

    async def kin(self, peer: Peer) -> Kin:
        """From which id on the account may read a chat, and the chats that belong to it."""
        ...

    def session(self) -> bytes:
        """What must be kept to connect again; plain, so encrypt it before it leaves the process."""
        ...
