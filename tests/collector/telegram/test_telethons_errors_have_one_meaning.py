"""Every error that Telethon can raise is judged by its own name, never by its base."""

import asyncio
import re
from pathlib import Path

import pytest
from telethon import errors
from telethon.errors import RPCError, rpc_message_to_error
from telethon.errors.rpcerrorlist import rpc_errors_dict, rpc_errors_re
from telethon.tl import functions
from telethon.tl.types import RpcError

from bot.reasons import FAILURES
from collector.telegram.errors import TABLE, UNTOLD_WAIT, map_telethon_errors, to_crew_error
from collector.telegram.sign_in_errors import ADVICE, REASONS, refusal_of
from collector.telegram.verdicts import BY_NAME
from core.errors import (
    AccountLimited,
    AccountLost,
    ApplicationRejected,
    CrewError,
    FloodError,
    KeyDoubted,
    Retriable,
    SourceForbidden,
    SourceUnknown,
    StaleReference,
    Unexpected,
)
from core.job import Family

ROOT = Path(__file__).parents[3]

EVERY_RPC_ERROR = sorted(
    {*rpc_errors_dict.values(), *(cls for _, cls in rpc_errors_re)}, key=lambda cls: cls.__name__
)
NOT_TELETHONS = {"TimeoutError": TimeoutError, "IncompleteReadError": asyncio.IncompleteReadError}


def made(cls: type[Exception]) -> Exception:
    """An instance, whatever its constructor wants."""
    if issubclass(cls, RPCError):
        for arguments in ({"request": None}, {"request": None, "capture": 7}):
            try:
                return cls(**arguments)
            except TypeError:
                continue
        return cls(request=None, message="SOMETHING")
    if cls is errors.TypeNotFoundError:
        return cls(0xDEADBEEF, b"")
    if cls is errors.InvalidChecksumError:
        return cls(1, 2)
    if cls is errors.InvalidBufferError:
        return cls(b"\0\0\0\0")
    if cls is errors.BadMessageError:
        return cls(None, 16)
    if cls is asyncio.IncompleteReadError:
        return cls(b"", 8)
    return cls()


def class_named(name: str) -> type[Exception]:
    return NOT_TELETHONS.get(name) or getattr(errors, name)


@pytest.mark.parametrize("name", TABLE)
def test_every_row_is_a_class_and_comes_out_as_told(name: str) -> None:
    error = to_crew_error(made(class_named(name)), Family.BOT)
    assert type(error) is TABLE[name].kind
    assert error.reason == TABLE[name].reason


@pytest.mark.parametrize("family", [Family.HISTORY, Family.JOIN, Family.INFO, Family.MESSAGES])
def test_a_ban_in_one_chat_limits_no_account_that_only_enters_or_reads(family: Family) -> None:
    error = to_crew_error(made(errors.UserBannedInChannelError), family)
    assert (type(error), error.reason) == (SourceForbidden, "source_forbidden")
    limited = to_crew_error(made(errors.PeerFloodError), family)
    assert isinstance(limited, AccountLimited)


def test_every_rpc_error_becomes_one_of_ours() -> None:
    assert len(EVERY_RPC_ERROR) > 500
    for cls in EVERY_RPC_ERROR:
        with pytest.raises(CrewError) as told, map_telethon_errors(Family.HISTORY):
            raise made(cls)
        assert isinstance(told.value.__cause__, cls)


def test_no_account_is_blamed_by_an_error_that_is_not_listed() -> None:
    for cls in EVERY_RPC_ERROR:
        error = to_crew_error(made(cls), Family.HISTORY)
        if cls.__name__ in TABLE:
            continue
        assert not isinstance(error, AccountLimited | ApplicationRejected), cls
        assert not isinstance(error, AccountLost), cls
        assert error.reason != "unexpected", cls


def test_only_a_401_that_is_known_or_a_doubled_key_loses_an_account() -> None:
    lost = {
        cls
        for cls in EVERY_RPC_ERROR
        if isinstance(to_crew_error(made(cls), Family.INFO), AccountLost)
    }
    unauthorized = {cls for cls in EVERY_RPC_ERROR if issubclass(cls, errors.UnauthorizedError)}
    assert lost == {*unauthorized, errors.AuthKeyDuplicatedError}


def published() -> dict[str, list[str]]:
    """What each method in use can answer with, as Telegram publishes it; "*": any method."""
    lines = (ROOT / "docs" / "method-errors.tsv").read_text().splitlines()[1:]
    return {method: names.split() for method, names in (line.split("\t") for line in lines)}


def in_use() -> set[str]:
    """The methods that the product's source names, but for those of a sign-in."""
    found: set[str] = set()
    for path in (ROOT / "collector" / "telegram").rglob("*.py"):
        if not path.stem.startswith("sign_in"):
            found |= set(
                re.findall(r"functions\.((?:[a-z]+\.)?[A-Za-z]+)Request\b", path.read_text())
            )
    rooms = (name.rpartition(".") for name in found)
    return {f"{room}{dot}{name[0].lower()}{name[1:]}" for room, dot, name in rooms}


def test_every_method_in_use_has_its_errors_listed() -> None:
    assert in_use() - published().keys() == set()
    told = (ROOT / "docs" / "methods.md").read_text().partition("## Bot API")[0]
    named = set(re.findall(r"^- `(\w+\.\w+)`", told, re.MULTILINE))
    signing_in = {"auth.sendCode", "auth.signIn"}
    assert named - signing_in - published().keys() == set()


def answered(name: str) -> RPCError:
    """What Telethon makes of an answer of this name."""
    known = {one: cls.__mro__[1] for one, cls in rpc_errors_dict.items()}
    code = getattr(known.get(name), "code", None) or (420 if "WAIT" in name else 400)
    answer = RpcError(error_code=code, error_message=name.replace("_X", "_7"))
    error = rpc_message_to_error(answer, functions.help.GetConfigRequest())
    assert isinstance(error, RPCError)
    return error


