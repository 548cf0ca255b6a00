"""The services of a storm: each post starts one again however it ended, as a supervisor does."""

import asyncio
import math
import random
import re
import signal
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.nursery import Nursery
from bench.soak.crashing import PEACE
from bench.soak.plan import BOT_POINTS, CREW_POINTS, ENDING_POINTS, Plan
from bench.soak.service import Service
from bench.soak.site import Site
from bench.soak.tally import Tally

PATIENCE = 25.0
"""Seconds in which a service comes to the point where it is to crash; else it is to be another."""

LOST_STATUS = 70
"""What a process exits with that was frozen beyond its leases."""

WITHOUT_MONGODB = "when MongoDB was away"
LONGEST_WORDS = 300
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Post:
    """One machine of the crew, with one service at a time that leaves the others some accounts."""

    def __init__(self, name: str, role: str, site: Site, fleet: "Fleet") -> None:
        self.name = name
        self.role = role
        share = math.ceil(fleet.plan.accounts / (1 + fleet.plan.collectors))
        self._settings = site.settings_of(name) | {
            "WORKER_ACCOUNTS": str(share),
            PEACE: str(fleet.flag),
        }
        self._mongod = site.mongod
        self._fleet = fleet
        self._dice = random.Random(f"{fleet.plan.seed}:{name}")
        self._log: Path = site.folder / f"{name}.log"
        self._orders: set[str] = set()
        self._said = 0
        self._faults = 0
        self._calm = False
        self.service: Service | None = None

    @property
    def alive(self) -> bool:
        return self.service is not None and self.service.alive

    async def keep(self) -> None:
        """For ever: start, wait for the end, note it, start again."""
        while True:
            point = self._fleet.next_point(self.role)
            await self._live(point)
            await asyncio.sleep(
                self._dice.uniform(*self._fleet.plan.pause) if self._fleet.stormy else 0
            )

    async def _live(self, point: str | None) -> None:
        self._orders = set()
        self._said = self._log.stat().st_size if self._log.exists() else 0
        self._faults = self._mongod.faults - self._mongod.away
        self._calm = not self._fleet.stormy
        self.service = self._made(point)
        await self.service.start()
        try:
            status = await self.service.ended(None if point is None else PATIENCE)
        except TimeoutError:
            async with self._fleet.peace:
                self._orders.add("kill")
                await self.service.kill()
            status = -signal.SIGKILL
        self._note(point, status)

    def _made(self, point: str | None) -> Service:
        crash_at = None
        if point is not None:
            crash_at = f"{point}:{self._dice.randint(1, self._fleet.plan.points()[point])}"
        fresh = self._dice.random() < self._fleet.plan.fresh
        nursery = None if fresh else self._fleet.nursery
        return Service(self._settings, self.role, crash_at=crash_at, log=self._log, nursery=nursery)

    def _note(self, point: str | None, status: int) -> None:
        tally = self._fleet.tally
        killed = status == -signal.SIGKILL
        if point is not None and killed and "kill" not in self._orders:
            tally.crashes[point] += 1
            return
        if point is not None:
            self._fleet.again(self.role, point)
        if killed and "kill" in self._orders:
            tally.kills += 1
        elif "stop" in self._orders and status in {0, -signal.SIGTERM}:
            tally.stops += status == 0
        elif "freeze" not in self._orders or status != LOST_STATUS:
            self._wonder(status)

    def _wonder(self, status: int) -> None:
        """Note an end that no order explains, with the last that the service said."""
        away = [WITHOUT_MONGODB] if self._mongod.faults > self._faults else []
        reasons = [*away, *sorted(self._orders)] or ["for no reason"]
        why = f"{' and '.join(reasons)}: {status}"
        self._fleet.tally.exits[why] += 1
        self._fleet.tally.last_words[why] = last_line(self._log, self._said)

    def kill(self) -> None:
        """kill -9, in the middle of whatever it does."""
        self._orders.add("kill")
        self._signal(signal.SIGKILL)

    async def renew(self) -> None:
        """Have it started anew, not to crash any more, once the storm is over."""
        while not (self._calm and self.alive):
            if not self._calm:
                self.kill()
            await asyncio.sleep(0.05)

    def stop(self) -> None:
        """SIGTERM: it may hand everything back."""
        self._orders.add("stop")
        self._signal(signal.SIGTERM)

    async def freeze(self, seconds: float) -> None:
        """SIGSTOP, and SIGCONT after `seconds`."""
        async with self._fleet.peace:
            frozen = self.service
            self._orders.add("freeze")
            self._signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        if frozen is not None:
            frozen.signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self.service is not None:
            self.service.signal(number)

    async def end(self) -> None:
        """Leave nothing running."""
        if self.service is not None and self.service.alive:
            await self.service.kill()


