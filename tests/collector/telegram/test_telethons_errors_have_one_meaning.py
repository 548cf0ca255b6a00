"""Every error that Telethon can raise is judged by its own name, never by its base."""

import asyncio

import pytest
from telethon import errors
from telethon.errors import RPCError
from telethon.errors.rpcerrorlist import rpc_errors_dict, rpc_errors_re

from collector.telegram.errors import TABLE, UNTOLD_WAIT, map_telethon_errors, to_crew_error
from collector.telegram.sign_in_errors import ADVICE, REASONS, refusal_of
from core.errors import (
    AccountLimited,
    AccountLost,
    ApplicationRejected,
    CrewError,
    FloodError,
    Retriable,
    SourceError,
    SourceForbidden,
    Unexpected,
)
from core.job import Family

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


def test_nobody_is_blamed_by_an_error_that_is_not_listed() -> None:
    for cls in EVERY_RPC_ERROR:
        error = to_crew_error(made(cls), Family.HISTORY)
        if cls.__name__ in TABLE:
            continue
        assert not isinstance(error, AccountLimited | ApplicationRejected | SourceError), cls
        assert isinstance(error, AccountLost) <= issubclass(cls, errors.UnauthorizedError), cls


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (ConnectionResetError("gone"), Retriable, "network"),
        (OSError(113, "no route"), Retriable, "network"),
        (TimeoutError(), Retriable, "timeout"),
        (ValueError("Request was unsuccessful 3 time(s)"), Retriable, "server"),
        (ValueError("anything else"), Unexpected, "unexpected"),
        (errors.SessionPasswordNeededError(None), Unexpected, "unexpected"),
        (errors.AuthKeyError(None, "NEW_KIND_OF_406"), Unexpected, "unexpected"),
        (errors.UnauthorizedError(None, "NEW_KIND_OF_401"), AccountLost, "session_revoked"),
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