@pytest.mark.parametrize(("method", "names"), published().items())
def test_every_published_error_of_a_method_is_decided(method: str, names: list[str]) -> None:
    for name in names:
        assert name in BY_NAME, f"{method}: {name}"
        error = to_crew_error(answered(name), Family.INFO)
        verdict = BY_NAME[name]
        expected = (verdict.kind, verdict.reason)
        if name == "USER_BANNED_IN_CHANNEL":
            expected = (SourceForbidden, "source_forbidden")
        assert (type(error), error.reason) == expected, f"{method}: {name}"
        assert error.reason != "unexpected"
        if isinstance(error, FloodError):
            assert error.seconds == 7


@pytest.mark.parametrize(
    ("code", "name", "kind", "reason"),
    [
        (400, "CHANNEL_SOMETHING_PRIVATE", SourceForbidden, "source_forbidden"),
        (400, "MEGAGROUP_PRIVATE", SourceForbidden, "source_forbidden"),
        (403, "ANYTHING_AT_ALL", SourceForbidden, "source_forbidden"),
        (400, "CHAT_READ_FORBIDDEN", SourceForbidden, "source_forbidden"),
        (406, "CHANNEL_PRIVATE", SourceForbidden, "source_forbidden"),
        (406, "TOPIC_RESTRICTED", SourceForbidden, "source_forbidden"),
        (400, "CHANNEL_KIND_INVALID", SourceForbidden, "peer_invalid"),
        (400, "PEER_TYPE_INVALID", SourceForbidden, "peer_invalid"),
        (400, "USERNAME_PURCHASE_ONLY", SourceUnknown, "source_unknown"),
        (400, "INVITE_LINK_UNKNOWN", SourceUnknown, "invite_invalid"),
        (400, "FILE_REFERENCE_5_EXPIRED", StaleReference, "file_reference"),
        (420, "FLOOD_NEWKIND_WAIT_33", FloodError, "flood"),
        (420, "FLOOD_OF_SOME_KIND", FloodError, "flood"),
        (400, "SEARCH_WAIT_33", FloodError, "flood"),
        (303, "SOME_MIGRATE_4", Retriable, "server"),
        (500, "ANYTHING_AT_ALL", Retriable, "server"),
        (-503, "Timeout", Retriable, "timeout"),
        (-500, "No workers running", Retriable, "server"),
        (400, "SOMETHING_TIMEOUT", Retriable, "server"),
        (401, "KEY_OF_A_NEW_KIND", KeyDoubted, "key_refused"),
        (406, "SOMETHING_NEW", Unexpected, "request_refused"),
        (400, "SOMETHING_NEW", Unexpected, "request_refused"),
        (404, "METHOD_INVALID", Unexpected, "request_refused"),
    ],
)
def test_a_new_name_is_judged_by_its_code_and_ending(
    code: int, name: str, kind: type[CrewError], reason: str
) -> None:
    answer = RpcError(error_code=code, error_message=name)
    error = to_crew_error(
        rpc_message_to_error(answer, functions.help.GetConfigRequest()), Family.HISTORY
    )
    assert (type(error), error.reason) == (kind, reason)
    if name.endswith("WAIT_33"):
        assert isinstance(error, FloodError)
        assert error.seconds == 33


def test_every_reason_has_its_words_in_the_chat() -> None:
    assert {verdict.reason for verdict in TABLE.values()} <= {*FAILURES, "flood"}


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (ConnectionResetError("gone"), Retriable, "network"),
        (OSError(113, "no route"), Retriable, "network"),
        (TimeoutError(), Retriable, "timeout"),
        (ValueError("Request was unsuccessful 3 time(s)"), Retriable, "server"),
        (ValueError("anything else"), Unexpected, "unexpected"),
        (errors.SessionPasswordNeededError(None), AccountLost, "never_signed_in"),
        (errors.AuthKeyError(None, "NEW_KIND_OF_406"), Unexpected, "request_refused"),
        (errors.UnauthorizedError(None, "NEW_KIND_OF_401"), KeyDoubted, "key_refused"),
        (errors.AuthKeyNotFound(), KeyDoubted, "key_unknown"),
        (errors.ServerError(None, "NO_WORKERS_RUNNING", -500), Retriable, "server"),
    ],
)
def test_what_has_no_row_of_its_own(error: Exception, kind: type[CrewError], reason: str) -> None:
    told = to_crew_error(error, Family.HISTORY)
    assert type(told) is kind
    assert told.reason == reason


def test_a_flood_without_seconds_rests_a_while() -> None:
    told = to_crew_error(errors.FloodError(None, "FLOOD_OF_SOME_KIND", 420), Family.SEARCH)
    assert isinstance(told, FloodError)
    assert (told.seconds, told.family) == (UNTOLD_WAIT, Family.SEARCH)


def test_ours_pass_unchanged_and_bugs_are_not_hidden() -> None:
    ours = Retriable(reason="timeout")
    with pytest.raises(Retriable) as told, map_telethon_errors(Family.HISTORY):
        raise ours
    assert told.value is ours
    with pytest.raises(ZeroDivisionError), map_telethon_errors(Family.HISTORY):
        raise ZeroDivisionError


@pytest.mark.parametrize("name", REASONS)
def test_every_refusal_of_a_sign_in_has_advice(name: str) -> None:
    refused = refusal_of(made(class_named(name)))
    assert refused is not None
    assert refused.reason == REASONS[name]
    assert refused.advice == ADVICE[refused.reason] == str(refused)


def test_all_advice_is_used() -> None:
    assert set(ADVICE) == set(REASONS.values())
