"""Values to documents and back: cattrs for what is small, by hand for messages."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from cattrs import Converter
from cattrs.gen import make_dict_structure_fn

from core.job import Progress, Skipped
from core.message import (
    Entity,
    Forward,
    Media,
    Message,
    Reaction,
    Reply,
    Sender,
    Version,
    Wording,
)
from core.options import GroupRules, HistoryOptions, JoinOptions, MediaOptions, SearchOptions
from db.client import Document

T = TypeVar("T")


def _converter() -> Converter:
    converter = Converter(detailed_validation=False)
    converter.register_unstructure_hook(datetime, lambda moment: moment)
    converter.register_structure_hook(datetime, lambda moment, _: moment)
    converter.register_unstructure_hook(timedelta, timedelta.total_seconds)
    converter.register_structure_hook(timedelta, lambda s, _: timedelta(seconds=s))
    converter.register_unstructure_hook(time, time.isoformat)
    converter.register_structure_hook(time, lambda text, _: time.fromisoformat(text))
    for kind in _USUAL:
        _share_usual(converter, kind)
    converter.register_structure_hook_func(_is_named, _named)
    return converter


_USUAL = (Skipped, Progress, MediaOptions, HistoryOptions, SearchOptions, GroupRules, JoinOptions)
"""What most documents have as it is by default: then all share one value."""


def _share_usual(converter: Converter, kind: type[Any]) -> None:
    usual = kind()
    form = converter.unstructure(usual)
    made = make_dict_structure_fn(kind, converter)
    converter.register_structure_hook(
        kind, lambda given, _: usual if given == form else made(given, kind)
    )


def _is_named(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum)


def _named(text: Any, kind: Any) -> Any:
    """A member by its value, without the detour of calling the class."""
    member = kind._value2member_map_.get(text)
    return kind(text) if member is None else member


_CONVERTER = _converter()


def to_document(value: Any) -> Document:
    """The document of a dataclass; its `id` becomes `_id`."""
    document: Document = _CONVERTER.unstructure(value)
    if "id" in document:
        document["_id"] = document.pop("id")
    return document


def part(value: Any) -> Any:
    """The form inside a document of a value that has no `_id` of its own."""
    return _CONVERTER.unstructure(value)


def from_document(kind: type[T], document: Document) -> T:
    """The value of a document; fields that the class does not know are left out."""
    fields = dict(document)
    if "_id" in fields and "id" not in fields:
        fields["id"] = fields["_id"]
    return _CONVERTER.structure(fields, kind)


_OPTIONAL = (
    "text",
    "links",
    "edit_date",
    "hidden_edit_date",
    "topic",
    "album",
    "views",
    "forwards",
    "action",
    "post_author",
    "deleted_at",
)


def message_of(document: Mapping[str, Any]) -> Message:
    """The message of its record or document."""
    fields = {name: document[name] for name in _OPTIONAL if name in document}
    fields["links"] = tuple(document.get("links", ()))
    return Message(
        chat=document["chat"],
        box=document["box"],
        id=document["id"],
        date=document["date"],
        sender=_maybe(Sender, document.get("sender")),
        reply=_maybe(Reply, document.get("reply")),
        forward=_maybe(Forward, document.get("forward")),
        media=media_of_document(document) if "media" in document else None,
        entities=tuple(Entity(**entity) for entity in document.get("entities", ())),
        texts=tuple(Wording(**wording) for wording in document.get("texts", ())),
        reactions=tuple(Reaction(**reaction) for reaction in document.get("reactions", ())),
        **fields,
    )


def media_of_document(document: Mapping[str, Any]) -> Media:
    """The media of a message that has some, with what became of its file."""
    of_its_file = {"file": document.get("file"), "skipped": document.get("skipped")}
    return Media(**{**document["media"], **of_its_file})


def version_of(document: Document) -> Version:
    """The version of its stored form."""
    return Version(
        edit_date=document.get("edit_date"),
        text=document.get("text", ""),
        entities=tuple(Entity(**entity) for entity in document.get("entities", ())),
        media=_maybe(Media, document.get("media")),
        texts=tuple(Wording(**wording) for wording in document.get("texts", ())),
    )


def _maybe(kind: type[T], document: Document | None) -> T | None:
    return None if document is None else kind(**document)
