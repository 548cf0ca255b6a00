"""The trial of several machines: a process on the hub, which writes down what it found."""

import asyncio
import contextlib
import dataclasses
import json
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.soak.audience import subscribe, until_equal
from bench.soak.hosts import Hosts
from bench.soak.machines_site import Machines, open_machines
from core.errors import StoreError

MEMBERS = ("mongo1", "mongo2", "mongo3")
COLLECTORS = ("one", "two", "three")
NO_MAJORITY = "lose the majority"
FAULTS = (
    "step-down",
    "kill",
    "cut the primary",
    "part the primary",
    "freeze the primary",
    NO_MAJORITY,
    "cut a collector",
    "freeze a collector",
    "cut and freeze a collector",
    "a stream that cannot resume",
)
SETTLE_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`messages` of each chat that is read during a fault; `shares`: accounts of the last part."""

    faults: tuple[str, ...] = FAULTS
    accounts: int = 12
    messages: int = 3_000
    live: int = 6
    rate: float = 5.0
    page_seconds: float = 1.0
    lease_seconds: float = 5.0
    fault_seconds: float = 12.0
    shares: int = 50
    patience: float = 180.0


@dataclass(slots=True, kw_only=True)
class Outcome:
    """`silences`: by fault, the longest time in seconds in which nothing was stored, less the time
    without a majority. `shares`: the accounts of each of one, two and three collectors."""

    silences: dict[str, float] = field(default_factory=dict)
    messages: int = 0
    tasks: int = 0
    posted: int = 0
    wrong_chats: list[str] = field(default_factory=list)
    wrong_live: list[str] = field(default_factory=list)
    key_violations: int = 0
    lost_accounts: int = 0
    runs_open: int = 0
    failed: int = 0
    shares: list[list[int]] = field(default_factory=list)
    settled: float = 0.0


class Faults:
    """Each takes `seconds`, and is over when its call returns."""

    def __init__(self, machines: Machines, seconds: float) -> None:
        self._machines = machines
        self._set = machines.replica_set
        self._hosts = machines.hosts
        self._seconds = seconds
        self._ways: dict[str, Callable[[], Awaitable[None]]] = {
            "step-down": self._set.step_down,
            "kill": self._kill,
            "cut the primary": self._cut_primary,
            "part the primary": self._part_primary,
            "freeze the primary": self._freeze_primary,
            NO_MAJORITY: self._lose_majority,
            "cut a collector": self._cut_collector,
            "freeze a collector": self._freeze_collector,
            "cut and freeze a collector": self._cut_and_freeze_collector,
            "a stream that cannot resume": self._break_stream,
        }

    async def happen(self, fault: str) -> None:
        """One of `FAULTS`."""
        await self._ways[fault]()

    async def _kill(self) -> None:
        primary = await self._set.primary()
        primary.kill()
        await asyncio.sleep(self._seconds)
        primary.start()

    async def _cut_primary(self) -> None:
        host = (await self._set.primary()).host
        await self._hosts.cut(host)
        await asyncio.sleep(self._seconds)
        await self._hosts.mend(host)

    async def _part_primary(self) -> None:
        """From the other members alone: it goes on to take what collectors write, for a while."""
        host = (await self._set.primary()).host
        others = [name for name in MEMBERS if name != host]
        for other in others:
            await self._hosts.part(host, other)
        await asyncio.sleep(self._seconds)
        for other in others:
            await self._hosts.join(host, other)

    async def _freeze_primary(self) -> None:
        primary = await self._set.primary()
        primary.send(signal.SIGSTOP)
        await asyncio.sleep(self._seconds)
        primary.send(signal.SIGCONT)

    async def _lose_majority(self) -> None:
        gone = self._set.members[:2]
        for member in gone:
            member.kill()
        await asyncio.sleep(self._seconds)
        for member in gone:
            member.start()

    async def _cut_collector(self) -> None:
        await self._hosts.cut(COLLECTORS[0])
        await asyncio.sleep(self._seconds)
        await self._hosts.mend(COLLECTORS[0])

    async def _freeze_collector(self) -> None:
        service = self._machines.services[COLLECTORS[0]]
        service.signal(signal.SIGSTOP)
        await asyncio.sleep(self._seconds)
        service.signal(signal.SIGCONT)

    async def _cut_and_freeze_collector(self) -> None:
        """What it was sending stays with its system, which alone can give it up."""
        service = self._machines.services[COLLECTORS[0]]
        await self._hosts.cut(COLLECTORS[0])
        await asyncio.sleep(self._seconds / 20)
        service.signal(signal.SIGSTOP)
        await asyncio.sleep(self._seconds)
        await self._hosts.mend(COLLECTORS[0])
        await asyncio.sleep(self._seconds / 4)
        service.signal(signal.SIGCONT)

    async def _break_stream(self) -> None:
        """A collector hears nothing while the oplog rolls over: its stream has nowhere to go on."""
        await self._hosts.cut(COLLECTORS[0])
        await self._set.roll_oplog()
        await asyncio.sleep(self._seconds)
        await self._hosts.mend(COLLECTORS[0])


class Trial:
    """Faults one after another, each with work of its own."""

    def __init__(self, machines: Machines, plan: Plan) -> None:
        self._machines = machines
        self._plan = plan
        self.found = Outcome()

    async def faults(self) -> None:
        """All of the plan's, with chats listened to meanwhile."""
        machines, plan = self._machines, self._plan
        for name in COLLECTORS:
            await machines.start(name)
        live = machines.site.sandbox.live
        names = machines.live_names(plan.live)
        await subscribe(machines.site, names)
        tops = {name: machines.site.sandbox.world.chat(name).top_id for name in names}
        live.prepare(names)
        live.start(plan.rate, chats=names)
        machines.slow(plan.page_seconds)
        for number, fault in enumerate(plan.faults):
            await self._fault(fault, machines.read_names(number))
        live.stop()
        self.found.posted = live.posted
        self.found.wrong_live = await until_equal(machines.site, tops, plan.patience)

    async def _fault(self, fault: str, names: list[str]) -> None:
        machines, plan = self._machines, self._plan
        tasks = [await machines.read(name) for name in names]
        await machines.stored_more(names, 100, plan.patience)
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(machines.longest_silence(names, plan.patience))
            await Faults(machines, plan.fault_seconds).happen(fault)
            await machines.replica_set.primary()
        without = plan.fault_seconds if fault == NO_MAJORITY else 0.0
        self.found.silences[fault] = max(watching.result() - without, 0.0)
        ended = await machines.ended(tasks, plan.patience)
        self.found.failed += sum(state != "done" for state in ended)
        self.found.runs_open += len(tasks) - len(ended)
        self.found.tasks += len(tasks)
        messages, wrong = await machines.compared(names)
        self.found.messages += messages
        self.found.wrong_chats += wrong
        await machines.revive()
        print(fault, round(self.found.silences[fault], 1), ended, wrong, flush=True)

    async def shares(self) -> None:
        """Start one collector after another; how many accounts each has, once that stays."""
        machines, running = self._machines, []
        for name in COLLECTORS:
            await machines.start(name)
            running.append(name)
            began = time.monotonic()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SETTLE_SECONDS):
                    while not await self._is_shared(running):  # noqa: ASYNC110
                        await asyncio.sleep(0.5)
            self.found.settled = max(self.found.settled, time.monotonic() - began)
            held = await machines.held()
            self.found.shares.append([held[one] for one in running])

    async def _is_shared(self, running: list[str]) -> bool:
        try:
            held = await self._machines.held()
        except StoreError:
            return False
        counts = [held[one] for one in running]
        return sum(counts) == self._machines.accounts and max(counts) - min(counts) <= 1

    async def close(self) -> None:
        """What the local Telegram saw."""
        self.found.key_violations += len(self._machines.site.sandbox.counters.key_violations)
        self.found.lost_accounts += await self._machines.lost()


