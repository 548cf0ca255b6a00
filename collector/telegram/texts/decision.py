"""What becomes of a field that may carry text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LINK = "link"
"""The kind of what is a link, not a text."""

PIECE = ""
"""The kind of a piece of one text: pieces are joined by whoever asked for the text."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string that is kept as a text of this kind; None: of the kind that its owner has here.

    `entities` names the field with its entities, for the links in it.
    """

    kind: str | None = None
    entities: str | None = None


@dataclass(frozen=True, slots=True)
class Entities:
    """The entities of the text in the field `of`: what they link to is kept."""

    of: str


@dataclass(frozen=True, slots=True)
class Link:
    """A string that is a link, or becomes one behind `prefix`."""

    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Inside:
    """An object, or several, that may carry text: of this kind where it names none itself."""

    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """A rich text: one text out of its pieces; `kind` None: a piece itself. `links`: its whole text
    is a link."""

    kind: str | None = None
    links: bool = False


Decision = Text | Entities | Link | Inside | Joined
Fields = Mapping[str, Decision]


def each(fields: Fields, *classes: Any) -> dict[Any, Fields]:
    """The same fields of several constructors."""
    return dict.fromkeys(classes, fields)


def with_entities(kind: str | None, text: str, entities: str) -> dict[str, Decision]:
    """The two fields of a text with entities."""
    return {text: Text(kind, entities), entities: Entities(text)}
