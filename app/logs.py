"""Logs: events with fields, for people or for machines; the libraries' logs among them."""

import logging
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import Enum
from textwrap import indent
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from core.foreign import escaped
from core.redaction import MASK, Redaction, without_contents

SECRET_FIELDS = frozenset(
    {
        "api_hash",
        "auth_key",
        "code",
        "mongodb_uri",
        "password",
        "phone",
        "phone_secret",
        "secret",
        "session",
        "token",
        "uri",
    }
)
SEVERAL_LINES = ("exception", "stack")
ROOMS = ("app", "bot", "collector", "core", "db", "sandbox")
TALKATIVE = ("aiogram", "aiogram_dialog", "aiohttp.access", "apscheduler", "pymongo", "telethon")
PLAIN = (str, int, float, bool, type(None), type, BaseException, datetime, timedelta, Enum)
"""What a library may put into its lines. Other values, such as requests, answers and documents,
carry messages, phones or sessions, and are told by their types."""


class Redactor:
    """Masks the known secrets and what looks like one, in every text of an event."""

    def __init__(self, secrets: Iterable[str] | Redaction = ()) -> None:
        self._redaction = secrets if isinstance(secrets, Redaction) else Redaction(secrets)

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {self.text(str(name)): self.field(name, event[name]) for name in event}

    def field(self, name: object, value: Any) -> Any:
        """The value as it may be shown under that name."""
        if name in SECRET_FIELDS and isinstance(value, str | bytes):
            return MASK
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.field(None, key): self.field(key, inner) for key, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.field(None, inner) for inner in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value))

    def text(self, text: str) -> str:
        """The text without secrets and without what errors of libraries carry."""
        return self._redaction.text(without_contents(text))


class PlainValues(logging.Filter):
    """Lets libraries tell what they do, not what it is done with."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true; the record's values may have become their types."""
        if record.name.partition(".")[0] in ROOMS:
            return True
        if isinstance(record.args, Mapping):
            record.args = {name: _plain(value) for name, value in record.args.items()}
        elif record.args:
            record.args = tuple(_plain(value) for value in record.args)
        return True


class Output(logging.StreamHandler[TextIO]):
    """Writes lines; one that cannot be made is named, where logging would show its values."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Say whose line it was."""
        with suppress(OSError, ValueError):
            self.stream.write(f"log.broken logger={record.name} line={record.lineno}\n")


def _plain(value: object) -> object:
    return value if isinstance(value, PLAIN) else f"<{type(value).__name__}>"


def configure_logs(
    *,
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO",
    format: Literal["console", "json"] = "console",  # noqa: A002 - the setting's own name
    secrets: Iterable[str] | Redaction = (),
    stream: TextIO | None = None,
) -> None:
    """Send every log of the process to `stream` (standard error), without `secrets`.

    At DEBUG the libraries' logs of INFO are shown, too. What they say below that holds messages,
    sessions and whole documents, and is shown never.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _add_time,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    output = stream or sys.stderr
    handler = Output(output)
    ending: list[Processor] = [
        Redactor(secrets),
        _in_one_line if format == "console" else _in_json,
        _renderer(format, colors=output.isatty()),
    ]
    handler.addFilter(PlainValues())
    handler.setFormatter(_formatter(shared, ending))
    libraries = "INFO" if level == "DEBUG" else level
    logging.basicConfig(handlers=[handler], level=libraries, force=True)
    logging.captureWarnings(capture=True)
    for room in ROOMS:
        logging.getLogger(room).setLevel(level)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(libraries if level in ("DEBUG", "ERROR") else "WARNING")


def _formatter(shared: list[Processor], ending: list[Processor]) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            *ending,
        ],
    )


def _renderer(format: str, *, colors: bool) -> Processor:  # noqa: A002 - the setting's own name
    if format == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        colors=colors,
        timestamp_key="time",
        exception_formatter=structlog.dev.plain_traceback,
    )


def _in_one_line(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Foreign texts forge no line and reach no terminal as codes; tracebacks stand further in."""
    for name, value in event.items():
        if not isinstance(value, str):
            continue
        if name in SEVERAL_LINES:
            event[name] = indent(escaped(value, keep="\n\t"), "    ")
        else:
            event[name] = escaped(value)
    return event


def _in_json(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """What JSON itself would let through."""
    return {name: _each_escaped(value) for name, value in event.items()}


def _each_escaped(value: Any) -> Any:
    if isinstance(value, str):
        return escaped(value, keep="".join(map(chr, range(32))))
    if isinstance(value, dict):
        return {_each_escaped(name): _each_escaped(inner) for name, inner in value.items()}
    return [_each_escaped(inner) for inner in value] if isinstance(value, list) else value


def _add_time(_: WrappedLogger, __: str, event: MutableMapping[str, Any]) -> EventDict:
    now = datetime.now(UTC)
    event["time"] = now.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    return event
