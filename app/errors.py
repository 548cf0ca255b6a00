"""Errors that end a command, in words for whoever typed it."""

from collections.abc import Iterator

from app.demo import DemoBroken
from app.embedded_mongo import MongoFailure
from app.export import ChatUnknown
from app.login import explain_flood
from bot.polling import TokenRejected
from core.errors import CrewError, FloodError, StoreError
from core.settings import SettingsError


def explained(error: BaseException) -> str | None:
    """What happened and what to do; None when any part is a bug, which wants its traceback."""
    texts = [_sentence(leaf) for leaf in _leaves(error)]
    known = [text for text in texts if text is not None]
    return "\n".join(dict.fromkeys(known)) if known and len(known) == len(texts) else None


def _sentence(error: BaseException) -> str | None:
    match error:
        case FloodError():
            return explain_flood(error)
        case StoreError():
            return f"MongoDB does not answer or refuses: {error}. `telecrew doctor` looks closer."
        case TokenRejected():
            return "Telegram does not know BOT_TOKEN. @BotFather shows the right one: /mybots."
        case EOFError():
            return str(error) or "The input ended before all questions were answered."
        case CrewError() | SettingsError() | MongoFailure() | ChatUnknown() | DemoBroken():
            return str(error)
        case _:
            return None


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
