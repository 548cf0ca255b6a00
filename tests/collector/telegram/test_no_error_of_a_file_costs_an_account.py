"""What another data centre answers is never taken for the account's loss; at home a 401 is."""

import inspect
from types import SimpleNamespace

import pytest
from telethon import errors
from telethon.errors import RPCError

from collector.telegram.files import map_file_errors
from core.errors import (
    AccountError,
    AccountLost,
    CrewError,
    FileError,
    FileUnavailable,
    FloodError,
    Retriable,
)

UNREFUSED = SimpleNamespace(refusal=None)
MOVED = {"FileMigrateError"}


def every_error() -> list[Exception]:
    """One of each class that Telethon makes of what Telegram answers, and of what the line does."""
    kinds = {one for _, one in inspect.getmembers(errors.rpcerrorlist, inspect.isclass)}
    kinds |= {one for _, one in inspect.getmembers(errors.rpcbaseerrors, inspect.isclass)}
    made: list[Exception] = [ConnectionError(), TimeoutError(), EOFError(), ValueError("odd")]
    told = [kind for kind in kinds if issubclass(kind, RPCError) and kind.__name__ not in MOVED]
    return made + [_one_of(kind) for kind in told]


def _one_of(kind: type[RPCError]) -> Exception:
    parameters = inspect.signature(kind.__init__).parameters
    if "message" in parameters:
        return kind(None, "SOMETHING")
    return kind(None, capture=30) if "capture" in parameters else kind(None)


def told(error: Exception, *, at_home: bool) -> CrewError:
    with pytest.raises(CrewError) as caught, map_file_errors(UNREFUSED, at_home=at_home):
        raise error
    return caught.value


def test_at_another_data_centre() -> None:
    every = every_error()
    assert len(every) > 500
    for error in every:
        kind = told(error, at_home=False)
        assert isinstance(kind, FileError | FloodError | AccountError), error
        assert not isinstance(kind, AccountLost), error


def test_at_home() -> None:
    """Only what says that the account itself is refused ends it."""
    for error in every_error():
        kind = told(error, at_home=True)
        if isinstance(kind, AccountLost):
            assert isinstance(error, errors.UnauthorizedError | errors.AuthKeyError), error
        else:
            assert isinstance(kind, FileError | FloodError | AccountError | Retriable) or (
                kind.reason == "api_id_rejected"
            ), error


def test_where_the_account_is_refused_meanwhile_it_is_lost() -> None:
    refused = SimpleNamespace(refusal=errors.SessionRevokedError(None))
    with (
        pytest.raises(AccountLost),
        map_file_errors(refused, at_home=False),
    ):
        raise errors.SessionRevokedError(None)
    with pytest.raises(FileUnavailable), map_file_errors(UNREFUSED, at_home=False):
        raise errors.SessionRevokedError(None)


def test_one_that_moved_is_followed() -> None:
    with (
        pytest.raises(errors.FileMigrateError),
        map_file_errors(UNREFUSED, at_home=True),
    ):
        raise errors.FileMigrateError(None, capture=4)
