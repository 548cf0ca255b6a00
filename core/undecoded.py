"""Messages that Telegram has and this version does not understand."""

from dataclasses import dataclass
from datetime import datetime

MOST_RAW = 64 * 1024
"""Bytes that are kept of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecoded:
    """A message by its id and as it came.

    `raw` begins with the message, and is cut at MOST_RAW; since nothing tells where what is not
    understood ends, what came behind the message may follow it. `date` where it could be read.
    `why`: the constructor or the fault that ended the reading; `decoder` who read.
    """

    chat: int
    box: str
    id: int
    raw: bytes
    why: str
    decoder: str
    date: datetime | None = None
