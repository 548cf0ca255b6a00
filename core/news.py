"""What an account hears of its chats, as it happens."""

from dataclasses import dataclass

from core.message import Edit
from core.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A change. `chat` is None where Telegram does not tell it: in the account's own box.

    `pts` is the state that it left, moved by `count`: of the chat where ids are shared, else of the
    account's box; None where Telegram numbers nothing.
    """

    chat: int | None
    pts: int | None = None
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived(News):
    """A new message."""

    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised(News):
    """A message was edited."""

    edit: Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed(News):
    """Messages were deleted."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed(News):
    """Something happened, and what is not told: in one chat, or (None) anywhere.

    Being let in or put out is told so, too.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """A chat as Telegram shows it: the newest id, None if its message does not tell it, and the
    state where ids are shared."""

    id: int | None
    pts: int | None = None
