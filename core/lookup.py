"""Looking a source up before a task is made: the bot asks, a worker answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.chat import Chat
from core.membership import Invite


class LookupState(StrEnum):
    """`asked` -> `taken` by a worker -> `answered`."""

    ASKED = "asked"
    TAKEN = "taken"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a source turned out to be: a chat, or a problem (a reason key) with what is near.

    `invite`: what is behind an invite link that let no account in yet.
    """

    source: str
    chat: Chat | None = None
    problem: str | None = None
    suggestions: tuple[Chat, ...] = ()
    invite: Invite | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A question and, once answered, one `Found` a source in the order asked. `asked_at` and `age`,
    in seconds when it was read, are by MongoDB's clock alone.
    """

    id: str
    sources: tuple[str, ...]
    account: int | None
    state: LookupState
    asked_at: datetime
    age: float = 0.0
    found: tuple[Found, ...] = ()
