"""Makes the readers: writes their source, compiles it, fills the tables with them."""

import re
import struct
from collections.abc import Iterable
from typing import Any

from telethon.tl import types
from telethon.tl.alltlobjects import tlobjects

from collector.telegram.skim.attached import ATTACHED
from collector.telegram.skim.body import Body
from collector.telegram.skim.kept import HEADERS, MESSAGES, PAGES, Kept, written
from collector.telegram.skim.layout import LayoutChanged, Step, layout_of
from collector.telegram.skim.runtime import Table, Unfamiliar, key_of, namespace
from collector.telegram.skim.texts import TextReaders, add_texts, check_texts
from collector.telegram.text import ENTITY_KINDS
from collector.telegram.texts.found import join
from collector.telegram.texts.kept import KEPT as TEXTS_KEPT
from core.record import EntityRecord

KEPT = (*PAGES, *MESSAGES, *HEADERS, *ATTACHED)
PEERS = (types.PeerUser, types.PeerChat, types.PeerChannel)
INTO_PAGE = ("PAGES", "MESSAGES")
"""Readers of these tables take the page's draft, too, and return nothing but the position."""

PLAIN_ENTITY = ("offset", "length")


class Skips(Table):
    """Functions that move over a constructor, each made when it is first met."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, Any] = {}

    def __missing__(self, key: bytes) -> Any:
        cls = tlobjects.get(int.from_bytes(key, "little"))
        if cls is None or len(key) < 4:
            raise Unfamiliar(key)
        try:
            source = skip_source(cls)
        except LayoutChanged:
            raise Unfamiliar(key) from None
        run(source, self.names)
        made_now = self[key] = self.names[f"skip_{cls.__name__}"]
        return made_now


def generate(kept: Iterable[Kept] = KEPT) -> Table:
    """The readers of whole pages. Raises LayoutChanged if Telethon's fields have other names."""
    kept = tuple(kept)
    skips = Skips()
    names = skips.names = namespace(skips)
    check_texts()
    names["ADD_TEXTS"], names["JOIN"] = add_texts, join
    names["INSIDE"] = TextReaders(names, skips, run)
    names["WORDED"] = frozenset(map(key_of, TEXTS_KEPT))
    for entry in kept:
        names.setdefault(entry.table, Table())
    run(source_of(kept), names)
    for entry in kept:
        names[entry.table][key_of(entry.cls)] = names[_name(entry)]
    pages: Table = names["PAGES"]
    return pages


def source_of(kept: Iterable[Kept]) -> str:
    """The code of all readers, to be run or read."""
    _check_peers()
    return "\n\n".join([*map(read_source, kept), entities_source()])


def read_source(entry: Kept) -> str:
    """A function that reads a constructor, from behind its id: (value, where it ends)."""
    body = Body()
    try:
        body.begin(entry.first)
        body.walk(layout_of(entry.cls), entry.keep)
    except LayoutChanged as odd:
        raise LayoutChanged(f"{entry.cls.__name__}: {odd}") from None
    into_page = entry.table in INTO_PAGE
    body.finish([*entry.make, "return pos" if into_page else "return value, pos"])
    parameters = "data, pos, page" if into_page else "data, pos"
    return "\n".join([f"def {_name(entry)}({parameters}):", *body.lines])


def skip_source(cls: Any) -> str:
    """A function that moves over a constructor, from behind its id: where it ends."""
    body = Body()
    body.walk(layout_of(cls))
    body.finish(["return pos"])
    return "\n".join([f"def skip_{cls.__name__}(data, pos):", *body.lines])


def entities_source() -> str:
    """A function that reads a vector of entities: (entities, whether any is a link, the end)."""
    plain = {
        key_of(cls): kind
        for cls, kind in ENTITY_KINDS.items()
        if layout_of(cls) == tuple(Step(name=name, kind="int") for name in PLAIN_ENTITY)
    }
    entity = written(EntityRecord, "entity", kind="kind", offset="offset", length="length")
    return "\n".join(
        [
            f"KINDS = {plain!r}",
            "def ENTITIES(data, pos):",
            "    n, = UNPACK_i(data, pos + 4)",
            "    pos += 8",
            "    linked, found = False, []",
            "    for _ in range(n):",
            "        key, offset, length = UNPACK_4sii(data, pos)",
            "        kind = KINDS.get(key)",
            "        if kind is None:",
            "            entity, pos = TEXTS[key](data, pos + 4)",
            "            linked = linked or entity['kind'] == 'text_link'",
            "        else:",
            *(f"            {line}" for line in entity),
            "            pos += 12",
            "            linked = linked or kind == 'url'",
            "        found.append(entity)",
            "    return found, linked, pos",
        ]
    )


def run(source: str, names: dict[str, Any]) -> None:
    """Define the functions of `source`, written by this module alone, among `names`."""
    for code in set(re.findall(r"UNPACK_(\w+)", source)):
        names.setdefault(f"UNPACK_{code}", struct.Struct(f"<{code}").unpack_from)
    exec(compile(source, "<skim>", "exec"), names)  # noqa: S102


def _name(entry: Kept) -> str:
    return f"read_{entry.cls.__module__.rpartition('.')[2]}_{entry.cls.__name__}"


def _check_peers() -> None:
    for cls in PEERS:
        if [step.kind for step in layout_of(cls)] != ["long"]:
            raise LayoutChanged(f"{cls.__name__} is more than an id")
