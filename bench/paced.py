"""`paced.N`: N accounts at five pages a second each, one source each, against N times one."""

from collections.abc import Sequence

from bench.figures import Figure, compared
from bench.stage import Collector, Stage
from bench.telegram import handles, local_telegram, numbered

COUNTS = (1, 2, 5, 10, 20)
NAMES = tuple(f"paced.{count}" for count in COUNTS)
PACE = "history=5/1,resolve=1000/1/0,connect=1000/1"
PAGES, QUICK_PAGES = 100, 10
ROUNDS, QUICK_ROUNDS = 2, 1


async def measure(stage: Stage, wanted: Sequence[str]) -> list[Figure]:
    """Messages a second of each count; each round measures one account, too."""
    counts = [count for count, name in zip(COUNTS, NAMES, strict=True) if name in wanted]
    chats = numbered(max(counts), 100 * (QUICK_PAGES if stage.quick else PAGES))
    sources = handles(chats)
    rates: dict[int, list[float]] = {count: [] for count in (1, *counts)}
    async with (
        local_telegram({**chats, "warm_up": 100}, accounts=len(chats)) as telegram,
        stage.collector(telegram, telegram.people, PACE=PACE) as collector,
    ):
        await _connected(collector, len(chats))
        for _ in range(QUICK_ROUNDS if stage.quick else ROUNDS):
            for count, found in rates.items():
                await collector.forget()
                found.append((await collector.collect(sources[:count])).by_wall)
    return [
        compared(f"paced.{count}", rates[count], rates[1], "messages/second", share=count)
        for count in counts
    ]


async def _connected(collector: Collector, accounts: int) -> None:
    """Let every account read something, once."""
    numbers = range(1, accounts + 1)
    await collector.collect(*(["@warm_up"] for _ in numbers), accounts=list(numbers))
