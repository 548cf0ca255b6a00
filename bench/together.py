"""`together.*`: three tasks on one account, and on two, with 200 ms to Telegram and back.

`free`: no limits. `limited`: five pages a second an account. `one` is compared with the same three
tasks one after another, `two` with three tasks on one account.
"""

import time
from collections.abc import Sequence

from bench.figures import Figure, compared
from bench.stage import Collector, Stage
from bench.telegram import handles, local_telegram, numbered

PACES = {"free": "off", "limited": "history=5/1,resolve=1000/1/0,connect=1000/1"}
NAMES = ("together.free", "together.limited")
LATENCY = 0.2
TASKS = 3
PAGES, QUICK_PAGES = 20, 5
ROUNDS, QUICK_ROUNDS = 2, 1


async def measure(stage: Stage, wanted: Sequence[str]) -> list[Figure]:
    """Messages a second of three tasks on one account and on two."""
    figures = []
    for name in wanted:
        figures += await _measure(stage, name, PACES[name.rpartition(".")[2]])
    return figures


async def _measure(stage: Stage, name: str, pace: str) -> list[Figure]:
    chats = numbered(TASKS, 100 * (QUICK_PAGES if stage.quick else PAGES))
    sources = handles(chats)
    alone, one, two = [], [], []
    async with (
        local_telegram(chats, accounts=2) as telegram,
        stage.collector(telegram, telegram.people, PACE=pace) as collector,
    ):
        for account in (1, 2):
            await collector.collect(sources, accounts=[account])
        await telegram.fault("delay", seconds=LATENCY)
        for _ in range(QUICK_ROUNDS if stage.quick else ROUNDS):
            alone.append(await _one_after_another(collector, sources))
            one.append(await _at_once(collector, sources, (1, 1, 1)))
            two.append(await _at_once(collector, sources, (1, 2, 1)))
    return [
        compared(f"{name}.one", one, alone, "messages/second"),
        compared(f"{name}.two", two, one, "messages/second"),
    ]


async def _one_after_another(collector: Collector, sources: Sequence[str]) -> float:
    await collector.forget()
    began, messages = time.perf_counter(), 0
    for source in sources:
        messages = (await collector.collect([source], accounts=[1])).messages
    return messages / (time.perf_counter() - began)


async def _at_once(collector: Collector, sources: Sequence[str], accounts: Sequence[int]) -> float:
    await collector.forget()
    runs = [[source] for source in sources]
    return (await collector.collect(*runs, accounts=accounts)).by_wall
