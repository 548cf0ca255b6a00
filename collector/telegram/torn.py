"""What can be read for certain of an answer that holds something this layer does not know.

TL does not say where an object ends. So all that stands before the first unknown constructor is
right, and nothing that comes after it is looked for: bytes of an unknown object may imitate
anything, since people choose what texts are in them.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from typing import Any

import telethon
from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.tl.alltlobjects import LAYER, tlobjects

from collector.telegram.skim.layout import LayoutChanged, Step, layout_of
from core.undecoded import MOST_RAW

DECODER = f"{LAYER}/{telethon.__version__}/{version('telecrew')}"
"""What an upgrade changes: what one decoder does not understand is asked for again by the next."""

BROKEN = (
    TypeNotFoundError,
    BufferError,
    RuntimeError,
    struct.error,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
)
"""What decoding bytes that are not as expected may raise; RuntimeError is a bool that is none."""

_READ: dict[str, Callable[[Any], Any]] = {
    "flags": lambda reader: reader.read_int(),
    "int": lambda reader: reader.read_int(),
    "long": lambda reader: reader.read_long(),
    "double": lambda reader: reader.read_double(),
    "int128": lambda reader: reader.read_large_int(bits=128),
    "int256": lambda reader: reader.read_large_int(bits=256),
    "string": lambda reader: reader.tgread_string(),
    "bytes": lambda reader: reader.tgread_bytes(),
    "bool": lambda reader: reader.tgread_bool(),
    "date": lambda reader: reader.tgread_date(),
    "object": lambda reader: reader.tgread_object(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Torn:
    """An object up to what could not be read: the field `stopped`, whose element or value begins
    at `at`. `fields` has what came before, and of a list the elements before; `last`: none of the
    list would follow."""

    cls: Any
    fields: dict[str, Any]
    stopped: str
    raw: bytes
    why: str
    at: int = field(default=0, repr=False)
    last: bool = True

    def get(self, name: str) -> Any:
        """A field that was read; None without it."""
        return self.fields.get(name)

    def inner(self) -> "Torn | None":
        """What can be read of that which could not be read whole; None of an unknown one."""
        return torn(self.raw, 0)


def told(answer: Any, name: str) -> Any:
    """What is in a list of an answer, as far as it could be read."""
    return (answer.get(name) or ()) if isinstance(answer, Torn) else getattr(answer, name)


def read_or_torn(reader: Any) -> Any:
    """The object that an answer is, or a Torn; raises what decoding raised when not even its
    constructor is known."""
    start = reader.tell_position()
    try:
        return reader.tgread_object()
    except BROKEN:
        found = torn(reader.get_bytes(), start)
        if found is None:
            raise
        return found


def torn(data: bytes, start: int) -> Torn | None:
    """What can be read of the object at `start`; None if it can be read whole, or not at all."""
    cls = tlobjects.get(int.from_bytes(data[start : start + 4], "little"))
    steps = _steps(cls)
    if cls is None or steps is None:
        return None
    reader, fields = BinaryReader(data), dict[str, Any]()
    reader.set_position(start + 4)
    for step in steps:
        if step.kind == "true" or (step.word and not fields[step.word] & step.mask):
            continue
        at = [reader.tell_position(), 1]
        try:
            _read(reader, step, fields, at)
        except BROKEN as error:
            raw = data[at[0] : at[0] + MOST_RAW]
            return Torn(
                cls=cls,
                fields=fields,
                stopped=step.name,
                raw=raw,
                why=_why(error),
                at=at[0],
                last=at[-1] == 1,
            )
    return None


def _read(reader: Any, step: Step, fields: dict[str, Any], at: list[int]) -> None:
    read = _READ[step.kind]
    if not step.many:
        fields[step.name] = read(reader)
        return
    if reader.read_int(signed=False) != _VECTOR:
        raise TypeNotFoundError(_VECTOR, b"")
    found = fields[step.name] = []
    for left in range(reader.read_int(), 0, -1):
        at[:] = [reader.tell_position(), left]
        found.append(read(reader))


_VECTOR = 0x1CB5C415


@cache
def _steps(cls: Any) -> tuple[Step, ...] | None:
    try:
        return layout_of(cls)
    except (LayoutChanged, AttributeError, OSError):
        return None


def _why(error: Exception) -> str:
    if isinstance(error, TypeNotFoundError):
        return f"{error.invalid_constructor_id:08x}"
    return type(error).__name__
