"""Who is at fault when Telegram refuses a call, by the names of its errors."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from telethon.errors.rpcerrorlist import rpc_errors_dict, rpc_errors_re

from core.errors import (
    AccountFull,
    AccountLimited,
    AccountLost,
    ApplicationRejected,
    CrewError,
    FileGone,
    FileUnavailable,
    FloodError,
    JoinPending,
    KeyDoubted,
    Retriable,
    SourceForbidden,
    SourceUnknown,
    StaleReference,
    Unexpected,
)


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


SERVER = Verdict(Retriable, "server")
NETWORK = Verdict(Retriable, "network")
TIMEOUT = Verdict(Retriable, "timeout")
FLOOD = Verdict(FloodError, "flood")
REVOKED = Verdict(AccountLost, "session_revoked")
KEY_DEAD = Verdict(AccountLost, "key_invalid")
BANNED = Verdict(AccountLost, "banned", banned=True)
NOT_FOUND = Verdict(KeyDoubted, "key_unknown")
DOUBTED = Verdict(KeyDoubted, "key_refused")
FROZEN = Verdict(AccountLimited, "account_frozen")
LIMITED = Verdict(AccountLimited, "account_limited")
FULL = Verdict(AccountFull, "too_many_chats")
FORBIDDEN = Verdict(SourceForbidden, "source_forbidden")
ADDRESS = Verdict(SourceForbidden, "peer_invalid")
UNKNOWN = Verdict(SourceUnknown, "source_unknown")
INVITE = Verdict(SourceUnknown, "invite_invalid")
APPLICATION = Verdict(ApplicationRejected, "api_id_rejected")
STALE = Verdict(StaleReference, "file_reference")
GONE = Verdict(FileGone, "file_gone")
REFUSED = Verdict(Unexpected, "request_refused")
OURS = Verdict(Unexpected, "unexpected")

DECIDED: Mapping[Verdict, str] = {
    REVOKED: "AUTH_KEY_UNREGISTERED SESSION_REVOKED SESSION_EXPIRED",
    KEY_DEAD: "AUTH_KEY_INVALID AUTH_KEY_PERM_EMPTY",
    Verdict(AccountLost, "key_duplicated"): "AUTH_KEY_DUPLICATED",
    Verdict(AccountLost, "never_signed_in"): "SESSION_PASSWORD_NEEDED ACTIVE_USER_REQUIRED",
    BANNED: "USER_DEACTIVATED USER_DEACTIVATED_BAN",
    FROZEN: "FROZEN_METHOD_INVALID FROZEN_PARTICIPANT_MISSING",
    LIMITED: "PEER_FLOOD USER_RESTRICTED USER_BANNED_IN_CHANNEL",
    FULL: "CHANNELS_TOO_MUCH USER_CHANNELS_TOO_MUCH",
    FORBIDDEN: "CHANNEL_PRIVATE CHANNEL_PUBLIC_GROUP_NA CHANNEL_MONOFORUM_UNSUPPORTED "
    "CHAT_FORBIDDEN CHAT_ADMIN_REQUIRED CHAT_RESTRICTED CHAT_WRITE_FORBIDDEN "
    "CHAT_SEND_PLAIN_FORBIDDEN CHAT_GUEST_SEND_FORBIDDEN USER_KICKED USER_NOT_PARTICIPANT "
    "USER_CREATOR USER_IS_BLOCKED YOU_BLOCKED_USER USER_IS_BOT USER_PRIVACY_RESTRICTED "
    "USER_BLOCKED INPUT_USER_DEACTIVATED USER_DELETED PREMIUM_ACCOUNT_REQUIRED NOT_ALLOWED",
    Verdict(SourceForbidden, "chat_full"): "USERS_TOO_MUCH",
    Verdict(JoinPending, "join_pending"): "INVITE_REQUEST_SENT",
    Verdict(SourceForbidden, "already_inside"): "USER_ALREADY_PARTICIPANT",
    Verdict(SourceForbidden, "join_by_app"): "STARS_PAYMENT_REQUIRED",
    Verdict(SourceForbidden, "topic_unknown"): "TOPIC_ID_INVALID TOPIC_DELETED",
    ADDRESS: "CHANNEL_INVALID CHAT_ID_INVALID CHAT_ID_EMPTY CHAT_INVALID PEER_ID_INVALID "
    "PEER_ID_NOT_SUPPORTED USER_ID_INVALID USER_INVALID",
    UNKNOWN: "USERNAME_INVALID USERNAME_NOT_OCCUPIED STARREF_EXPIRED",
    INVITE: "INVITE_HASH_EMPTY INVITE_HASH_INVALID",
    Verdict(SourceUnknown, "invite_expired"): "INVITE_HASH_EXPIRED",
    Verdict(SourceUnknown, "words_refused"): "QUERY_TOO_SHORT SEARCH_QUERY_EMPTY MESSAGE_EMPTY "
    "MESSAGE_TOO_LONG",
    Verdict(Retriable, "bot_silent"): "BOT_RESPONSE_TIMEOUT DATA_INVALID MESSAGE_ID_INVALID",
    STALE: "FILE_REFERENCE_EXPIRED FILE_REFERENCE_INVALID FILE_REFERENCE_EMPTY "
    "FILEREF_UPGRADE_NEEDED",
    GONE: "FILE_ID_INVALID LOCATION_INVALID",
    Verdict(FileUnavailable, "file_unavailable"): "LOCATION_NOT_AVAILABLE",
    APPLICATION: "API_ID_INVALID API_ID_PUBLISHED_FLOOD CONNECTION_API_ID_INVALID "
    "UPDATE_APP_TO_LOGIN",
    TIMEOUT: "TIMEOUT Timeout",
    SERVER: "Timedout RPC_CALL_FAIL RPC_MCGET_FAIL INTERDC_X_CALL_ERROR INTERDC_X_CALL_RICH_ERROR "
    "WORKER_BUSY_TOO_LONG_RETRY HISTORY_GET_FAILED CHAT_GET_FAILED MSGID_DECREASE_RETRY "
    "MEMBER_NO_LOCATION NEED_MEMBER_INVALID NEED_CHAT_INVALID PERSISTENT_TIMESTAMP_OUTDATED "
    "MSG_WAIT_FAILED PTS_CHANGE_EMPTY RANDOM_ID_DUPLICATE STORE_INVALID_SCALAR_TYPE AUTH_RESTART "
    "AUTH_BYTES_INVALID CONNECTION_NOT_INITED PHONE_MIGRATE_X NETWORK_MIGRATE_X USER_MIGRATE_X "
    "FILE_MIGRATE_X STATS_MIGRATE_X",
    FLOOD: "FLOOD_WAIT_X FLOOD_PREMIUM_WAIT_X FLOOD_TEST_PHONE_WAIT_X SLOWMODE_WAIT_X "
    "TAKEOUT_INIT_DELAY_X",
    REFUSED: "CDN_METHOD_INVALID CONNECTION_DEVICE_MODEL_EMPTY CONNECTION_LANG_PACK_INVALID "
    "CONNECTION_LAYER_INVALID CONNECTION_SYSTEM_EMPTY CONNECTION_APP_VERSION_EMPTY "
    "INPUT_LAYER_INVALID INPUT_CONSTRUCTOR_INVALID INPUT_FETCH_FAIL INPUT_FETCH_ERROR "
    "INPUT_METHOD_INVALID INPUT_REQUEST_TOO_LONG INPUT_PEERS_EMPTY MESSAGE_IDS_EMPTY "
    "MSG_ID_INVALID LIMIT_INVALID OFFSET_INVALID OFFSET_PEER_ID_INVALID FOLDER_ID_INVALID "
    "DC_ID_INVALID ENTITIES_TOO_LONG ENTITY_MENTION_USER_INVALID REPLY_MARKUP_INVALID "
    "REPLY_MARKUP_TOO_LONG BUTTON_DATA_INVALID BUTTON_TYPE_INVALID BUTTON_URL_INVALID "
    "BOT_DOMAIN_INVALID POLL_OPTION_INVALID SCHEDULE_BOT_NOT_ALLOWED SCHEDULE_DATE_TOO_LATE "
    "SCHEDULE_STATUS_PRIVATE SCHEDULE_TOO_MUCH DATE_EMPTY RANGES_INVALID TAKEOUT_REQUIRED "
    "TAKEOUT_INVALID PERSISTENT_TIMESTAMP_EMPTY PERSISTENT_TIMESTAMP_INVALID",
}
"""What the errors mean that a method in use can answer with; X stands for a number."""

BY_NAME: Mapping[str, Verdict] = {
    name: verdict for verdict, names in DECIDED.items() for name in names.split()
}

_CHAT = ("CHANNEL", "CHAT", "PEER")
_KEPT_OUT = ("_PRIVATE", "_FORBIDDEN", "_BANNED", "_KICKED", "_RESTRICTED", "_NOT_PARTICIPANT",
             "_ADMIN_REQUIRED", "_MEMBERS_ONLY", "_NOT_ALLOWED", "_UNSUPPORTED")  # fmt: skip
_NUMBER = re.compile(r"(?<=_)\d+(?=_|$)")
_WAIT = re.compile(r"_(?:WAIT|DELAY)_(\d+)")
_AGAIN = ("_TIMEOUT", "_RETRY", "_FAIL", "_FAILED", "_OUTDATED", "_MIGRATE_X", "_RESTART")


def decided_classes() -> dict[str, Verdict]:
    """What is decided, by the names of Telethon's classes."""
    return {cls.__name__: BY_NAME[name] for cls, name in _names().items() if name in BY_NAME}


