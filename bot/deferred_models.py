"""aiogram's models, each made when it is first used.

aiogram builds the validators of all its types as it is imported, each with everything that it may
contain: a hundred megabytes, of which a bot uses a few. That they can be left for later follows
from how aiogram and pydantic do it, and so is tried: with versions that do it otherwise all are
built at once.
"""

import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from pydantic import BaseModel

log = structlog.get_logger(__name__)

REBUILD = "model_rebuild"
"""What aiogram calls for each model, and pydantic for one that is used unfinished."""

BASES = (
    ("aiogram.client.context_controller", "BotContextController"),
    ("aiogram.methods.base", "Response"),
)
"""Whose heirs all models of aiogram are."""

DOES_NOT_HOLD = (
    AttributeError, ImportError, LookupError, NameError, RuntimeError, TypeError, ValueError,
)  # fmt: skip
"""What comes of other names, other ways to call, and models that are not built when used."""

_NAMES: dict[str, Any] = {}
"""What the annotations of aiogram's models name."""


@contextmanager
def _kept_for_later() -> Iterator[None]:
    """Let nothing that is imported here build a model; only what its annotations name is kept."""
    rebuild = BaseModel.__dict__[REBUILD]

    def later(_: type[BaseModel], /, **given: Any) -> None:
        _NAMES.update(given.get("_types_namespace") or {})

    setattr(BaseModel, REBUILD, classmethod(later))
    try:
        yield
    finally:
        setattr(BaseModel, REBUILD, rebuild)


def defer_models() -> None:
    """Import aiogram so that each model is built when it is first used, or else as it is."""
    if _imported():
        return
    try:
        with _kept_for_later():
            bases = [getattr(importlib.import_module(module), name) for module, name in BASES]
        for base in bases:
            _build_when_used(base)
        _try_one()
    except DOES_NOT_HOLD as error:
        log.info("models.built_at_once", why=f"{type(error).__name__}: {error}")
        for name in _imported():
            del sys.modules[name]
        importlib.import_module("aiogram")


def _imported() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] == "aiogram"]


def _build_when_used(base: type[BaseModel]) -> None:
    """pydantic builds an unfinished model when it is used, and is told here what aiogram names."""
    build = BaseModel.__dict__[REBUILD].__func__

    def rebuild(cls: type[BaseModel], /, **given: Any) -> bool | None:
        given.pop("_parent_namespace_depth", None)
        built: bool | None = build(cls, **{"_types_namespace": _NAMES, **given})
        return built

    setattr(base, REBUILD, classmethod(rebuild))


def _try_one() -> None:
    """Read and write what names another model, by itself and in an answer; raises what goes wrong.
    It is small: this takes some milliseconds."""
    entity = importlib.import_module("aiogram.types").MessageEntity
    answer = importlib.import_module("aiogram.methods.base").Response[entity]
    user = {"id": 1, "is_bot": False, "first_name": "x"}
    given: Mapping[str, Any] = {"type": "text_mention", "offset": 0, "length": 1, "user": user}
    read = entity.model_validate(given)
    answered = answer.model_validate({"ok": True, "result": given})
    if not read == answered.result == entity(**given) or read.user.first_name != "x":
        raise ValueError("a type reads otherwise than it should")
    if read.model_dump(exclude_none=True) != given:
        raise ValueError("a type writes otherwise than it should")
