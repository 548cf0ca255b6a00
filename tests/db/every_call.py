"""Calls every verb of every repository, with arguments made from its signature."""

import inspect
import types
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import datetime, time, timedelta
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from plenty import MANY, NOW, OPEN

from core.run import OpenedBy, Opening, Run
from db.database import Database

WITHOUT_QUERIES = {"outage", "changes"}
NEWEST = f"{MANY - OPEN + 7:06}"
NAMED: dict[str, Any] = {
    "task": f"t{NEWEST}",
    "tasks": f"t{NEWEST}",
    "run": f"r{NEWEST}",
    "runs": f"r{NEWEST}",
    "job": f"r{NEWEST}:0000",
    "jobs": f"r{NEWEST}:0000",
    "username": "@one",
    "source": "@one",
    "sources": "@one",
    "box": "",
    "chat": -1001,
    "chats": -1001,
    "lo": 10,
    "hi": 110,
    "n": 3,
}
"""Values of parameters and fields by their names: they meet what is in the store."""

TOLD: dict[str, dict[str, Any]] = {
    "messages.forget": {"chat": -1002},
    "messages.places": {"box": "a1"},
    "media.forget": {"file": "gone"},
    "tallies.void": {"blocks": {(-1001, "", 1)}},
}
"""Arguments that a verb gets instead."""


def half_opened() -> Run:
    """A run that its task has not agreed to."""
    opening = Opening(id="one", by=OpenedBy.SCHEDULE, rev=3)
    return replace(made(Run), opening=opening)


ALSO: dict[str, dict[str, Any]] = {"memberships.accounts_knowing": {"source": "+AbCdEfGhIjKlMnOp"}}
"""Arguments with which a verb asks differently."""

PLAIN: dict[Any, Any] = {
    str: "one",
    int: 3,
    float: 3.0,
    bool: True,
    bytes: b"-",
    datetime: NOW,
    timedelta: timedelta(hours=1),
    time: time(9),
    object: 1,
    Any: 1,
}


def calls(database: Database) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Each verb's name, the verb, and arguments: those it needs, then all that it takes."""
    for room, repository in vars(database).items():
        if room.startswith("_") or room in WITHOUT_QUERIES:
            continue
        for verb, method in inspect.getmembers(repository, inspect.isroutine):
            if verb.startswith("_"):
                continue
            told = {"run": half_opened()} if verb == "settle" else TOLD.get(f"{room}.{verb}", {})
            needed, every = ({**one, **told} for one in arguments(method))
            yield f"{room}.{verb}", method, needed
            if every != needed:
                yield f"{room}.{verb}", method, every
            if also := ALSO.get(f"{room}.{verb}"):
                yield f"{room}.{verb}", method, {**every, **also}


async def call(method: Any, given: dict[str, Any]) -> Any:
    """The result of a verb; a stream is read to its end."""
    result = method(**given)
    if isinstance(result, AsyncIterator):
        return [one async for one in result]
    return await result if inspect.isawaitable(result) else result


def arguments(method: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a verb needs, and all that it takes."""
    hints = get_type_hints(inspect.unwrap(method))
    needed, every = {}, {}
    for name, parameter in inspect.signature(method).parameters.items():
        every[name] = sample(hints[name], name)
        if parameter.default is parameter.empty:
            needed[name] = every[name]
    return needed, every


def sample(kind: Any, name: str) -> Any:
    """A value of a type, for a parameter or field of this name."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return sample(next(one for one in inner if one is not types.NoneType), name)
    if origin is Literal:
        return inner[0]
    if origin is tuple:
        return (sample(inner[0], name),)
    if origin is not None and issubclass(origin, Mapping):
        return {sample(inner[0], name): sample(inner[1], name)}
    if origin is not None:
        return [sample(inner[0], name)]
    if name in NAMED and isinstance(NAMED[name], kind if isinstance(kind, type) else object):
        return NAMED[name]
    if kind in PLAIN:
        return PLAIN[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    return made(kind)


def made(kind: type) -> Any:
    """A value of a dataclass: what has no default is made of its type and name."""
    if is_typeddict(kind):
        hints = get_type_hints(kind)
        return {name: sample(hints[name], name) for name in kind.__required_keys__}
    if not is_dataclass(kind):
        raise LookupError(f"what is a {kind}? add it to PLAIN")
    hints = get_type_hints(kind)
    prefix = {"Job": "job", "Run": "run", "Task": "task"}.get(kind.__name__, "id")
    values = {}
    for field in fields(kind):
        if field.default is MISSING and field.default_factory is MISSING:
            named = prefix if field.name == "id" else field.name
            values[field.name] = sample(hints[field.name], named)
    return kind(**values)
