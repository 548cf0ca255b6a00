"""Logs: events with fields, for people or for machines; the libraries' logs among them."""

import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

MASK = "[hidden]"
SECRET_FIELDS = frozenset(
    {"api_hash", "auth_key", "code", "password", "phone", "secret", "session", "token"}
)
SHORTEST_SECRET = 6
PATTERNS = (
    re.compile(r"\b\d{6,}:[\w-]{30,}"),  # a bot's token
    re.compile(r"(?<=://)[^\s/@:]*:[^\s@]+(?=@)"),  # user and password of an address
    re.compile(r"\b1[\w-]{200,}={0,2}"),  # a session as a string
    re.compile(r"\bgAAAA[\w-]{60,}={0,2}"),  # a Fernet token
    re.compile(r"(?<![\w.])\+\d[\d ()-]{7,17}\d\b"),  # a phone number
)
TALKATIVE = ("aiogram", "aiogram_dialog", "aiohttp.access", "apscheduler", "pymongo", "telethon")


class Redactor:
    """Masks the known secrets and what looks like one, in every text of an event."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({text for text in secrets if len(text) >= SHORTEST_SECRET}, key=len)
        self._known = re.compile("|".join(map(re.escape, reversed(known)))) if known else None

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        for name in event:
            event[name] = self.field(name, event[name])
        return event

    def field(self, name: object, value: Any) -> Any:
        """The value as it may be shown under that name."""
        if name in SECRET_FIELDS and isinstance(value, str | bytes):
            return MASK
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.field(key, inner) for key, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.field(None, inner) for inner in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value))

    def text(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for pattern in PATTERNS:
            text = pattern.sub(MASK, text)
        return text


def configure_logs(
    *,
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO",
    format: Literal["console", "json"] = "console",  # noqa: A002 - the setting's own name
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send every log of the process to `stream` (standard error), without `secrets`.

    The libraries' own logs below WARNING are shown at DEBUG alone.
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
    handler = logging.StreamHandler(output)
    ending: list[Processor] = [Redactor(secrets), _renderer(format, colors=output.isatty())]
    handler.setFormatter(_formatter(shared, ending))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.captureWarnings(capture=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(level if level in ("DEBUG", "ERROR") else "WARNING")


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


def _add_time(_: WrappedLogger, __: str, event: MutableMapping[str, Any]) -> EventDict:
    now = datetime.now(UTC)
    event["time"] = now.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    return event
