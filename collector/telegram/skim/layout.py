"""How a constructor lies on the wire, read from the source of its own `from_reader`."""

import ast
import linecache
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

SCALARS = {
    "read_int": "int",
    "read_long": "long",
    "read_double": "double",
    "tgread_string": "string",
    "tgread_bytes": "bytes",
    "tgread_bool": "bool",
    "tgread_date": "date",
    "tgread_object": "object",
}
SIZES = {"flags": 4, "int": 4, "date": 4, "long": 8, "double": 8, "int128": 16, "int256": 32}
"""Bytes of the kinds that have always the same."""


class LayoutChanged(Exception):
    """Telethon's definitions are not what this reader was written for; it must not be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing on the wire.

    `kind` is one of SIZES or SCALARS; `flags`, a word of flags; `true`, a flag that takes no bytes.
    It is there only if the word of flags named `word` has a bit of `mask`; `many`: as a vector.
    """

    name: str
    kind: str
    word: str = ""
    mask: int = 0
    many: bool = False


def layout_of(cls: Any) -> tuple[Step, ...]:
    """The steps of a constructor, after its id. Raises LayoutChanged."""
    match ast.parse(_source(cls.from_reader.__code__)).body:
        case [ast.FunctionDef(body=body)]:
            pass
        case _:
            raise LayoutChanged(f"{cls.__name__} has no source to read")
    try:
        return tuple(_steps(body))
    except LayoutChanged as odd:
        raise LayoutChanged(f"{cls.__name__}: {odd}") from None


def _source(code: CodeType) -> str:
    """What `inspect.getsource` gives, without its reading of the file token by token."""
    last = max(end or 0 for _, end, *_ in code.co_positions())
    lines = linecache.getlines(code.co_filename)[code.co_firstlineno - 1 : last]
    return textwrap.dedent("".join(lines))


def _steps(body: list[ast.stmt]) -> Iterator[Step]:
    at = 0
    while at < len(body):
        match body[at]:
            case ast.Return():
                return
            case ast.If(test=test, body=present):
                word, mask = _test(test)
                for step in _steps(present):
                    yield Step(name=step.name, kind=step.kind, word=word, mask=mask, many=step.many)
            case ast.Expr(value=ast.Call()):
                yield _vector(body[at + 1 : at + 3])
                at += 2
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield _single(name, value)
            case odd:
                raise LayoutChanged(f"cannot read `{ast.unparse(odd)}`")
        at += 1


def _single(name: str, value: ast.expr) -> Step:
    match value:
        case ast.Call(func=ast.Name(id="bool"), args=[test]):
            word, mask = _test(test)
            return Step(name=name.removeprefix("_"), kind="true", word=word, mask=mask)
        case ast.Call(func=ast.Attribute()) if name.startswith("flags"):
            return Step(name=name, kind="flags")
        case ast.Call(func=ast.Attribute()):
            return Step(name=name.removeprefix("_"), kind=_kind(value))
    raise LayoutChanged(f"cannot read `{name} = {ast.unparse(value)}`")


def _vector(body: list[ast.stmt]) -> Step:
    match body:
        case [
            ast.Assign(targets=[ast.Name(id=name)], value=ast.List(elts=[])),
            ast.For(body=[ast.Assign(value=ast.Call() as item), ast.Expr()]),
        ]:
            return Step(name=name.removeprefix("_"), kind=_kind(item), many=True)
    raise LayoutChanged("cannot read a vector")


def _test(test: ast.expr) -> tuple[str, int]:
    match test:
        case ast.BinOp(
            left=ast.Name(id=word), op=ast.BitAnd(), right=ast.Constant(value=int(mask))
        ):
            return word, mask
    raise LayoutChanged(f"cannot read `if {ast.unparse(test)}`")


def _kind(call: ast.Call) -> str:
    match call:
        case ast.Call(func=ast.Attribute(attr="read_large_int"), keywords=[bits]):
            return f"int{ast.unparse(bits.value)}"
        case ast.Call(func=ast.Attribute(attr=method), args=[], keywords=[]) if method in SCALARS:
            return SCALARS[method]
    raise LayoutChanged(f"cannot read `{ast.unparse(call)}`")