async def trial(plan: Plan, hosts: Hosts, folder: Path) -> Outcome:
    """Both parts, each on a site of its own."""
    async with AsyncExitStack() as stack:
        machines = await stack.enter_async_context(
            open_machines(hosts, folder / "faults", plan, MEMBERS, accounts=plan.accounts)
        )
        first = Trial(machines, plan)
        await first.faults()
        await first.close()
    async with AsyncExitStack() as stack:
        machines = await stack.enter_async_context(
            open_machines(hosts, folder / "shares", plan, MEMBERS, accounts=plan.shares)
        )
        second = Trial(machines, plan)
        await second.shares()
        await second.close()
    found = first.found
    found.shares, found.settled = second.found.shares, second.found.settled
    found.key_violations += second.found.key_violations
    found.lost_accounts += second.found.lost_accounts
    return found


def main() -> None:
    """`... GIVEN OUT`: both as `machines.try_out` has them."""
    given, out = json.loads(sys.argv[1]), Path(sys.argv[2])
    plan = Plan(**{**given["plan"], "faults": tuple(given["plan"]["faults"])})
    hosts = Hosts((*MEMBERS, *COLLECTORS), given["tag"])
    found = asyncio.run(trial(plan, hosts, Path(given["folder"])))
    out.write_text(json.dumps(dataclasses.asdict(found)))


if __name__ == "__main__":
    main()
