"""What a task group ended with, in one error."""

from typing import TypeVar

E = TypeVar("E", bound=Exception)


def first_error(group: BaseExceptionGroup[E], kind: type[E]) -> E:
    """The first error in a group, however deep; TypeError where it is of no such kind."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if not isinstance(error, kind):
        raise TypeError(f"not a {kind.__name__}: {error!r}")
    return error
