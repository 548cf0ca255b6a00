"""Telethon's errors in the crew's words: one table, by class name.

Bases say nothing about who is at fault: `AuthKeyError` is the base of every unknown 406,
`PeerFloodError` is a bad request, and `FrozenMethodInvalidError` a flood without seconds.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from telethon.errors import (
    AuthKeyNotFound,
    BadMessageError,
    InvalidChecksumError,
    RPCError,
    SecurityError,
    TypeNotFoundError,
)

from collector.telegram.verdicts import (
    DOUBTED,
    FLOOD,
    FORBIDDEN,
    NETWORK,
    NOT_FOUND,
    OURS,
    SERVER,
    TIMEOUT,
    Verdict,
    by_name,
    decided_classes,
    name_of,
    wait_of,
)
from core.errors import AccountLost, CrewError, FloodError, NotUnderstood
from core.job import Family

UNTOLD_WAIT = 60.0
"""Seconds to rest after a flood that does not say how long it lasts."""


_OWN: dict[str, Verdict] = {
    "ServerError": SERVER,
    "TimedOutError": SERVER,
    "InvalidBufferError": NETWORK,
    "InvalidChecksumError": NETWORK,
    "SecurityError": NETWORK,
    "BadMessageError": NETWORK,
    "IncompleteReadError": NETWORK,
    "TimeoutError": TIMEOUT,
    "FloodError": FLOOD,
    "AuthKeyNotFound": NOT_FOUND,
    "UnauthorizedError": DOUBTED,
    "TypeNotFoundError": Verdict(NotUnderstood, "not_understood"),
}
"""Errors that Telegram gives no name, by class."""

TABLE: dict[str, Verdict] = {**decided_classes(), **_OWN}
"""What each class means that is decided. Any other is judged by its code and its ending."""

SPEAKING = frozenset({Family.BOT, Family.CONNECT})
"""Families in which an account says something, or signs in: elsewhere one chat keeps it out."""

OF_ONE_CHAT: dict[str, Verdict] = {"UserBannedInChannelError": FORBIDDEN}
"""What classes mean when an account only enters or reads."""

FOREIGN = (
    RPCError,
    AuthKeyNotFound,
    BadMessageError,
    InvalidChecksumError,
    SecurityError,
    TypeNotFoundError,
    OSError,
    EOFError,
    BufferError,
    ValueError,
)
"""What Telethon and the network may raise; `asyncio.IncompleteReadError` is an EOFError."""


def to_crew_error(error: Exception, family: Family) -> CrewError:
    """What an error of Telethon or of the network means for a call of `family`."""
    if isinstance(error, CrewError):
        return error
    if isinstance(error.__cause__, CrewError):
        return error.__cause__
    name = type(error).__name__
    told = None if family in SPEAKING else OF_ONE_CHAT.get(name)
    verdict = told or TABLE.get(name) or _by_code(error)
    if verdict.kind is FloodError:
        return FloodError(_seconds(error), family)
    return verdict.error(_told(error))


def ends_account(error: Exception) -> bool:
    """Whether Telegram says in a word that is known that the account's key is good no more."""
    return isinstance(to_crew_error(error, Family.CONNECT), AccountLost)


@contextmanager
def map_telethon_errors(family: Family) -> Iterator[None]:
    """Let nothing out but `core.errors`; a bug of ours passes as it is."""
    try:
        yield
    except CrewError:
        raise
    except FOREIGN as error:
        raise to_crew_error(error, family) from error


def _by_code(error: Exception) -> Verdict:
    if isinstance(error, RPCError):
        code = getattr(error, "code", None) or getattr(type(error), "code", None) or 0
        return by_name(name_of(error), code) or OURS
    if isinstance(error, OSError):
        return NETWORK
    if isinstance(error, ValueError):
        return SERVER if "unsuccessful" in str(error) else OURS
    return OURS


def _seconds(error: Any) -> float:
    seconds = getattr(error, "seconds", None)
    seconds = wait_of(error) if seconds is None else seconds
    return UNTOLD_WAIT if seconds is None else max(1.0, float(math.ceil(seconds)))


def _told(error: Exception) -> str:
    if isinstance(error, RPCError):
        return f"{type(error).__name__}: {error.message or name_of(error)}"
    return type(error).__name__