def name_of(error: Any) -> str:
    """Telegram's own name of an error, with X for its number; "" of what is none of its errors."""
    told = _names().get(type(error))
    return told if told is not None else _NUMBER.sub("X", getattr(error, "message", None) or "")


def by_name(name: str, code: int) -> Verdict | None:
    """What an error means, of a name that is listed, or of any other by its code and its ending."""
    listed = BY_NAME.get(name)
    if listed is not None or not name:
        return listed
    return next((verdict for verdict in _guesses(name, abs(code))), REFUSED)


def wait_of(error: Any) -> float | None:
    """The seconds to wait that the name of an error tells."""
    found = _WAIT.search(getattr(error, "message", None) or "")
    return None if found is None else float(found[1])


def _guesses(name: str, code: int) -> Iterator[Verdict]:
    if code == 401:
        yield DOUBTED
    if code == 420 or _WAIT.search(name.replace("_X", "_0")):
        yield FLOOD
    if code >= 500 or code == 303 or name.endswith(_AGAIN):
        yield SERVER
    if name.startswith("FILE_REFERENCE"):
        yield STALE
    if name.startswith("USERNAME_"):
        yield UNKNOWN
    if name.startswith("INVITE_"):
        yield INVITE
    if code == 403 or name.endswith(_KEPT_OUT):
        yield FORBIDDEN
    if name.startswith(_CHAT) and name.endswith(("_INVALID", "_EMPTY")):
        yield ADDRESS


@cache
def _names() -> Mapping[type, str]:
    found: dict[type, str] = {}
    for name, cls in rpc_errors_dict.items():
        found.setdefault(cls, name)
    for pattern, cls in rpc_errors_re:
        found[cls] = pattern.replace(r"(\d+)", "X")
    return found
