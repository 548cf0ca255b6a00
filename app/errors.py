"""Errors that end a command, in words for whoever typed it."""

import errno
from collections.abc import Iterator

from app.embedded_mongo import MongoFailure
from core.errors import CrewError, DailyLimit, FloodError, Paced, StoreError
from core.schema import SchemaMismatch
from core.settings import SettingsError


def explained(error: BaseException) -> str | None:
    """What happened and what to do; None when any part is a bug, which wants its traceback."""
    texts = [_sentence(leaf) for leaf in _leaves(error)]
    known = [text for text in texts if text is not None]
    return "\n".join(dict.fromkeys(known)) if known and len(known) == len(texts) else None


def _sentence(error: BaseException) -> str | None:
    match error:
        case DailyLimit():
            return (
                "This account has made as many calls of this kind today as its PACE allows. "
                "It may again after midnight UTC; another account may now."
            )
        case Paced(seconds=seconds):
            return (
                f"The account's own PACE lets the next attempt begin in {seconds / 60:.0f} minutes."
            )
        case FloodError(seconds=seconds):
            return (
                f"Telegram asks this account to wait {seconds / 60:.0f} minutes before the next "
                "attempt. Waiting is all that helps: every try before makes it longer."
            )
        case StoreError():
            return f"MongoDB does not answer or refuses: {error}. `telecrew doctor` looks closer."
        case EOFError():
            return str(error) or "The input ended before all questions were answered."
        case OSError(errno=errno.EADDRINUSE):
            return "The port is in use. Choose another one; 0 takes any that is free."
        case OSError(filename=str(name), strerror=str(why)):
            return f"{name}: {why}. Choose another place, or make it first."
        case CrewError() | SettingsError() | MongoFailure() | SchemaMismatch():
            return str(error)
        case _:
            return None


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
