"""Telethon's errors in the crew's words: one table, by class name.

Bases say nothing about who is at fault: `AuthKeyError` is the base of every unknown 406,
`PeerFloodError` is a bad request, and `FrozenMethodInvalidError` a flood without seconds.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from telethon.errors import (
    AuthKeyNotFound,
    BadMessageError,
    InvalidChecksumError,
    RPCError,
    SecurityError,
    TypeNotFoundError,
)

from core.errors import (
    AccountFull,
    AccountLimited,
    AccountLost,
    ApplicationRejected,
    CrewError,
    FileGone,
    FloodError,
    JoinPending,
    Retriable,
    SourceForbidden,
    SourceUnknown,
    StaleReference,
    Unexpected,
)
from core.job import Family

UNTOLD_WAIT = 60.0
"""Seconds to rest after a flood that does not say how long it lasts."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who is at fault, and the reason key to show."""

    kind: type[CrewError]
    reason: str
    banned: bool = False

    def error(self, text: str) -> CrewError:
        """The error to raise; `text` is Telegram's own code."""
        if self.kind is AccountLost:
            return AccountLost(text, reason=self.reason, banned=self.banned)
        return self.kind(text, reason=self.reason)


_SERVER = Verdict(Retriable, "server")
_NETWORK = Verdict(Retriable, "network")
_TIMEOUT = Verdict(Retriable, "timeout")
_FLOOD = Verdict(FloodError, "flood")
_REVOKED = Verdict(AccountLost, "session_revoked")
_KEY_DEAD = Verdict(AccountLost, "key_invalid")
_BANNED = Verdict(AccountLost, "banned", banned=True)
_FROZEN = Verdict(AccountLimited, "account_frozen")
_LIMITED = Verdict(AccountLimited, "account_limited")
_FORBIDDEN = Verdict(SourceForbidden, "source_forbidden")
_UNKNOWN = Verdict(SourceUnknown, "source_unknown")
_INVITE = Verdict(SourceUnknown, "invite_invalid")
_APPLICATION = Verdict(ApplicationRejected, "api_id_rejected")
_STALE = Verdict(StaleReference, "file_reference")
_GONE = Verdict(FileGone, "file_gone")
_OURS = Verdict(Unexpected, "unexpected")

TABLE: dict[str, Verdict] = {
    "ServerError": _SERVER,
    "RpcCallFailError": _SERVER,
    "RpcMcgetFailError": _SERVER,
    "InterdcCallErrorError": _SERVER,
    "InterdcCallRichErrorError": _SERVER,
    "WorkerBusyTooLongRetryError": _SERVER,
    "HistoryGetFailedError": _SERVER,
    "PersistentTimestampOutdatedError": _SERVER,
    "TimedOutError": _SERVER,
    "MsgWaitFailedError": _SERVER,
    "InvalidBufferError": _NETWORK,
    "InvalidChecksumError": _NETWORK,
    "SecurityError": _NETWORK,
    "BadMessageError": _NETWORK,
    "IncompleteReadError": _NETWORK,
    "TimeoutError": _TIMEOUT,
    "FloodWaitError": _FLOOD,
    "FloodPremiumWaitError": _FLOOD,
    "FloodTestPhoneWaitError": _FLOOD,
    "SlowModeWaitError": _FLOOD,
    "TakeoutInitDelayError": _FLOOD,
    "FloodError": _FLOOD,
    "AuthKeyUnregisteredError": _REVOKED,
    "AuthKeyInvalidError": _KEY_DEAD,
    "AuthKeyPermEmptyError": _KEY_DEAD,
    "AuthKeyDuplicatedError": Verdict(AccountLost, "key_duplicated"),
    "AuthKeyNotFound": _KEY_DEAD,
    "SessionRevokedError": _REVOKED,
    "SessionExpiredError": _REVOKED,
    "UserDeactivatedError": _BANNED,
    "UserDeactivatedBanError": _BANNED,
    "FrozenMethodInvalidError": _FROZEN,
    "FrozenParticipantMissingError": _FROZEN,
    "PeerFloodError": _LIMITED,
    "ChannelsTooMuchError": Verdict(AccountFull, "too_many_chats"),
    "UserChannelsTooMuchError": Verdict(AccountFull, "too_many_chats"),
    "BotResponseTimeoutError": Verdict(Retriable, "bot_silent"),
    "UsersTooMuchError": Verdict(SourceForbidden, "chat_full"),
    "UserRestrictedError": _LIMITED,
    "UserBannedInChannelError": _LIMITED,
    "ChannelPrivateError": _FORBIDDEN,
    "ChannelInvalidError": Verdict(SourceForbidden, "peer_invalid"),
    "PeerIdInvalidError": Verdict(SourceForbidden, "peer_invalid"),
    "ChatIdInvalidError": Verdict(SourceForbidden, "peer_invalid"),
    "ChatForbiddenError": _FORBIDDEN,
    "ChatAdminRequiredError": _FORBIDDEN,
    "UserKickedError": _FORBIDDEN,
    "UserNotParticipantError": _FORBIDDEN,
    "InviteRequestSentError": Verdict(JoinPending, "join_pending"),
    "UsernameInvalidError": _UNKNOWN,
    "UsernameNotOccupiedError": _UNKNOWN,
    "InviteHashEmptyError": _INVITE,
    "InviteHashInvalidError": _INVITE,
    "InviteHashExpiredError": Verdict(SourceUnknown, "invite_expired"),
    "FileReferenceExpiredError": _STALE,
    "FileReferenceInvalidError": _STALE,
    "FileReferenceEmptyError": _STALE,
    "FilerefUpgradeNeededError": _STALE,
    "FileIdInvalidError": _GONE,
    "LocationInvalidError": _GONE,
    "ApiIdInvalidError": _APPLICATION,
    "ApiIdPublishedFloodError": _APPLICATION,
    "ConnectionApiIdInvalidError": _APPLICATION,
    "TypeNotFoundError": _OURS,
    "ConnectionLayerInvalidError": _OURS,
}
"""What each class means. What is not here is judged by `_by_code`."""

SPEAKING = frozenset({Family.BOT, Family.CONNECT})
"""Families in which an account says something, or signs in: elsewhere one chat keeps it out."""

OF_ONE_CHAT: dict[str, Verdict] = {"UserBannedInChannelError": _FORBIDDEN}
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
    if isinstance(error, OSError):
        return _NETWORK
    if isinstance(error, ValueError):
        return _SERVER if "unsuccessful" in str(error) else _OURS
    code = abs(getattr(error, "code", None) or getattr(type(error), "code", None) or 0)
    if code == 401 and type(error).__name__ != "SessionPasswordNeededError":
        return _REVOKED
    return _SERVER if code >= 500 else _OURS


def _seconds(error: Any) -> float:
    seconds = getattr(error, "seconds", None)
    return UNTOLD_WAIT if seconds is None else max(1.0, float(math.ceil(seconds)))


def _told(error: Exception) -> str:
    if isinstance(error, RPCError):
        return f"{type(error).__name__}: {error.message}"
    return type(error).__name__
