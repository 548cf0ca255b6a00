"""Who of a crowd leaves, how, and how soon the others have what was theirs."""

import asyncio
import contextlib
import random
import signal
import time
from collections import Counter

from bench.soak.crowd import Crowd

LOST_STATUS = 70
"""What a process exits with that was frozen beyond its leases."""

HANDOVER_PATIENCE = 20.0
POLL_SECONDS = 0.05


class Shifts:
    """Seeded. One collector leaves after another; each comes back after `away` seconds at random.

    `left` counts the ways; `handovers` are seconds from SIGTERM until others held all accounts of a
    drained one; `exits` are ends that were not as ordered.
    """

    WAYS = ("kill", "freeze", "drain")

    def __init__(
        self, crowd: Crowd, seed: int, *, lease: float, pause: tuple[float, float]
    ) -> None:
        self._crowd = crowd
        self._dice = random.Random(f"{seed}:shifts")
        self._lease = lease
        self._pause = pause
        self.left: Counter[str] = Counter()
        self.handovers: list[float] = []
        self.exits: Counter[str] = Counter()

    async def turn(self, seconds: float) -> None:
        """As long as that, and until each way was taken."""
        began = time.monotonic()
        while time.monotonic() - began < seconds or len(self.left) < len(self.WAYS):
            await asyncio.sleep(self._dice.uniform(*self._pause))
            await self._leave()

    async def _leave(self) -> None:
        machine = self._dice.choice(self._crowd.machines)
        least = min(self.left[way] for way in self.WAYS)
        way = self._dice.choice([way for way in self.WAYS if self.left[way] == least])
        match way:
            case "kill":
                await self._crowd.services[machine].kill()
                await asyncio.sleep(self._dice.uniform(0.0, 2.5 * self._lease))
            case "freeze":
                await self._freeze(machine)
            case "drain":
                await self._drain(machine)
        self.left[way] += 1
        await self._crowd.start(machine)

    async def _freeze(self, machine: str) -> None:
        """For shorter or longer than its leases last; it goes on, or ends by itself."""
        service = self._crowd.services[machine]
        service.signal(signal.SIGSTOP)
        await asyncio.sleep(self._lease * self._dice.uniform(0.3, 2.5))
        service.signal(signal.SIGCONT)
        status: int | None = None
        with contextlib.suppress(TimeoutError):
            status = await service.ended(self._lease)
        if status is None:
            await service.kill()
        elif status != LOST_STATUS:
            self.exits[f"freeze: {status}"] += 1

    async def _drain(self, machine: str) -> None:
        theirs, began = (await self._crowd.held())[machine], time.monotonic()
        service = self._crowd.services[machine]
        status = await service.stop_politely()
        if status != 0:
            self.exits[f"drain: {status}"] += 1
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HANDOVER_PATIENCE):
                while theirs - await self._with_others(machine):  # noqa: ASYNC110 - no event
                    await asyncio.sleep(POLL_SECONDS)
        self.handovers.append(time.monotonic() - began)

    async def _with_others(self, machine: str) -> set[int]:
        held = await self._crowd.held()
        return {one for other in self._crowd.machines if other != machine for one in held[other]}
