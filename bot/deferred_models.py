"""aiogram's models, each made when it is first used.

aiogram builds the validators of all its types as it is imported, each with everything that it may
contain: a hundred megabytes, of which a bot uses a few.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

_NAMES: dict[str, Any] = {}
"""What the annotations of aiogram's models name."""


@contextmanager
def _kept_for_later() -> Iterator[None]:
    """Let nothing that is imported here build a model; only what its annotations name is kept."""
    rebuild = BaseModel.__dict__["model_rebuild"]

    def later(_: type[BaseModel], /, **given: Any) -> None:
        _NAMES.update(given.get("_types_namespace") or {})

    BaseModel.model_rebuild = classmethod(later)  # type: ignore[assignment]
    try:
        yield
    finally:
        BaseModel.model_rebuild = rebuild  # type: ignore[method-assign]


def defer_models() -> None:
    """Import aiogram so that each model is built when it is first used."""
    with _kept_for_later():
        from aiogram.client.context_controller import BotContextController
        from aiogram.methods.base import Response
    for base in (BotContextController, Response):
        _build_when_used(base)


def _build_when_used(base: type[BaseModel]) -> None:
    """pydantic builds an unfinished model when it is used, and is told here what aiogram names."""
    build = BaseModel.__dict__["model_rebuild"].__func__

    def rebuild(cls: type[BaseModel], /, **given: Any) -> bool | None:
        given.pop("_parent_namespace_depth", None)
        built: bool | None = build(cls, **{"_types_namespace": _NAMES, **given})
        return built

    base.model_rebuild = classmethod(rebuild)  # type: ignore[assignment]
