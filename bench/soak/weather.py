"""What is done to the services, their mongod, their connections and their calls."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bench.soak.fleet import Fleet, Post
from bench.soak.plan import Plan
from bench.soak.site import CLOCK, Site
from bench.soak.tally import Tally

HISTORY = "messages.getHistory"
FLOOD_SECONDS = (2, 3, 5, 8)
FLOOD_PATIENCE = 5.0
AT_ONCE = 3
UNDER_WAY = 0.3
NOTED = 15.0
"""Seconds in which a flood's answer is in the store; until then only its process knows of it."""


class Weather:
    """Seeded; each kind blows by itself until its quota is met."""

    def __init__(self, site: Site, fleet: Fleet, plan: Plan, tally: Tally) -> None:
        self._site = site
        self._fleet = fleet
        self._plan = plan
        self._tally = tally
        self._faults = site.sandbox.faults
        self._accounts = [person.id for person in site.sandbox.world.accounts]

    async def blow(self) -> None:
        """Once every account has connected, until all quotas are met."""
        await self._begun()
        plan, tally = self._plan, self._tally
        kinds: list[tuple[Callable[[random.Random], Awaitable[None]], tuple[float, float], str]] = [
            (self._kill, plan.kills_every, "kills"),
            (self._stop, plan.stops_every, "stops"),
            (self._freeze, plan.freezes_every, "freezes"),
            (self._mongod, plan.mongod_every, "mongod"),
            (self._cut, plan.cuts_every, "cuts"),
            (self._flood, plan.floods_every, "floods"),
        ]
        quotas = {
            "kills": lambda: tally.kills >= plan.kills,
            "stops": lambda: tally.stops >= plan.stops,
            "freezes": lambda: tally.freezes >= plan.freezes,
            "mongod": lambda: tally.mongod.total() >= 3 * plan.mongod,
            "cuts": lambda: tally.cuts.total() >= plan.cuts,
            "floods": lambda: tally.floods >= plan.floods,
        }
        async with asyncio.TaskGroup() as group:
            for act, every, name in kinds:
                group.create_task(self._repeat(act, every, name, quotas[name]), name=name)

    async def _begun(self) -> None:
        lines, accounts = self._site.sandbox.counters.lines, set(self._accounts)
        while accounts - {line.account for line in lines}:  # noqa: ASYNC110 - other processes do it
            await asyncio.sleep(0.1)

    async def _repeat(
        self,
        act: Callable[[random.Random], Awaitable[None]],
        every: tuple[float, float],
        name: str,
        enough: Callable[[], bool],
    ) -> None:
        dice = random.Random(f"{self._plan.seed}:{name}")
        while not enough():
            await asyncio.sleep(dice.uniform(*every))
            await act(dice)

    async def _kill(self, dice: random.Random) -> None:
        async with self._fleet.peace:
            if (post := self._some_post(dice)) is not None:
                post.kill()

    async def _stop(self, dice: random.Random) -> None:
        async with self._fleet.peace:
            if (post := self._some_post(dice)) is not None:
                post.stop()

    async def _freeze(self, dice: random.Random) -> None:
        post = self._some_post(dice)
        if post is not None:
            await post.freeze(self._plan.lease_seconds * dice.uniform(1.5, 3.0))
            self._tally.freezes += 1

    def _some_post(self, dice: random.Random) -> Post | None:
        alive = [post for post in self._fleet.posts if post.alive]
        return dice.choice(alive) if alive else None

    async def _mongod(self, dice: random.Random) -> None:
        mongod = self._site.mongod
        kinds = {"kill": mongod.kill, "stop": mongod.stop, "freeze": mongod.freeze}
        least = min(self._tally.mongod[kind] for kind in kinds)
        kind = dice.choice([kind for kind in kinds if self._tally.mongod[kind] == least])
        async with self._fleet.peace:
            await kinds[kind](dice.uniform(0.5, 2.5 * self._plan.lease_seconds))
        self._tally.mongod[kind] += 1

    async def _cut(self, dice: random.Random) -> None:
        async with self._fleet.peace:
            account = dice.choice(self._connected() or self._accounts)
            kind = dice.choice(("cut", "half open", "black hole", "all"))
            self._break(kind, account)
        if kind in {"half open", "black hole"}:
            await self._heal(account, dice)

    def _break(self, kind: str, account: int) -> None:
        tally = self._tally.cuts
        match kind:
            case "cut":
                tally["cut"] += self._faults.cut(account)
            case "all":
                tally["cut"] += self._faults.cut()
            case "half open":
                tally["half open"] += self._faults.half_open(account)
            case "black hole":
                self._faults.blackhole(account, times=1)
                tally["black hole"] += self._faults.cut(account)

    def _connected(self) -> list[int]:
        lines = self._site.sandbox.counters.lines
        return sorted({line.account for line in lines if line.account and line.closed_at is None})

    async def _heal(self, account: int, dice: random.Random) -> None:
        await asyncio.sleep(dice.uniform(1.0, 2.0 * self._plan.lease_seconds))
        self._faults.clear(account)

    async def _flood(self, dice: random.Random) -> None:
        """Some accounts are refused their next page; nothing breaks until that is written down.

        A process that dies in between takes the news with it, whatever it does.
        """
        known, floods = self._connected() or self._accounts, self._site.sandbox.counters.floods
        chosen, since = dice.sample(known, min(AT_ONCE, len(known))), time.monotonic()
        async with self._fleet.truce():
            for account in chosen:
                self._faults.clear(account)
                self._faults.flood(dice.choice(FLOOD_SECONDS), account=account, method=HISTORY)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FLOOD_PATIENCE):
                    while self._site.sandbox.counters.floods == floods:  # noqa: ASYNC110 - no event
                        await asyncio.sleep(0.01)
            for account in chosen:
                self._faults.clear(account)
            await asyncio.sleep(self._plan.page_seconds + UNDER_WAY)
            await self._noted(since)
        self._tally.floods = self._site.sandbox.counters.floods

    async def _noted(self, since: float) -> None:
        """Until the store knows of every rest that was asked for since then."""
        began = CLOCK.now() - timedelta(seconds=time.monotonic() - since)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(NOTED):
                for call in list(self._site.sandbox.counters.of(method=HISTORY)):
                    answered = call.answered_at or 0.0
                    if answered > since and (call.error or "").startswith("FLOOD"):
                        await self._rests(call.account, began + timedelta(seconds=answered - since))

    async def _rests(self, person: int | None, asked: datetime) -> None:
        number = 1 + [one.id for one in self._site.sandbox.world.accounts].index(person)
        budgets = self._site.database.budgets
        while True:
            rests = await self._site.database.outage.insist("rests", lambda: budgets.rests(number))
            times = {one.family: one.until for one in rests}
            if times.get("history", asked) > asked + timedelta(seconds=1):
                return
            await asyncio.sleep(0.05)
