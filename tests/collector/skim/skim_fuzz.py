"""Random pages of history of whatever the schema allows, and what full decoding makes of them."""

import random
import types as python_types
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from telethon.extensions import BinaryReader
from telethon.tl import types
from telethon.tl.types import messages

from collector.gateway import Page
from collector.telegram.mapping import page_of
from collector.telegram.skim.layout import Step, layout_of
from core.chat import ChatKind, Peer

PEER = Peer(chat=-1001500000001, kind=ChatKind.SUPERGROUP, access_hash=9)
IDS = (*range(1, 9), 1_500_000_001, 1_500_000_002, 997_852_516_352)
"""Few, so that messages and the people and chats of a page find each other."""

WORDS = ("", "a", "пример", "链接 https://a.example/b", "👍", "x" * 253, "y" * 254, "é" * 900)
PAGES = (messages.Messages, messages.MessagesSlice, messages.ChannelMessages)
DEPTH = 7


def decoded(data: bytes) -> Page | Exception:
    """What the page is when Telethon decodes it; or how that fails."""
    try:
        with BinaryReader(data) as reader:
            return page_of(reader.tgread_object(), PEER, "a1")
    except Exception as error:  # noqa: BLE001  # whatever way it fails, skimming must not succeed
        return error


class Schema:
    """Makes valid objects of Telethon's classes; those made least come first."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.made: Counter[type] = Counter()

    def page(self) -> bytes:
        """An answer to getHistory, serialized."""
        roll = self.dice.randint
        lists = {
            "messages": [self.one(types.TypeMessage) for _ in range(roll(0, 6))],
            "topics": [self.one(types.TypeForumTopic) for _ in range(roll(0, 3) // 3)],
            "chats": [self.one(types.TypeChat) for _ in range(roll(0, 4))],
            "users": [self.one(types.TypeUser) for _ in range(roll(0, 6))],
        }
        kind = self.dice.choice(PAGES)
        if kind is messages.Messages:
            return bytes(kind(**lists))
        head = {"pts": roll(1, 9)} if kind is messages.ChannelMessages else {}
        return bytes(kind(count=roll(0, 99_999), **head, **lists))

    def one(self, union: Any, depth: int = 0) -> Any:
        """An object of one of the classes of a type."""
        classes = [cls for cls in get_args(union) or (union,) if cls is not type(None)]
        if types.ReactionEmpty in classes and self.dice.random() < 0.98:
            classes.remove(types.ReactionEmpty)  # nobody reacts with it
        if depth >= DEPTH:
            return self.make(min(classes, key=weight), depth)
        fewest = min(self.made[cls] for cls in classes)
        if self.dice.random() < 0.5:
            classes = [cls for cls in classes if self.made[cls] == fewest]
        return self.make(self.dice.choice(classes), depth)

    def make(self, cls: Any, depth: int) -> Any:
        self.made[cls] += 1
        present: dict[tuple[str, int], bool] = {}
        chance = 0.5 if depth < 3 else 0.2
        given = {}
        for step in layout_of_cached(cls):
            if step.kind == "flags":
                continue
            flag = (step.word, step.mask)
            there = present.setdefault(flag, not step.word or self.dice.random() < chance)
            hint = hints_of(cls)[step.name]
            if there:
                given[step.name] = self.field(step, hint, depth)
        return cls(**given)

    def field(self, step: Step, hint: Any, depth: int) -> Any:
        if step.name == "peer_id" and self.dice.random() < 0.9:
            return types.PeerChannel(1_500_000_001)
        if not step.many:
            return self.value(step, plain(hint), depth)
        (item,) = get_args(plain(hint))
        count = 0 if depth >= DEPTH else self.dice.choice((0, 1, 1, 2, 3))
        return [self.value(step, item, depth) for _ in range(count)]

    def value(self, step: Step, hint: Any, depth: int) -> Any:
        simple = SIMPLE.get(step.kind)
        return self.one(hint, depth + 1) if simple is None else simple(self.dice)


def _long(dice: random.Random) -> int:
    return dice.choice(IDS) if dice.random() < 0.97 else dice.randint(-(2**63), 2**63 - 1)


def _string(dice: random.Random) -> str | bytes:
    return dice.choice(WORDS) if dice.random() < 0.9 else dice.randbytes(dice.randint(0, 300))


SIMPLE: dict[str, Callable[[random.Random], Any]] = {
    "true": lambda _: True,
    "bool": lambda dice: dice.random() < 0.5,
    "int": lambda dice: dice.choice((0, 1, 7, 250, dice.randint(-(2**31), 2**31 - 1))),
    "long": _long,
    "double": lambda dice: dice.random(),
    "int128": lambda dice: dice.getrandbits(120),
    "int256": lambda dice: dice.getrandbits(250),
    "string": _string,
    "bytes": lambda dice: dice.randbytes(dice.choice((0, 3, 20, 254, 600))),
    "date": lambda dice: datetime.fromtimestamp(dice.randint(-(2**31), 2**31 - 1), UTC),
}


@cache
def layout_of_cached(cls: Any) -> tuple[Step, ...]:
    return layout_of(cls)


@cache
def hints_of(cls: Any) -> dict[str, Any]:
    """The types of a constructor's fields. Messages are told apart by their own class."""
    own = next(base for base in cls.__mro__ if base.__module__.startswith("telethon.tl.types"))
    return get_type_hints(own.__init__, NAMES | {**vars(types), **BUILTINS})


NAMES = {
    name: value
    for room in vars(types).values()
    if isinstance(room, python_types.ModuleType) and room.__name__.startswith(types.__name__)
    for cls_name, value in vars(room).items()
    for name in (cls_name, f"Type{cls_name}")
}
BUILTINS = {"int": int, "str": str, "bool": bool, "bytes": bytes, "float": float}
"""Some TL types have fields, hence modules have names, like these."""


def plain(hint: Any) -> Any:
    """A hint without its None."""
    if get_origin(hint) not in {Union, python_types.UnionType}:
        return hint
    return Union[tuple(arg for arg in get_args(hint) if arg is not type(None))]  # noqa: UP007


@cache
def weight(cls: Any) -> int:
    """How many objects an object of this class must have inside."""
    return sum(step.kind == "object" and not step.word for step in layout_of_cached(cls))


def reachable() -> set[Any]:
    """Every constructor that a page may hold."""
    found: set[Any] = set()
    waiting = list(classes_of((types.TypeMessage, types.TypeChat, types.TypeUser)))
    while waiting:
        cls = waiting.pop()
        if cls in found:
            continue
        found.add(cls)
        inside = [step.name for step in layout_of_cached(cls) if step.kind == "object"]
        waiting += classes_of(hints_of(cls)[name] for name in inside)
    return found


def classes_of(hints: Any) -> Iterator[Any]:
    for hint in hints:
        if isinstance(hint, type) and get_origin(hint) is None:
            if hasattr(hint, "CONSTRUCTOR_ID"):
                yield hint
        else:
            yield from classes_of(get_args(hint))
