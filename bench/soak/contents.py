"""Which chapters there are, in the order in which they are run and reported."""

from types import ModuleType

from bench.soak import faults, leaks, listening, load, media, takeover

MODULES: tuple[ModuleType, ...] = (faults, takeover, listening, media, leaks, load)
"""Each offers `NAME` and `async def run(quick: bool) -> Chapter`."""
