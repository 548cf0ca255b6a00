"""What the crew is asked for while the storm goes on, until each of it is done."""

import asyncio
import itertools
import random
from dataclasses import dataclass
from typing import Protocol

from bench.soak.operator import Operator
from bench.soak.site import CLOCK, Site
from bench.soak.tally import Tally
from core.run import OPEN_STATES, Run, RunState
from core.task import Schedule, ScheduleKind, Task, TaskSpec

NOBODY = "@nobody_has_this_name"
"""A source that does not exist: its run fails, and the operator is told."""

TASKS_OF_A_ROUND = 4
KINDS = ("scheduled", "unknown", "direct")
POLL_SECONDS = 0.2
ENOUGH_RETRIES = 20


class Amount(Protocol):
    """How much is to be read: `sources` in each of the `rounds`, of so many `messages`; small tasks
    one after another, `trickle_every` so many seconds, of the `drops`.
    """

    seed: int
    sources: int
    rounds: int
    messages: tuple[int, int]
    trickle_every: tuple[float, float]
    drops: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A task of the storm."""

    task: str
    sources: tuple[str, ...]
    kind: str


class Work:
    """Opens tasks as operators do, and starts those again that failed."""

    def __init__(self, site: Site, plan: Amount, tally: Tally) -> None:
        self._site = site
        self._plan = plan
        self._tally = tally
        self._database = site.database
        self._bulk = iter(bulk(plan))
        self._drops = iter(drops(plan))
        self._operator = Operator(site)
        self.asked: list[Asked] = []
        self._numbers = itertools.count(1)
        self.enough = False
        """Whether no more small tasks are wanted."""
        self.presses = self._operator.presses

    async def round(self) -> tuple[str, ...]:
        """Read the next sources, all at once; their names."""
        names = [next(self._bulk) for _ in range(self._plan.sources)]
        share = -(-len(names) // TASKS_OF_A_ROUND)
        asked = [
            await self._ask(tuple(f"@{name}" for name in names[at : at + share]), "direct")
            for at in range(0, len(names), share)
        ]
        for one in asked:
            await self._done(one)
        self._tally.rounds += 1
        return tuple(names)

    async def trickle(self) -> None:
        """Small tasks until there are enough, one after another, each asked for in another way."""
        dice = random.Random(f"{self._plan.seed}:trickle")
        for kind in itertools.cycle(KINDS):
            await asyncio.sleep(dice.uniform(*self._plan.trickle_every))
            if self.enough:
                return
            source = NOBODY if kind == "unknown" else f"@{next(self._drops)}"
            await self._ask((source,), kind)

    async def order(self) -> None:
        """Tasks by way of the bot until there are enough, one after another."""
        dice = random.Random(f"{self._plan.seed}:orders")
        while not self.enough:
            name = next(self._drops)
            task = await self._operator.order(name)
            self.asked.append(Asked(task=task.id, sources=(f"@{name}",), kind="wizard"))
            await asyncio.sleep(dice.uniform(*self._plan.trickle_every))

    async def finish(self) -> None:
        """Until every task is done."""
        for one in self.asked:
            await self._done(one)

    async def _ask(self, sources: tuple[str, ...], kind: str) -> Asked:
        insist = self._database.outage.insist
        key = f"{kind}-{next(self._numbers)}"
        scheduled = kind == "scheduled"
        now = CLOCK.now()
        schedule = Schedule(kind=ScheduleKind.AT, at=now) if scheduled else Schedule()

        async def add() -> Task:
            return await self._database.tasks.add(
                owner=self._site.human.id,
                chat=self._site.human.id,
                spec=TaskSpec(sources=sources),
                schedule=schedule,
                next_due=now if scheduled else None,
                now=now,
                key=key,
            )

        task = await insist("ask", add)
        if not scheduled:
            await self._open(task)
        self.asked.append(Asked(task=task.id, sources=sources, kind=kind))
        return self.asked[-1]

    async def _open(self, task: Task) -> None:
        now = CLOCK.now()
        await self._database.outage.insist(
            "open", lambda: self._database.runs.open(task, due=now, now=now)
        )

    async def _done(self, asked: Asked) -> None:
        wanted = RunState.FAILED if asked.kind == "unknown" else RunState.DONE
        for _ in range(ENOUGH_RETRIES):
            run = await self._ended(asked)
            if run.status.state is wanted:
                return
            self._tally.retried += 1
            self._tally.again.update(await self._reasons(run))
            task = await self._database.outage.insist(
                "task", lambda: self._database.tasks.get(asked.task)
            )
            assert task is not None
            await self._open(task)
        raise RuntimeError(f"{asked} ended as {run.status.state} again and again")

    async def _reasons(self, run: Run) -> set[str]:
        """Why a run did not end well: the failures of its jobs, or its state."""
        jobs = await self._database.outage.insist(
            "jobs", lambda: self._database.jobs.of_run(run.id)
        )
        failures = {job.failure.reason for job in jobs if job.failure is not None}
        return failures or {str(run.status.state)}

    async def _ended(self, asked: Asked) -> Run:
        while True:
            run = await self._database.outage.insist(
                "run", lambda: self._database.runs.current_of(asked.task)
            )
            if run is not None and run.status.state not in OPEN_STATES:
                return run
            await asyncio.sleep(POLL_SECONDS)


def bulk(plan: Amount) -> list[str]:
    """The sources of the rounds."""
    return [f"storm_{number:04d}" for number in range(plan.rounds * plan.sources)]


def drops(plan: Amount) -> list[str]:
    """The sources of the small tasks."""
    return [f"drop_{number:04d}" for number in range(plan.drops)]


def chats(plan: Amount) -> dict[str, int]:
    """Every chat of the storm's world, and how many messages it has."""
    dice = random.Random(f"{plan.seed}:chats")
    sizes = {name: dice.randint(*plan.messages) for name in bulk(plan)}
    return sizes | {name: dice.randint(20, 150) for name in drops(plan)}
