"""Work without end: memory, the loop, and whether every run moves or says why it does not."""

import asyncio
import itertools
import statistics
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.embedded_mongo import EmbeddedMongo
from bench.ports import free_port
from bench.soak.chapter import Chapter, Fact
from bench.soak.silence import Silences
from bench.soak.vitals import Patient, Vitals, awake
from bench.stage import Collector, Stage, until
from bench.telegram import Telegram, handles, local_telegram, numbered
from core.clock import SystemClock
from core.run import RunState
from core.task import Schedule, ScheduleKind, TaskSpec, TaskState

NAME = "load"
MINUTES, QUICK_MINUTES = 30.0, 1.5
WARM_UP = 0.2
"""Share of the time that does not count for the slope."""

ACCOUNTS = 6
PACE = "history=2/1,resolve=1000/1/0,info=1000/1,connect=1000/1"
CHATS = numbered(16, 1_500)
REPEATING, EVERY = 6, 30.0
NEW_EVERY = 4.0
MOST_OPEN = 24
FAULT_EVERY = 20.0
FLOOD, LONG_FLOOD = 20, 90
"""Seconds; the long one gives the jobs of the account back to the queue."""

LOOK_EVERY = 1.0
FORGET_EVERY = 5.0
MOST_STALL = 1.0
MOST_SILENCE = 60.0
MOST_SLOPE = 20.0
"""Megabytes an hour; a process that grows faster is no service for weeks."""

LEAST_MINUTES = 10.0
"""In less time a page more or less of memory makes any slope."""

DRAIN = 240.0
CLOCK = SystemClock()
TEXT = f"""\
One `telecrew collector`, {ACCOUNTS} accounts at two pages a second each, {len(CHATS)} chats of
1,500 messages that are forgotten whenever nobody reads them. {REPEATING} tasks repeat every
{EVERY:g} seconds, a new one comes every {NEW_EVERY:g}, every other pinned to an account. Every
{FAULT_EVERY:g} seconds something goes wrong for an account: its connection is cut, calls meet
server errors, or it is flooded for {FLOOD} or {LONG_FLOOD} seconds. Open runs and their jobs are
read from MongoDB every second."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A look at the process, `at` seconds after the beginning."""

    at: float
    memory: float
    open_runs: int


async def run(quick: bool) -> Chapter:  # noqa: FBT001
    """So many minutes of it, and a drain: what was begun must end."""
    seconds = 60 * (QUICK_MINUTES if quick else MINUTES)
    async with _stage() as (telegram, collector, patient):
        silences, samples = Silences(CLOCK), list[Sample]()
        repeating = await _repeat(collector)
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(_watch(collector, patient, silences, samples))
            working = [
                group.create_task(_start_tasks(collector)),
                group.create_task(_disturb(telegram)),
                group.create_task(_forget(collector)),
            ]
            await asyncio.sleep(seconds)
            for one in working:
                one.cancel()
            for task in repeating:
                await collector.database.tasks.set_state(task, TaskState.PAUSED)
            await _drained(collector)
            watching.cancel()
        vitals, endings = await patient.vitals(), await _endings(collector)
    kept = [one for one in samples if one.at <= seconds]
    return Chapter(
        title="Under load",
        text=TEXT,
        facts=_facts(kept, vitals, silences, endings, seconds),
        details=_table(kept),
    )


@asynccontextmanager
async def _stage() -> AsyncIterator[tuple[Telegram, Collector, Patient]]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        async with (
            EmbeddedMongo(Path(folder)) as mongo,
            local_telegram(CHATS, accounts=ACCOUNTS) as telegram,
            Stage(Path(folder), mongo, quick=False).collector(
                telegram, telegram.people, METRICS_PORT=str(port), PACE=PACE, LOG_LEVEL="ERROR"
            ) as collector,
        ):
            patient = Patient(collector.process.pid, port)
            await awake(patient)
            yield telegram, collector, patient


async def _repeat(collector: Collector) -> list[str]:
    """Tasks of two chats each that repeat; their ids."""
    sources, now = handles(CHATS), CLOCK.now()
    schedule = Schedule(kind=ScheduleKind.EVERY, every=timedelta(seconds=EVERY), anchor=now)
    tasks = [
        await collector.database.tasks.add(
            owner=1,
            chat=1,
            spec=TaskSpec(sources=(sources[2 * number], sources[2 * number + 1])),
            schedule=schedule,
            next_due=now,
            now=now,
        )
        for number in range(REPEATING)
    ]
    return [task.id for task in tasks]


