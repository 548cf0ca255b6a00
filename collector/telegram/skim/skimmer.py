"""Reads a page from its bytes, or says that it cannot; counts both."""

import struct
from collections import Counter
from functools import cache
from typing import Any

import structlog
from telethon.tl.alltlobjects import tlobjects

from collector.gateway import Page
from collector.telegram.skim.generator import generate
from collector.telegram.skim.runtime import Draft, Unfamiliar

log = structlog.get_logger(__name__)

DOUBTS = (
    Unfamiliar,
    struct.error,
    IndexError,
    ValueError,
    OverflowError,
    TypeError,
    RecursionError,
)
"""What reading bytes that are not as expected may raise."""


MOST_TOLD = 1_000
"""How many reasons are counted one by one."""


class Skimmer:
    """Makes its readers once: LayoutChanged if they do not fit the installed Telethon.

    `pages` counts what was skimmed; `fallbacks`, by constructor or reason, what Telethon decoded.
    """

    def __init__(self) -> None:
        self._readers = generate()
        self.pages = 0
        self.fallbacks: Counter[str] = Counter()

    def page(self, data: bytes, start: int, chat: int, box: str) -> Page | None:
        """The page of an answer to getHistory that begins at `start`; bytes may follow it.

        None when it has anything that is not known for certain: then the whole is to be decoded.
        """
        draft = Draft(chat, box)
        try:
            if start % 4:
                raise ValueError("not aligned")
            end = self._readers[data[start : start + 4]](data, start + 4, draft)
            if end > len(data):
                raise IndexError("cut off")
        except DOUBTS as doubt:
            self._tell(doubt)
            return None
        self.pages += 1
        if draft.foreign:
            log.warning("message.foreign", chat=chat, messages=draft.foreign)
        return draft.page()

    def _tell(self, doubt: Exception) -> None:
        what = "damaged"
        if isinstance(doubt, Unfamiliar) and len(doubt.key) == 4:
            what = _name(doubt.key)
        if what not in self.fallbacks and len(self.fallbacks) >= MOST_TOLD:
            what = "others"
        self.fallbacks[what] += 1
        if self.fallbacks[what] == 1:
            log.warning("skim.fallback", constructor=what, why=repr(doubt))


@cache
def skimmer() -> Skimmer:
    """The process's own: its readers and the names that it remembers serve every account."""
    return Skimmer()


def _name(key: bytes) -> str:
    cls: Any = tlobjects.get(int.from_bytes(key, "little"))
    return key.hex() if cls is None else str(cls.__name__)
