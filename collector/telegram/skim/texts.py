"""Reads the texts beside a message's own from bytes, as `collector.telegram.texts.reading` does
from objects, by the same table."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from telethon.tl.alltlobjects import tlobjects

from collector.telegram.skim.body import Body
from collector.telegram.skim.layout import LayoutChanged, Step, layout_of
from collector.telegram.skim.runtime import Table
from collector.telegram.texts.decision import (
    LINK,
    PIECE,
    Decision,
    Entities,
    Fields,
    Inside,
    Joined,
    Link,
    Text,
)
from collector.telegram.texts.found import Found, sorted_out
from collector.telegram.texts.kept import KEPT
from core.record import Record


class TextBody(Body):
    """Walks over a constructor; what is decided about its fields goes into `found`."""

    def __init__(self, fields: Fields) -> None:
        super().__init__()
        self._fields = fields

    def _one(self, step: Step, how: str | None) -> None:
        decision = self._fields.get(step.name)
        if how is None or decision is None:
            self._skip(step)
            return
        _check(step, decision)
        match decision:
            case Text(kind=kind):
                self._text(step, "kind" if kind is None else repr(kind), step.name)
            case Link(prefix=prefix):
                self._text(step, repr(LINK), f"{prefix!r} + {step.name}" if prefix else step.name)
            case Entities(of=name):
                self._linked(step, name)
            case Inside(kind=kind):
                self._inside(step, "kind" if kind is None else repr(kind))
            case Joined(kind=kind, links=links):
                self._joined(step, PIECE if kind is None else kind, links=links)

    def _text(self, step: Step, kind: str, value: str) -> None:
        self._string(step)
        with self.block(f"if {step.name}:"):
            self.line(f"found.append(({kind}, {value}))")

    def _linked(self, step: Step, text: str) -> None:
        self._entities(step)
        with self.block("if linked:"):
            self.line(f"for link in LINKS({text} or '', {step.name}):")
            self.line(f"    found.append(({LINK!r}, link))")

    def _inside(self, step: Step, kind: str) -> None:
        if step.many:
            self._vector(step, partial(self._enter, kind))
        else:
            self._enter(kind)

    def _enter(self, kind: str) -> None:
        self._move(f"INSIDE[{self._key()}](data, {self._at(4)}, found, {kind})")

    def _joined(self, step: Step, kind: str, *, links: bool) -> None:
        self._settle()
        self.line("start = len(found)")
        self._inside(step, repr(PIECE))
        self._settle()
        self.line(f"JOIN(found, start, {kind!r}, links={links})")


class TextReaders(Table):
    """Functions that read the texts of a constructor, made when it is first met; what carries none
    is passed over."""

    def __init__(self, names: dict[str, Any], skips: Table, run: Any) -> None:
        super().__init__()
        self._names = names
        self._skips = skips
        self._run = run

    def __missing__(self, key: bytes) -> Any:
        cls = tlobjects.get(int.from_bytes(key, "little"))
        skip = self._skips[key]
        fields = KEPT.get(cls)
        if fields is None:
            reader = self[key] = lambda data, pos, found, kind: skip(data, pos)  # noqa: ARG005
            return reader
        self._run(source_of(cls, fields), self._names)
        reader = self[key] = self._names[f"texts_{cls.__name__}"]
        return reader


def source_of(cls: Any, fields: Fields) -> str:
    """A function that reads the texts of a constructor, from behind its id: where it ends."""
    body = TextBody(fields)
    body.walk(layout_of(cls), dict.fromkeys(fields, ""))
    body.finish(["return pos"])
    return "\n".join([f"def texts_{cls.__name__}(data, pos, found, kind):", *body.lines])


def check_texts(kept: Iterable[tuple[Any, Fields]] = tuple(KEPT.items())) -> None:
    """Raises LayoutChanged where the table and the installed layer do not fit."""
    for cls, fields in kept:
        try:
            source_of(cls, fields)
        except LayoutChanged as odd:
            raise LayoutChanged(f"{cls.__name__}: {odd}") from None


def add_texts(record: Record, found: Found) -> None:
    """Put what was found into the record of its message."""
    media = record.get("media")
    name = None if media is None else media.get("name")
    texts, links = sorted_out(found, record.get("links", ()), name)
    if texts:
        record["texts"] = [{"kind": kind, "text": text} for kind, text in texts]
    if links:
        record["links"] = links


def _check(step: Step, decision: Decision) -> None:
    match decision:
        case Text() | Link():
            fits = step.kind == "string" and not step.many
        case Entities():
            fits = step.kind == "object" and step.many
        case _:
            fits = step.kind == "object"
    if not fits:
        raise LayoutChanged(f"{step.name} is now a {step.kind}")