class Fleet:
    """One `telecrew run` and some `telecrew collector`s, and the points at which they crash."""

    def __init__(self, site: Site, plan: Plan, tally: Tally, nursery: Nursery) -> None:
        self.plan = plan
        self.nursery = nursery
        self.tally = tally
        self.stormy = True
        self.flag = site.folder / "peace"
        self.peace = asyncio.Lock()
        self._dice = random.Random(f"{plan.seed}:points")
        self._points = {
            "run": _shuffled({**BOT_POINTS, **ENDING_POINTS}, plan.each_point, self._dice),
            "collector": _shuffled(CREW_POINTS, plan.each_point, self._dice),
        }
        self.posts = [Post("run", "run", site, self)]
        for number in range(1, plan.collectors + 1):
            self.posts.append(Post(f"collector-{number}", "collector", site, self))

    @asynccontextmanager
    async def truce(self) -> AsyncIterator[None]:
        """Nobody breaks anything, and no service crashes at its point."""
        async with self.peace:
            self.flag.touch()
            try:
                yield
            finally:
                self.flag.unlink()

    @property
    def crashes_left(self) -> int:
        """Named points that wait for their crash."""
        wanted = len(self.plan.points()) * self.plan.each_point
        return wanted - sum(
            min(self.tally.crashes[point], self.plan.each_point) for point in self.plan.points()
        )

    def next_point(self, role: str) -> str | None:
        """Where the next service of this role is to crash, if anywhere.

        Towards the end several wait at the same point: who fires a schedule is one of them all.
        """
        if not self.stormy:
            return None
        for kind in (role, "collector"):
            while self._points[kind]:
                if self._wanted(point := self._points[kind].popleft()):
                    return point
        rest = [point for point in self._of(role) if self._wanted(point)]
        return self._dice.choice(rest) if rest else None

    def _wanted(self, point: str) -> bool:
        return self.tally.crashes[point] < self.plan.each_point

    @staticmethod
    def _of(role: str) -> list[str]:
        own = {**BOT_POINTS, **ENDING_POINTS} if role == "run" else {}
        return [*own, *CREW_POINTS]

    def again(self, role: str, point: str) -> None:
        """The point was not come to."""
        self._points["collector" if point in CREW_POINTS else role].append(point)

    async def calm(self) -> None:
        """From now on everything just runs: whoever was to crash is started anew."""
        self.stormy = False
        for post in self.posts:
            await post.renew()

    async def end(self) -> list[int]:
        """Stop all by SIGTERM as soon as they listen to it; what they exit with."""
        return [await post.service.stop_politely() for post in self.posts if post.service]


def _shuffled(points: dict[str, int], times: int, dice: random.Random) -> deque[str]:
    wanted = list(points) * times
    dice.shuffle(wanted)
    return deque(wanted)


def last_line(log: Path, since: int) -> str:
    """The last line of a log after so many bytes of it, without its colours."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(since)
        said = COLOURS.sub("", file.read().decode(errors="replace")).strip()
    return said.rpartition("\n")[2].strip()[:LONGEST_WORDS]
