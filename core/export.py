"""Stored messages as files: JSON Lines and CSV, piece by piece. No I/O."""

import csv
import io
import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.foreign import safe_json, several_lines
from core.message import Message


class ExportFormat(StrEnum):
    """What an export is written as."""

    JSONL = "jsonl"
    CSV = "csv"


BOM = "\ufeff"
"""Tells Excel that a CSV file is UTF-8."""

COLUMNS = (
    "chat",
    "id",
    "date",
    "edit_date",
    "sender_id",
    "sender",
    "text",
    "links",
    "reply_to",
    "forwarded_from",
    "topic",
    "album",
    "views",
    "forwards",
    "reactions",
    "media",
    "media_name",
    "media_size",
    "media_file",
    "action",
    "other_text",
    "forwarded_chat",
    "forwarded_message",
    "thread",
    "deleted_at",
)

_FORMULA = re.compile(r"[\s\"]*[=+\-@\t\r\n＝＋－＠]")
_INNER_FORMULA = re.compile(r"([;\t\r\n\x0b\x0c\x85\u2028\u2029][\s'\"]*)(?=[=+\-@＝＋－＠])")
"""A formula in the next cell or row for a spreadsheet that takes a semicolon, a tab or a line end
for the end of a cell, and quotes only at the beginning of one for quotes."""

_LONG_NUMBER = re.compile(r"\s*[-+]?[\d.,]{16,}\s*")
LONGEST_NUMBER = 15
"""Digits of a number that a spreadsheet keeps."""


def head(kind: ExportFormat) -> bytes:
    """What the file begins with."""
    if kind is ExportFormat.JSONL:
        return b""
    return (BOM + _rows([COLUMNS])).encode()


def body(kind: ExportFormat, messages: Iterable[Message]) -> bytes:
    """The lines of these messages; pieces may be joined."""
    if kind is ExportFormat.JSONL:
        return b"".join(json_line(message) for message in messages)
    return _rows(csv_row(message) for message in messages).encode()


def json_line(message: Message) -> bytes:
    """One JSON object and a line end; absent fields are left out, times are ISO 8601 in UTC."""
    fields = _present(asdict(message))
    if not fields.get("box"):
        fields.pop("box", None)
    return (safe_json(json.dumps(fields, ensure_ascii=False, default=_plain)) + "\n").encode()


def csv_row(message: Message) -> list[str]:
    """The cells of a message in the order of `COLUMNS`; no text cell can be a formula."""
    sender, forward, media = message.sender, message.forward, message.media
    cells: list[object] = [
        message.chat,
        message.id,
        message.date,
        message.edit_date,
        sender and sender.id,
        sender and sender.name,
        message.text,
        " ".join(message.links),
        message.reply and message.reply.message,
        forward and (forward.name or forward.sender),
        message.topic,
        message.album,
        message.views,
        message.forwards,
        " ".join(f"{one.emoji} {one.count}" for one in message.reactions),
        media and media.kind,
        media and media.name,
        media and media.size,
        media and media.file,
        message.action,
        "\n".join(one.text for one in message.texts),
        forward and (forward.saved_chat or forward.sender),
        forward and (forward.saved_message or forward.message),
        message.reply and message.reply.topic,
        message.deleted_at,
    ]
    return [_cell(cell) for cell in cells]


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula or rounds as a number: a quote goes before what
    looks like one. Signs that nobody sees are left out."""
    clean = several_lines(text)
    blank = clean[: len(clean) - len(clean.lstrip())]
    lead = "" if "\n" in blank else blank
    rest = _INNER_FORMULA.sub(r"\1'", clean.removeprefix(lead))
    begins = _FORMULA.match(clean) or _LONG_NUMBER.fullmatch(clean)
    return f"'{lead}{rest}" if begins else lead + rest


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, int) and len(str(abs(value))) <= LONGEST_NUMBER:
        return str(value)
    return safe_cell(str(value))


def _rows(rows: Iterable[Iterable[object]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows(rows)
    return file.getvalue()


def _present(value: Any) -> Any:
    if isinstance(value, dict):
        pairs = ((name, _present(inner)) for name, inner in value.items())
        return {name: inner for name, inner in pairs if inner not in (None, "", [], ())}
    if isinstance(value, list | tuple):
        return [_present(inner) for inner in value]
    return value


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no JSON form")
