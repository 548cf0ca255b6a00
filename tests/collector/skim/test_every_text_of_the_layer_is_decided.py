"""Every field of the installed layer that a message can carry text in is kept, or left on purpose.

A constructor that a new layer brings fails here until somebody decides about its fields.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from skim_fuzz import PEER, Schema, classes_of, decoded, hints_of, layout_of_cached
from telethon.tl import types
from telethon.tl.types import messages

from collector.gateway import Page
from collector.telegram.skim.skimmer import Skimmer
from collector.telegram.texts.decision import PIECE, Entities, Link, Text
from collector.telegram.texts.kept import KEPT
from collector.telegram.texts.left import LEFT
from collector.telegram.texts.reading import texts_in

LEFT_FIELDS = [name for names in LEFT.values() for name in names.split()]
MARK = "слово 字"


@cache
def of_a_message() -> frozenset[Any]:
    """Every constructor that can be reached from a message."""
    found: set[Any] = set()
    waiting = list(classes_of((types.TypeMessage,)))
    while waiting:
        cls = waiting.pop()
        if cls not in found:
            found.add(cls)
            for inside in objects(cls).values():
                waiting += inside
    return frozenset(found)


def objects(cls: Any) -> dict[str, list[Any]]:
    hints = hints_of(cls)
    return {
        step.name: list(classes_of([hints[step.name]]))
        for step in layout_of_cached(cls)
        if step.kind == "object"
    }


@cache
def wordy() -> frozenset[Any]:
    """Those that have a string, or something inside that has one."""
    found = {
        cls
        for cls in of_a_message()
        if any(step.kind == "string" for step in layout_of_cached(cls))
    }
    while True:
        more = {
            cls
            for cls in of_a_message() - found
            if any(found.intersection(inside) for inside in objects(cls).values())
        }
        if not more:
            return frozenset(found)
        found |= more


def fields() -> Iterator[str]:
    for cls in wordy():
        inside = objects(cls)
        for step in layout_of_cached(cls):
            if step.kind == "string" or wordy().intersection(inside.get(step.name, ())):
                yield f"{cls.__name__}.{step.name}"


def kept() -> list[tuple[Any, str]]:
    return [(cls, name) for cls, decided in KEPT.items() for name in decided]


def test_each_field_is_decided_once_and_only_what_there_is() -> None:
    decided = [*LEFT_FIELDS, *(f"{cls.__name__}.{name}" for cls, name in kept())]
    assert sorted(decided) == sorted(fields())


def test_there_is_much_to_decide() -> None:
    """Should the walk find nothing, it would agree with everything."""
    assert len(of_a_message()) > 450
    assert len(wordy()) > 230
    assert len(list(fields())) > 400


def test_kept_fields_stand_in_the_order_of_the_wire() -> None:
    for cls, decided in KEPT.items():
        order = [step.name for step in layout_of_cached(cls)]
        assert list(decided) == sorted(decided, key=order.index), cls.__name__


STRINGS = [
    (cls, name)
    for cls, decided in KEPT.items()
    for name, decision in decided.items()
    if isinstance(decision, Text | Link)
]


@pytest.mark.parametrize(("cls", "name"), STRINGS, ids=lambda one: getattr(one, "__name__", one))
def test_each_kept_string_is_found(cls: Any, name: str) -> None:
    value = barest(cls)
    setattr(value, name, MARK)
    assert any(text.endswith(MARK) for _, text in texts_in(value))


def test_links_in_the_entities_of_every_kept_text_are_found() -> None:
    pairs = [
        (cls, decision.of, name)
        for cls, decided in KEPT.items()
        for name, decision in decided.items()
        if isinstance(decision, Entities)
    ]
    assert len(pairs) == 3
    for cls, text, entities in pairs:
        value = barest(cls)
        setattr(value, text, "👍 see a.example and here")
        setattr(
            value,
            entities,
            [
                types.MessageEntityUrl(7, 9),
                types.MessageEntityTextUrl(21, 4, "https://b.example"),
                types.MessageEntityUrl(90, 4),
                types.MessageEntityBold(0, 0),
            ],
        )
        found = [text for kind, text in texts_in(value) if kind == "link"]
        assert found == ["a.example", "https://b.example"], cls.__name__


def barest(cls: Any) -> Any:
    """An object with nothing that may be absent, and as little as may be inside."""
    schema = Schema(1)
    schema.dice.random = lambda: 0.89  # type: ignore[method-assign]
    schema.dice.choice = lambda options: options[0]  # type: ignore[method-assign,assignment]
    return schema.make(cls, 99)


def page_with(*found: Any) -> bytes:
    return bytes(
        messages.ChannelMessages(
            pts=1, count=9, messages=list(found), topics=[], chats=[], users=[]
        )
    )


def carried(cls: Any, value: Any) -> Any:
    """The message, or None for what does not stand in one directly."""
    given = {"id": 5, "peer_id": types.PeerChannel(1_500_000_001), "date": 9}
    for whole, name in PLACES:
        hint = hints_of(whole)[name]
        if cls in classes_of([hint]):
            many = any(step.name == name and step.many for step in layout_of_cached(whole))
            more = {"message": ""} if whole is types.Message else {}
            if whole is types.MessageService and name != "action":
                more["action"] = types.MessageActionEmpty()
            return whole(**given, **more, **{name: [value] if many else value})
    return None


PLACES = [
    (whole, step.name)
    for whole in (types.Message, types.MessageService)
    for step in layout_of_cached(whole)
    if step.kind == "object" and step.name != "peer_id"
]


def test_whatever_stands_in_a_message_may_be_as_empty_as_it_can() -> None:
    walked = 0
    skimmer = Skimmer()
    for cls in of_a_message():
        message = carried(cls, barest(cls))
        if message is None:
            continue
        walked += 1
        data = page_with(message)
        page = decoded(data)
        assert isinstance(page, Page), f"{cls.__name__}: {page!r}"
        assert [one["id"] for one in page.messages] == [5]
        assert skimmer.page(data, 0, PEER.chat, "a1") in (None, page), cls.__name__
    assert walked > 120


def test_every_kept_constructor_is_skimmed_as_it_is_decoded() -> None:
    """Four of each, in a message where it can stand in one, with whatever may be inside."""
    skimmer = Skimmer()
    schema = Schema(11)
    skimmed, every = 0, 0
    for cls in [*KEPT, *of_a_message()]:
        for _ in range(4):
            message = carried(cls, schema.make(cls, 2))
            if message is None:
                continue
            data, every = page_with(message), every + 1
            page = skimmer.page(data, 0, PEER.chat, "a1")
            skimmed += page is not None
            assert page in (None, decoded(data)), cls.__name__
    assert skimmed > 0.9 * every > 500


def test_the_documents_name_every_kind() -> None:
    page = (Path(__file__).parents[3] / "docs" / "message-texts.md").read_text()
    rows = [row for row in page.splitlines() if row.startswith("| `")]
    told = {kind for row in rows for kind in re.findall(r"`(\w+)`", row.split("|")[1])}
    decisions = [decision for decided in KEPT.values() for decision in decided.values()]
    kinds = {getattr(decision, "kind", None) for decision in decisions} - {None, PIECE}
    assert told == kinds
