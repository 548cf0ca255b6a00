"""Reads what is kept out of Telethon's objects.

The skimming reader does the same with bytes: `collector.telegram.skim.texts`; a test compares both.
"""

from typing import Any

from collector.telegram.text import entities_of, links_of
from collector.telegram.texts.decision import (
    LINK,
    PIECE,
    Decision,
    Entities,
    Inside,
    Joined,
    Link,
    Text,
)
from collector.telegram.texts.found import Found, join
from collector.telegram.texts.kept import KEPT


def texts_in(value: Any) -> Found:
    """What a message, or a service message, carries beside its `message`: (kind, text) each."""
    found: Found = []
    _read(value, found, PIECE)
    return found


def _read(value: Any, found: Found, kind: str) -> None:
    for name, decision in KEPT.get(type(value), {}).items():
        part = getattr(value, name)
        if part:
            _field(value, part, decision, found, kind)


def _field(value: Any, part: Any, decision: Decision, found: Found, kind: str) -> None:
    match decision:
        case Text(kind=own):
            found.append((kind if own is None else own, part))
        case Link(prefix=prefix):
            found.append((LINK, prefix + part))
        case Entities(of=name):
            links = links_of(getattr(value, name) or "", entities_of(part))
            found.extend((LINK, link) for link in links)
        case Inside(kind=own):
            _each(part, found, kind if own is None else own)
        case Joined(kind=own, links=links):
            start = len(found)
            _each(part, found, PIECE)
            join(found, start, PIECE if own is None else own, links=links)


def _each(part: Any, found: Found, kind: str) -> None:
    for one in part if isinstance(part, list) else (part,):
        _read(one, found, kind)
