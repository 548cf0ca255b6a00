"""Which chapters there are, in the order in which they are run and reported."""

from types import ModuleType

MODULES: tuple[ModuleType, ...] = ()
"""Each offers `NAME` and `async def run(quick: bool) -> Chapter`."""
