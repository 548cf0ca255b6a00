"""Keeping a process that works for weeks as small as it was after an hour."""

import asyncio
import ctypes
import gc

ARENAS = 2
"""Heaps of the C library. It makes one for each thread that allocates, and none shrinks while
anything is left in it: a process with a dozen threads grows by megabytes an hour."""

M_ARENA_MAX = -8
"""`mallopt`'s name for their number (malloc.h)."""

SWEEP_SECONDS = 60.0
"""How often cycles that outlived their youth are looked for. Closed connections and errors leave
some, and the thresholds alone would find them after a hundred million objects."""


def share_heaps() -> None:
    """Let all threads share a few heaps; for the start of a process. Only glibc knows how."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS)


def spare_the_lasting() -> None:
    """Let the search for cycles pass over what imports made, and come less often.

    Pages of history make many objects that live for a moment and hold no cycles.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


async def sweep_garbage() -> None:
    """Look for cycles now and then, for ever: milliseconds, since what lasts is spared."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        gc.collect()
