"""Which chapters there are, in the order in which they are run and reported."""

from types import ModuleType

from bench.soak import (
    faults,
    foreign,
    leaks,
    listening,
    load,
    machines,
    media,
    packaged,
    relay,
    takeover,
)

MODULES: tuple[ModuleType, ...] = (
    faults,
    takeover,
    relay,
    machines,
    packaged,
    listening,
    media,
    foreign,
    leaks,
    load,
)
"""Each offers `NAME` and `async def run(quick: bool) -> Chapter`."""
