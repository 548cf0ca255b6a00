"""`split.N`: one chat over N accounts at five pages a second each, against N times one."""

import time
from collections.abc import Sequence

from bench.figures import Figure, compared
from bench.stage import CLOCK, Collector, Stage, until
from bench.telegram import local_telegram
from core.options import HistoryOptions
from core.run import OPEN_STATES, Run, RunState
from core.task import AccountPolicy, PolicyKind, Schedule, TaskSpec

COUNTS = (2, 5, 10)
NAMES = tuple(f"split.{count}" for count in COUNTS)
PACE = "history=5/1,resolve=1000/1/0,connect=1000/1,info=1000/1"
MESSAGES, QUICK_MESSAGES = 50_000, 5_000
ROUNDS, QUICK_ROUNDS = 3, 1


async def measure(stage: Stage, wanted: Sequence[str]) -> list[Figure]:
    """Messages a second of each count; each round measures one account, too."""
    counts = [count for count, name in zip(COUNTS, NAMES, strict=True) if name in wanted]
    size = QUICK_MESSAGES if stage.quick else MESSAGES
    rates: dict[int, list[float]] = {count: [] for count in (1, *counts)}
    async with (
        local_telegram({"shared_chat": size, "warm_up": 100}, accounts=max(counts)) as telegram,
        stage.collector(telegram, telegram.people, PACE=PACE) as collector,
    ):
        everybody = range(1, max(counts) + 1)
        await collector.collect(*(["@warm_up"] for _ in everybody), accounts=list(everybody))
        for _ in range(QUICK_ROUNDS if stage.quick else ROUNDS):
            for count, found in rates.items():
                await collector.forget()
                found.append(size / await _seconds(collector, count, size))
    return [
        compared(f"split.{count}", rates[count], rates[1], "messages/second", share=count)
        for count in counts
    ]


async def _seconds(collector: Collector, accounts: int, size: int) -> float:
    """How long the chat takes; RuntimeError unless each message was stored, and once."""
    began = time.perf_counter()
    run = await _open(collector, accounts)

    async def has_ended() -> bool:
        found = await collector.database.runs.get(run.id)
        return found is None or found.status.state not in OPEN_STATES

    await until(has_ended)
    took = time.perf_counter() - began
    found = await collector.database.runs.get(run.id)
    if found is None or found.status.state is not RunState.DONE:
        raise RuntimeError("the chat was not read")
    jobs = await collector.database.jobs.of_run(run.id)
    new, known = sum(one.progress.new for one in jobs), sum(one.progress.known for one in jobs)
    stored = await collector.bare["messages"].count_documents({})
    if (new, known, stored) != (size, 0, size):
        raise RuntimeError(f"{stored} of {size} are stored, {new} as new, {known} again")
    return took


async def _open(collector: Collector, accounts: int) -> Run:
    pool = AccountPolicy(kind=PolicyKind.POOL, accounts=tuple(range(1, accounts + 1)))
    spec = TaskSpec(sources=("@shared_chat",), policy=pool, history=HistoryOptions(split=True))
    now = CLOCK.now()
    task = await collector.database.tasks.add(
        owner=1, chat=1, spec=spec, schedule=Schedule(), next_due=None, now=now
    )
    run = await collector.database.runs.open(task, due=now, now=now)
    if run is None:
        raise RuntimeError("a new task has no run")
    return run
