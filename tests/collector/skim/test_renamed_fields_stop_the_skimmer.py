"""A Telethon whose definitions changed is noticed before a page is read, not by wrong values."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from telethon.tl import types

from collector.telegram.libraries import MissingLibraries, require_skimmer
from collector.telegram.skim.attached import ATTACHED
from collector.telegram.skim.generator import KEPT, generate, run
from collector.telegram.skim.kept import MESSAGES, written
from collector.telegram.skim.layout import LayoutChanged, Step, layout_of
from collector.telegram.skim.skimmer import skimmer
from core.record import ForwardRecord, ReactionRecord

EMPTY = next(entry for entry in MESSAGES if entry.cls is types.MessageEmpty)
SIZE = next(entry for entry in ATTACHED if entry.cls is types.PhotoSizeProgressive)
NAME = next(entry for entry in ATTACHED if entry.cls is types.DocumentAttributeFilename)


class Renamed:
    CONSTRUCTOR_ID = 1

    @classmethod
    def from_reader(cls, reader: Any) -> Any:
        flags = reader.read_int()

        _number = reader.read_int()
        if flags & 1:  # noqa: SIM108  # as Telethon's are written
            _peer_id = reader.tgread_object()
        else:
            _peer_id = None
        return cls(number=_number, peer_id=_peer_id)


class WithMore:
    CONSTRUCTOR_ID = 2

    @classmethod
    def from_reader(cls, reader: Any) -> Any:
        flags = reader.read_int()

        _new = reader.tgread_string()
        _id = reader.read_int()
        if flags & 1:  # noqa: SIM108  # as Telethon's are written
            _peer_id = reader.tgread_object()
        else:
            _peer_id = None
        return cls(new=_new, id=_id, peer_id=_peer_id)


class OfAnotherKind:
    CONSTRUCTOR_ID = 3

    @classmethod
    def from_reader(cls, reader: Any) -> Any:
        _file_name = reader.tgread_object()
        _sizes = reader.tgread_string()
        return cls(file_name=_file_name, sizes=_sizes)


class WrittenAnew:
    CONSTRUCTOR_ID = 4

    @classmethod
    def from_reader(cls, reader: Any) -> Any:
        return cls(**{name: reader.read_int() for name in ("id", "peer_id")})


class ReadInAnotherWay:
    CONSTRUCTOR_ID = 5

    @classmethod
    def from_reader(cls, reader: Any) -> Any:
        _id = reader.read_varint()
        return cls(id=_id)


@pytest.mark.parametrize(
    ("entry", "cls"),
    [
        (EMPTY, Renamed),
        (EMPTY, WrittenAnew),
        (EMPTY, ReadInAnotherWay),
        (NAME, OfAnotherKind),
        (SIZE, OfAnotherKind),
    ],
)
def test_what_is_kept_must_be_there(entry: Any, cls: Any) -> None:
    kept = [replace(entry, cls=cls) if other is entry else other for other in KEPT]
    with pytest.raises(LayoutChanged, match=cls.__name__):
        generate(kept)


def test_new_fields_are_passed_over() -> None:
    kept = [replace(EMPTY, cls=WithMore) if entry is EMPTY else entry for entry in KEPT]
    generate(kept)
    assert layout_of(WithMore) == (
        Step(name="flags", kind="flags"),
        Step(name="new", kind="string"),
        Step(name="id", kind="int"),
        Step(name="peer_id", kind="object", word="flags", mask=1),
    )


@pytest.mark.parametrize("change", [{"emojis": "x"}, {"emoji": "x"}, {"emoji": "x", "counts": "1"}])
def test_what_is_made_must_fit_the_crews_values(change: dict[str, str]) -> None:
    with pytest.raises(LayoutChanged, match="Reaction"):
        written(ReactionRecord, **change)


def test_what_is_empty_is_left_out() -> None:
    lines = "\n".join(
        written(ForwardRecord, date="then", not_none={"sender": "who"}, not_empty={"name": "shown"})
    )
    for who, shown, stored in [
        (None, "", {"date": 1}),
        (0, "Ada", {"date": 1, "sender": 0, "name": "Ada"}),
    ]:
        names = {"then": 1, "who": who, "shown": shown}
        run(lines, names)
        assert names["value"] == stored


def test_each_reader_has_a_constructor_of_its_own() -> None:
    key: Callable[[Any], object] = lambda entry: (entry.table, entry.cls.CONSTRUCTOR_ID)  # noqa: E731
    assert len({key(entry) for entry in KEPT}) == len(KEPT)


def test_a_collector_says_at_its_start_that_telethon_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(types.MessageEmpty, "from_reader", Renamed.from_reader)
    skimmer.cache_clear()
    with pytest.raises(MissingLibraries, match="SKIM=off"):
        require_skimmer()
    monkeypatch.undo()
    assert require_skimmer() is require_skimmer()
