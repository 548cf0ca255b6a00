"""`isolation.*`: what the others lose when three of twenty accounts fail.

All read at a pace; then one hangs, one is revoked and one is flooded. What the other seventeen
store in the window after that is compared with the same window without these faults.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.figures import Figure, interval95
from bench.machine import Busy
from bench.stage import Collector, Crew, Stage, until
from bench.telegram import Telegram, handles, local_telegram, numbered

NAMES = ("isolation",)
ACCOUNTS = 20
PACE = "history=1/1,resolve=1000/1/0,info=1000/1,connect=1000/1"
PAGES = 60
HANGING, REVOKED, FLOODED = 0, 1, 2
FAILING = 3
FLOOD_CALLS, FLOOD_SECONDS = 1, 3
SETTLED = 2
"""Pages that each account has stored before the window begins."""

CALM, CALM_LOOK, CALM_PATIENCE = 0.5, 1.0, 20.0
"""The window begins once less than this share of the machine is in use for so many seconds: what
starting a collector costs is over. It does not wait for ever for whatever else runs."""

WINDOW, QUICK_WINDOW = 15.0, 5.0
PAIRS, QUICK_PAIRS = 10, 2


@dataclass(frozen=True, slots=True)
class Reading:
    """Of one window: messages a second that the others stored, and the machine's busy share."""

    rate: float
    busy: float


async def measure(stage: Stage, wanted: Sequence[str]) -> list[Figure]:  # noqa: ARG001
    """Pairs of windows, with and without faults, each first in turns."""
    calm, rough = list[Reading](), list[Reading]()
    async with (
        local_telegram(numbered(ACCOUNTS, 100 * PAGES), accounts=ACCOUNTS) as telegram,
        stage.crew(telegram, telegram.people) as crew,
    ):
        for pair in range(QUICK_PAIRS if stage.quick else PAIRS):
            for faults in (False, True) if pair % 2 else (True, False):
                reading = await _pass(stage, telegram, crew, faults=faults)
                (rough if faults else calm).append(reading)
    return figures(calm, rough)


def figures(calm: Sequence[Reading], rough: Sequence[Reading]) -> list[Figure]:
    """The rates of both, the mean of their ratios with its interval, how busy the machine was."""
    rates = [one.rate for one in rough], [one.rate for one in calm]
    ratios = [with_faults / without for with_faults, without in zip(*rates, strict=True)]
    low, high = interval95(ratios)
    with_faults, without = (sum(each) / len(each) for each in rates)
    ratio = sum(ratios) / len(ratios)
    busy = [one.busy for one in (*calm, *rough)]
    return [
        Figure(
            name="isolation.others",
            value=with_faults,
            unit="messages/second",
            baseline=without,
            ratio=ratio,
        ),
        Figure(name="isolation.low", value=low, unit="ratio"),
        Figure(name="isolation.high", value=high, unit="ratio"),
        Figure(name="isolation.busy", value=max(busy), unit="share of the machine"),
        Figure(name="isolation.usual", value=statistics.median(busy), unit="share of the machine"),
    ]


async def _pass(stage: Stage, telegram: Telegram, crew: Crew, *, faults: bool) -> Reading:
    """A collector of its own: until all read, and then the window."""
    await _begin_anew(crew)
    async with crew.collector(PACE=PACE, LOG_LEVEL="ERROR") as collector:
        for number, source in enumerate(handles(numbered(ACCOUNTS, 0)), start=1):
            await collector.open([source], number)
        chats = await _all_read(collector)
        await _calmed()
        if faults:
            await _strike(telegram)
        window = QUICK_WINDOW if stage.quick else WINDOW
        reading = await _window(collector, chats[FAILING:], window)
    if faults:
        await telegram.heal()
        await crew.sign_in(telegram, telegram.people[REVOKED])
    return reading


async def _begin_anew(crew: Crew) -> None:
    for name in ("messages", "spans", "jobs", "runs", "tasks", "budgets"):
        await crew.bare[name].delete_many({})


async def _all_read(collector: Collector) -> list[int]:
    """Until each account has stored some pages; the chats, in the order of their readers."""

    async def settled() -> bool:
        jobs = await collector.database.jobs.running()
        ready = [job for job in jobs if job.progress.read >= 100 * SETTLED]
        return len(ready) == ACCOUNTS

    await until(settled, seconds=60)
    jobs = await collector.database.jobs.running()
    return [job.chat or 0 for job in sorted(jobs, key=lambda job: job.account or 0)]


async def _calmed() -> None:
    """Until the machine has room, or the patience is over: then the figures tell it."""
    deadline = time.monotonic() + CALM_PATIENCE
    while time.monotonic() < deadline:
        busy = Busy()
        await asyncio.sleep(CALM_LOOK)
        if busy.share() < CALM:
            return


async def _strike(telegram: Telegram) -> None:
    people = [one.id for one in telegram.people]
    await telegram.fault("half_open", account=people[HANGING], new=False)
    await telegram.fault("revoke", account=people[REVOKED])
    await telegram.fault(
        "limit",
        method="messages.getHistory",
        account=people[FLOODED],
        calls=FLOOD_CALLS,
        seconds=FLOOD_SECONDS,
    )


async def _window(collector: Collector, chats: Sequence[int], seconds: float) -> Reading:
    async def stored() -> tuple[float, int]:
        count = await collector.bare["messages"].count_documents({"chat": {"$in": list(chats)}})
        return time.perf_counter(), count

    busy, (began, before) = Busy(), await stored()
    await asyncio.sleep(seconds)
    (ended, after), share = await stored(), busy.share()
    return Reading(rate=(after - before) / (ended - began), busy=share)
