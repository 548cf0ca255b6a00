"""Which benchmarks there are. A name takes all that begin with it: `paced` is every `paced.N`."""

from collections.abc import Sequence
from types import ModuleType

from bench import (
    claim,
    history,
    idle,
    insert,
    isolation,
    jobs,
    live,
    paced,
    split,
    start,
    store,
    together,
)

MODULES: tuple[ModuleType, ...] = (
    history, paced, split, together, isolation, live, claim, jobs, store, insert, start, idle,
)  # fmt: skip
NAMES: tuple[str, ...] = tuple(name for module in MODULES for name in module.NAMES)


def chosen(asked: Sequence[str]) -> list[str]:
    """The names that are meant, all of them when none is asked for; KeyError."""
    found = []
    for one in asked or NAMES:
        meant = [name for name in NAMES if name == one or name.startswith(f"{one}.")]
        if not meant:
            raise KeyError(one)
        found += meant
    return list(dict.fromkeys(found))
