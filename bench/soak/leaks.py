"""Many short tasks in one process: what they took is given back when they are over."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from app.embedded_mongo import EmbeddedMongo
from bench.ports import free_port
from bench.soak.chapter import Chapter, Fact
from bench.soak.vitals import Patient, Vitals, awake
from bench.stage import Collector, Stage, until
from bench.telegram import Telegram, handles, local_telegram, numbered
from core.clock import SystemClock
from core.run import OPEN_STATES, Intent, Run, RunState

NAME = "leaks"
ACCOUNTS = 4
ROUNDS, QUICK_ROUNDS = 10, 4
SHORT = numbered(14, 500)
LONG = {"long_one": 6_000, "long_two": 6_000}
UNKNOWN = ["@nobody_has_it", "@nobody_at_all"]
PINNED = ["@source_001", "@source_002"]
TASKS = len(SHORT) + len(LONG) + len(UNKNOWN) + len(PINNED)
"""In a round: read whole, stopped by their operator, failing, and pinned to the account that is
cut and flooded meanwhile."""

DRIVER_THREADS = 8
"""The driver's pool grows with the most calls that were ever made at once, to 64; one that is full
before the first half is over hides no leak."""

MOST_GROWTH = 5.0
"""Megabytes."""

SETTLE = 45.0
"""Seconds within which the process is back at rest."""

CLOCK = SystemClock()
TEXT = f"""\
One `telecrew collector`, {ACCOUNTS} accounts, rounds of {TASKS} short tasks: most read a chat of
500 messages; in each round two are stopped by their operator, two name a chat that does not exist,
a connection is cut, one account is flooded and two calls meet a server error. What a round stored
is removed before the next. The driver's pool of threads, which keeps what it once needed, is
bounded to {DRIVER_THREADS} (`MOTOR_MAX_WORKERS`), so that it is soon full. The process is looked
at after each round, when its counts have come back; half of the rounds are its warm-up."""


async def run(quick: bool) -> Chapter:  # noqa: FBT001
    """All rounds, and what the second half of them left behind."""
    rounds = QUICK_ROUNDS if quick else ROUNDS
    async with _stage() as (telegram, collector, patient):
        looks: list[Vitals] = []
        for number in range(1, rounds + 1):
            await _round(telegram, collector)
            wanted = looks[rounds // 2 - 1] if number == rounds else None
            looks.append(await _at_rest(patient, wanted))
    return Chapter(
        title="Leaks",
        text=TEXT,
        facts=_facts(looks[rounds // 2 - 1], looks[-1], rounds),
        details=_table(looks),
    )


@asynccontextmanager
async def _stage() -> AsyncIterator[tuple[Telegram, Collector, Patient]]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        async with (
            EmbeddedMongo(Path(folder)) as mongo,
            local_telegram({**SHORT, **LONG}, accounts=ACCOUNTS) as telegram,
            Stage(Path(folder), mongo, quick=False).collector(
                telegram,
                telegram.people,
                METRICS_PORT=str(port),
                MOTOR_MAX_WORKERS=str(DRIVER_THREADS),
                LOG_LEVEL="ERROR",
            ) as collector,
        ):
            patient = Patient(collector.process.pid, port)
            await awake(patient)
            yield telegram, collector, patient


async def _round(telegram: Telegram, collector: Collector) -> None:
    """So many tasks at once, to their end."""
    first, second = telegram.people[0].id, telegram.people[1].id
    await telegram.fault("fail", method="messages.getHistory", times=2)
    await telegram.fault("flood", seconds=1, account=second, method="messages.getHistory")
    whole = [await collector.open([source]) for source in handles(SHORT)]
    stopped = [await collector.open([source]) for source in handles(LONG)]
    failing = [await collector.open([source]) for source in UNKNOWN]
    pinned = [await collector.open([source], 1) for source in PINNED]
    await _begun(collector, stopped)
    for one in stopped:
        await collector.database.runs.set_intent(one.id, Intent.CANCEL)
    await telegram.fault("cut", account=first)
    await _ended(collector, [*whole, *pinned], {RunState.DONE})
    await _ended(collector, stopped, {RunState.CANCELLED, RunState.DONE})
    await _ended(collector, failing, {RunState.FAILED})
    await collector.forget()


async def _states(collector: Collector, runs: Sequence[Run]) -> list[RunState]:
    found = await collector.database.runs.of_ids([run.id for run in runs])
    return [run.status.state for run in found]


async def _begun(collector: Collector, runs: Sequence[Run]) -> None:
    async def begun() -> bool:
        return RunState.QUEUED not in await _states(collector, runs)

    await until(begun, seconds=60)


async def _ended(collector: Collector, runs: Sequence[Run], states: set[RunState]) -> None:
    async def ended() -> bool:
        return OPEN_STATES.isdisjoint(await _states(collector, runs))

    await until(ended, seconds=120)
    if not states.issuperset(found := await _states(collector, runs)):
        raise RuntimeError(f"runs ended as {', '.join(found)}")


async def _at_rest(patient: Patient, wanted: Vitals | None) -> Vitals:
    """How it is when its counts no longer move: those that are wanted, if they come back."""
    deadline = CLOCK.elapsed() + SETTLE
    last, same = await patient.vitals(), 0
    while CLOCK.elapsed() < deadline:
        if wanted is not None and last.holds == wanted.holds:
            return last
        if wanted is None and same >= 4:
            return last
        await asyncio.sleep(0.5)
        now = await patient.vitals()
        same = same + 1 if now.holds == last.holds else 0
        last = now
    return last


def _facts(half: Vitals, end: Vitals, rounds: int) -> tuple[Fact, ...]:
    growth = end.memory - half.memory
    first, last = rounds // 2 * TASKS, rounds * TASKS
    return (
        Fact(
            promise=f"between task {first} and task {last} every count comes back",
            figure=f"{half.holds}; then {end.holds}",
            held=end.holds == half.holds,
        ),
        Fact(
            promise=f"memory grows by less than {MOST_GROWTH:g} MB",
            figure=f"{half.memory:.1f} MB, then {end.memory:.1f} MB: {growth:+.1f} MB",
            held=growth < MOST_GROWTH,
        ),
    )


def _table(looks: Sequence[Vitals]) -> str:
    rows = "\n".join(
        f"| {number * TASKS} | {look.holds.tasks} | {look.holds.threads} | {look.holds.files} "
        f"| {look.holds.connections} | {look.memory:.1f} |"
        for number, look in enumerate(looks, start=1)
    )
    head = "| tasks | asyncio tasks | threads | open files | connections | MB |\n|---:|"
    return f"{head}{'---:|' * 5}\n{rows}\n"
