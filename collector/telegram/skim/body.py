"""Writes the body of a function that walks over one constructor.

The code that it writes works on `data` (bytes) and `pos`, which stays a multiple of four. Its names
in capitals are those of `runtime.namespace`, and the tables of readers.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import groupby

from collector.telegram.skim.layout import SIZES, LayoutChanged, Step

CODES = {"flags": "i", "int": "i", "date": "I", "long": "q"}
"""How `struct` calls the kinds that can be kept."""

Keep = Mapping[str, str]
"""Which fields become variables, by their names, and how: "" is plainly; a table's name reads what
is in that table; the others are in `Body._hows`."""

NOTHING: Keep = {}


class Body:
    """Lines of code. Fixed sizes add up and are moved over in one go, before whatever branches."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._depth = 1
        self._ahead = 0
        self._hows: dict[str, Callable[[Step], None]] = {
            "length": self._length,
            "peer": self._peer,
            "action": self._action,
            "media": self._media,
            "texts": self._texts,
            "entities": self._entities,
            "ints": self._ints,
            "counts": self._counts,
            "messages": self._messages,
            "chats": self._names,
            "users": self._names,
        }

    def line(self, text: str) -> None:
        self.lines.append("    " * self._depth + text)

    def walk(self, steps: Iterable[Step], keep: Keep = NOTHING) -> None:
        """Move over the steps. What is rare costs one test for all that a word of flags tells."""
        missing = keep.keys() - {step.name for step in steps}
        if missing:
            raise LayoutChanged(f"no field is called {', '.join(sorted(missing))}")
        steps = _in_a_row(step for step in steps if step.kind != "true" or step.name in keep)
        for rare, found in groupby(steps, key=lambda step: step.name not in keep and step.word):
            run = list(found)
            masks = {step.mask for step in run}
            if rare and len(masks) > 1:
                with self.block(f"if {rare} & {sum(masks)}:"):
                    self._flagged(run, keep)
            else:
                self._flagged(run, keep)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self._settle()
        self.line(head)
        self._depth += 1
        yield
        self._settle()
        self._depth -= 1

    def begin(self, lines: Iterable[str]) -> None:
        """Begin with these lines."""
        for text in lines:
            self.line(text)

    def finish(self, lines: Iterable[str]) -> None:
        """End with these lines."""
        self._settle()
        for text in lines:
            self.line(text)

    def _flagged(self, steps: Iterable[Step], keep: Keep) -> None:
        for (word, mask, true), found in groupby(
            steps, key=lambda step: (step.word, step.mask, step.kind == "true")
        ):
            run = list(found)
            if true:
                self.line(f"{run[0].name} = {word} & {mask}")
            elif not word:
                self._sequence(run, keep)
            else:
                with self.block(f"if {word} & {mask}:"):
                    self._sequence(run, keep)
                absent = [step.name for step in run if step.name in keep]
                if absent:
                    with self.block("else:"):
                        self.line(" = ".join([*absent, "None"]))

    def _sequence(self, steps: Iterable[Step], keep: Keep) -> None:
        for fixed, found in groupby(steps, key=lambda step: step.kind in SIZES and not step.many):
            if fixed:
                self._fixed(list(found), keep)
                continue
            for step in found:
                self._one(step, keep.get(step.name))

    def _fixed(self, steps: list[Step], keep: Keep) -> None:
        """Fields of fixed sizes in a row are unpacked at once."""
        names, code, size, place = [], "", 0, self._at()
        for step in steps:
            self._ahead += SIZES[step.kind]
            if step.kind != "flags" and step.name not in keep:
                size += SIZES[step.kind]
                continue
            names.append(step.name)
            code += (f"{size}x" if size else "") + CODES[step.kind]
            size = 0
        if names:
            self.line(f"{', '.join(names)}, = UNPACK_{code}(data, {place})")
        for step in steps:
            if step.kind == "date" and step.name in keep:
                self.line(f"{step.name} = DATE({step.name}, UTC)")

    def _one(self, step: Step, how: str | None) -> None:
        if how is None:
            self._skip(step)
        elif how in self._hows:
            self._hows[how](step)
        elif how.isupper() and step.kind == "object":
            self._object(step, how)
        elif how == "" and step.kind == "string" and not step.many:
            self._string(step)
        else:
            raise LayoutChanged(f"{step.name} is now a {step.kind}")

    def _skip(self, step: Step) -> None:
        if step.many:
            self._vector(step, partial(self._skip, Step(name=step.name, kind=step.kind)))
        elif step.kind in {"string", "bytes"}:
            self.line(f"n = data[{self._at()}]")
            self._over_string()
        elif step.kind == "bool":
            self.line(f"BOOLS[{self._key()}]")
            self._ahead += 4
        elif step.kind in SIZES:
            self._ahead += SIZES[step.kind]
        else:
            self._move(f"SKIP[{self._key()}](data, {self._at(4)})")

    def _vector(self, step: Step, each: Callable[[], None]) -> None:
        self.line(f"n, = UNPACK_i(data, {self._at(4)})")
        self._ahead += 8
        if step.kind in SIZES and step.many:
            with self.block("if n > 0:"):
                self.line(f"pos += n * {SIZES[step.kind]}")
            return
        with self.block("for _ in range(n):"):
            each()

    def _over_string(self) -> None:
        size = f"UNPACK_I(data, {self._at()})[0] >> 8"
        self._move(f"({self._at(4)} + n & -4) if n != 254 else ({self._at(7)} + ({size}) & -4)")

    def _string(self, step: Step) -> None:
        start = self._at(1)
        self.line(f"n = data[{self._at()}]")
        short, long = self._at(4), self._at()
        self._ahead = 0
        with self.block("if n != 254:"):
            self.line(f"{step.name} = data[{start}:{start} + n].decode('utf-8', 'replace')")
            self._move(f"{short} + n & -4")
        with self.block("else:"):
            self.line(f"{step.name}, pos = LONG_STRING(data, {long})")

    def _length(self, step: Step) -> None:
        """Of bytes: how many."""
        if step.kind != "bytes" or step.many:
            raise LayoutChanged(f"{step.name} is now a {step.kind}")
        self.line(f"n = data[{self._at()}]")
        self.line(f"{step.name} = n if n != 254 else UNPACK_I(data, {self._at()})[0] >> 8")
        self._over_string()

    def _object(self, step: Step, table: str) -> None:
        if step.many:
            self.line(f"{step.name} = []")
            self._vector(step, partial(self._item, step.name, table))
            return
        self.line(f"{step.name}, pos = {table}[{self._key()}](data, {self._at(4)})")
        self._ahead = 0

    def _item(self, name: str, table: str) -> None:
        self.line(f"item, pos = {table}[{self._key()}](data, {self._at(4)})")
        self.line(f"{name}.append(item)")

    def _peer(self, step: Step) -> None:
        """Marked. Telethon changes negative ids of chats on its way: they are left to it."""
        kind, name = f"{step.name}_kind", step.name
        self.line(f"{kind}, {name} = UNPACK_4sq(data, {self._at()})")
        self._ahead += 12
        with self.block(f"if {kind} == CHANNEL and {name} > 0:"):
            self.line(f"{name} = -1000000000000 - {name}")
        with self.block(f"elif {kind} == GROUP and {name} > 0:"):
            self.line(f"{name} = -{name}")
        with self.block(f"elif {kind} != USER:"):
            self.line(f"raise Unfamiliar({kind})")

    def _action(self, step: Step) -> None:
        self.line(f"kind = {self._key()}")
        self.line(f"{step.name} = ACTIONS[kind]")
        self._move(f"INSIDE[kind](data, {self._at(4)}, texts, '')")

    def _media(self, step: Step) -> None:
        """Read for what it is, then for its texts."""
        self.line(f"kind, start = {self._key()}, {self._at(4)}")
        self.line(f"{step.name}, pos = MEDIA[kind](data, start)")
        self._ahead = 0
        with self.block("if kind in WORDED:"):
            self.line("INSIDE[kind](data, start, texts, '')")

    def _texts(self, step: Step) -> None:  # noqa: ARG002
        self._move(f"INSIDE[{self._key()}](data, {self._at(4)}, texts, '')")

    def _entities(self, step: Step) -> None:
        self.line(f"{step.name}, linked, pos = ENTITIES(data, {self._at()})")
        self._ahead = 0

    def _ints(self, step: Step) -> None:
        if step.kind != "int" or not step.many:
            raise LayoutChanged(f"{step.name} is now a {step.kind}")
        self.line(f"{step.name}, pos = INTS(data, {self._at()})")
        self._ahead = 0

    def _counts(self, step: Step) -> None:
        if step.kind != "object" or not step.many:
            raise LayoutChanged(f"{step.name} is now a {step.kind}")
        self.line(f"{step.name}, pos = COUNTED(data, {self._at()})")
        self._ahead = 0

    def _messages(self, step: Step) -> None:
        call = partial(self._move, "MESSAGES[data[pos:pos + 4]](data, pos + 4, page)")
        self._vector(step, call)

    def _names(self, step: Step) -> None:
        self._move(f"NAMED_{step.name.upper()}(data, {self._at()}, page.{step.name})")

    def _at(self, more: int = 0) -> str:
        ahead = self._ahead + more
        return f"pos + {ahead}" if ahead else "pos"

    def _key(self) -> str:
        """The id of a constructor that begins here, as tables are keyed: its four bytes."""
        return f"data[{self._at()}:{self._at(4)}]"

    def _settle(self) -> None:
        if self._ahead:
            self.line(f"pos += {self._ahead}")
        self._ahead = 0

    def _move(self, place: str) -> None:
        self.line(f"pos = {place}")
        self._ahead = 0


def _in_a_row(steps: Iterable[Step]) -> list[Step]:
    """The steps, those that take no bytes moved behind the fields of fixed size around them."""
    found: list[Step] = []
    waiting: list[Step] = []
    for step in steps:
        if step.kind == "true":
            waiting.append(step)
            continue
        if step.word or step.many or step.kind not in SIZES:
            found += waiting
            waiting = []
        found.append(step)
    return found + waiting