async def _start_tasks(collector: Collector) -> None:
    """New tasks for ever, unless the crew is behind."""
    sources = itertools.cycle(handles(CHATS))
    accounts = itertools.cycle(range(1, ACCOUNTS + 1))
    for number in itertools.count():
        if await collector.database.runs.count_open() < MOST_OPEN:
            await collector.open([next(sources)], next(accounts) if number % 2 else None)
        await asyncio.sleep(NEW_EVERY)


async def _disturb(telegram: Telegram) -> None:
    """One account after another."""
    people = itertools.cycle(telegram.people)
    page = "messages.getHistory"
    for number in itertools.count():
        await asyncio.sleep(FAULT_EVERY)
        account = next(people).id
        match number % 5:
            case 0 | 3:
                await telegram.fault("cut", account=account)
            case 1:
                await telegram.fault("flood", seconds=FLOOD, account=account, method=page)
            case 2:
                await telegram.fault("fail", account=account, method=page, times=3)
            case _:
                await telegram.fault("flood", seconds=LONG_FLOOD, account=account, method=page)


async def _forget(collector: Collector) -> None:
    """Remove what was collected of chats that no open job reads, so that there is work for ever."""
    while True:
        await asyncio.sleep(FORGET_EVERY)
        jobs = [*await collector.database.jobs.queued(), *await collector.database.jobs.running()]
        delayed = await collector.database.jobs.delayed()
        read = {job.source.removeprefix("@") for job in (*jobs, *delayed)}
        idle = await collector.bare["chats"].distinct("_id", {"username": {"$nin": list(read)}})
        for chat in idle:
            await collector.bare["spans"].delete_many({"chat": chat})
            await collector.bare["messages"].delete_many({"chat": chat})


async def _watch(
    collector: Collector, patient: Patient, silences: Silences, samples: list[Sample]
) -> None:
    began = CLOCK.elapsed()
    while True:
        runs = await collector.database.runs.open_runs()
        silences.look(runs, await collector.database.jobs.of_runs([run.id for run in runs]))
        samples.append(Sample(CLOCK.elapsed() - began, patient.memory(), len(runs)))
        await asyncio.sleep(LOOK_EVERY)


async def _drained(collector: Collector) -> None:
    async def drained() -> bool:
        await asyncio.sleep(LOOK_EVERY)
        return not await collector.database.runs.count_open()

    await until(drained, seconds=DRAIN)


async def _endings(collector: Collector) -> Counter[str]:
    states = [document async for document in collector.bare["runs"].find({}, {"status.state": 1})]
    return Counter(document["status"]["state"] for document in states)


def _facts(
    samples: Sequence[Sample],
    vitals: Vitals,
    silences: Silences,
    endings: Counter[str],
    seconds: float,
) -> tuple[Fact, ...]:
    steady = [one for one in samples if one.at >= WARM_UP * seconds]
    slope = megabytes_an_hour(steady)
    told = ", ".join(f"{count} {state}" for state, count in sorted(endings.items()))
    minutes = (seconds - steady[0].at) / 60
    too_short = minutes < LEAST_MINUTES
    return (
        Fact(
            promise=f"memory grows by less than {MOST_SLOPE:g} MB an hour",
            figure=f"{slope:+.1f} MB an hour over {minutes:.1f} minutes, {steady[0].memory:.1f} to "
            f"{steady[-1].memory:.1f} MB{', too short to tell' if too_short else ''}",
            held=slope < MOST_SLOPE or too_short,
        ),
        Fact(
            promise=f"the loop never stands still for over {MOST_STALL:g} s",
            figure=f"{vitals.stall:.2f} s at most",
            held=vitals.stall <= MOST_STALL,
        ),
        Fact(
            promise=f"no run is without progress or a stated reason for over {MOST_SILENCE:g} s",
            figure=f"{silences.worst:.0f} s at most, of {silences.seen} runs; "
            f"{silences.explained} waited with a reason",
            held=silences.worst <= MOST_SILENCE,
        ),
        Fact(
            promise="every run ends well",
            figure=told,
            held=set(endings) == {RunState.DONE},
        ),
    )


def megabytes_an_hour(samples: Sequence[Sample]) -> float:
    """The slope of the line that fits best."""
    line = statistics.linear_regression(
        [one.at for one in samples], [one.memory for one in samples]
    )
    return line.slope * 3600


def _table(samples: Sequence[Sample]) -> str:
    shown = samples[:: max(len(samples) // 15, 1)]
    rows = "\n".join(f"| {one.at / 60:.1f} | {one.memory:.1f} | {one.open_runs} |" for one in shown)
    return f"| minutes | MB | open runs |\n|---:|---:|---:|\n{rows}\n"
