"""Who is waiting for a run's state: all who ask in the same moment share one derivation."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from collector.together import together

SIDE_BY_SIDE = 8
"""Runs that are derived at once."""

SEEN_TOGETHER = 50
"""Runs that are looked at by the same questions."""


@dataclass(slots=True)
class _Asked:
    """Who asked for a run's state: `wanted` counts those, `served` the first of them it is for."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0
    served: int = 0
    waiting: int = 0


class Derivations:
    """`derive` stores the state of one run as its jobs tell it at that moment; `derive_simple` does
    so for many at once, and returns those that want `derive`.
    """

    def __init__(
        self,
        derive: Callable[[str], Awaitable[None]],
        derive_simple: Callable[[Sequence[str]], Awaitable[Sequence[str]]],
    ) -> None:
        self._derive = derive
        self._derive_simple = derive_simple
        self._asked: dict[str, _Asked] = {}
        self._soon: dict[str, None] = {}
        self._any = asyncio.Event()

    async def now(self, run: str) -> None:
        """Whoever asks while a run is being derived shares the next time with all others who do."""
        asked = self._asked.setdefault(run, _Asked())
        asked.wanted += 1
        asked.waiting += 1
        mine = asked.wanted
        try:
            async with asked.turn:
                if asked.served < mine:
                    serves = asked.wanted
                    await self._once(run)
                    asked.served = serves
        finally:
            asked.waiting -= 1
            if not asked.waiting:
                self._asked.pop(run, None)

    async def _once(self, run: str) -> None:
        """What was left for soon before is done with it; after an error it is still to be done."""
        was_due = run in self._soon
        self._soon.pop(run, None)
        try:
            await self._derive(run)
        except BaseException:
            if was_due:
                self.soon(run)
            raise

    def soon(self, run: str) -> None:
        """At the next `settle`, with all others."""
        self._soon[run] = None
        self._any.set()

    async def due(self) -> None:
        """Until there is a run to settle."""
        await self._any.wait()

    async def settle(self) -> int:
        """Derive what was left for soon; how many runs that were."""
        self._any.clear()
        soon = list(self._soon)
        for at in range(0, len(soon), SEEN_TOGETHER):
            await self._settle(soon[at : at + SEEN_TOGETHER])
        return len(soon)

    async def _settle(self, runs: Sequence[str]) -> None:
        """Who asks meanwhile is for the next time; after an error all are still to be done."""
        for run in runs:
            self._soon.pop(run, None)
        try:
            left = await self._derive_simple(runs)
            for at in range(0, len(left), SIDE_BY_SIDE):
                await together(self.now(run) for run in left[at : at + SIDE_BY_SIDE])
        except BaseException:
            for run in runs:
                self.soon(run)
            raise
