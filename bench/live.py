"""`live`: from Telegram's socket to the receipt of the insert, a thousand messages a second."""

import asyncio
import time
from collections.abc import Sequence

from bench.figures import Figure, quantile
from bench.process import Child
from bench.stage import CLOCK, Crew, Stage, until
from bench.telegram import Telegram, handles, local_telegram, numbered
from core.task import AccountPolicy, Schedule, Step, TaskSpec

NAMES = ("live",)
ACCOUNTS, CHATS, SIZE = 5, 100, 20
RATE, SECONDS = 1_000, 60
QUICK_CHATS, QUICK_RATE, QUICK_SECONDS = 10, 200, 2
SETTLED_SECONDS = 20.0
MARK = 1_000_000_000_000

Key = tuple[int, int]


async def measure(stage: Stage, wanted: Sequence[str]) -> list[Figure]:  # noqa: ARG001
    """Seconds of p50, p99 and the worst as milliseconds, and the rate that was kept."""
    chats = numbered(QUICK_CHATS if stage.quick else CHATS, SIZE)
    names = list(chats)
    share = len(names) // ACCOUNTS
    inside = [names[place * share : (place + 1) * share] for place in range(ACCOUNTS)]
    async with (
        local_telegram(chats, accounts=ACCOUNTS, inside=inside) as telegram,
        stage.crew(telegram, telegram.people) as crew,
        crew.process("bench.live_collector") as collector,
    ):
        await _subscribe(crew, inside)
        rate, seconds = (QUICK_RATE, QUICK_SECONDS) if stage.quick else (RATE, SECONDS)
        return _figures(await _listen(telegram, collector, names, rate, seconds))


async def _subscribe(crew: Crew, inside: Sequence[Sequence[str]]) -> None:
    """A run for each account, and the first look at every chat behind us."""
    for account, names in enumerate(inside, start=1):
        now = CLOCK.now()
        policy, sources = AccountPolicy.pinned(account), tuple(handles(names))
        task = await crew.database.tasks.add(
            owner=1,
            chat=1,
            spec=TaskSpec(sources=sources, policy=policy, steps=(Step.LISTEN,)),
            schedule=Schedule(),
            next_due=None,
            now=now,
        )
        await crew.database.runs.open(task, due=now, now=now)
    wanted = sum(len(names) for names in inside)

    async def looked_at() -> bool:
        found = await crew.database.subscriptions.all()
        ready = [one for one in found if one.pushed and one.checked_at is not None]
        return len(ready) == wanted

    await until(looked_at)


async def _listen(
    telegram: Telegram, collector: Child, names: Sequence[str], rate: float, seconds: float
) -> dict[Key, float]:
    """Seconds from the socket write to the receipt, of every message."""
    await telegram.live("prepare", chats=names)
    await collector.ask("stored")
    await telegram.live("start", rate=rate, chats=names, edits=0, deletions=0, seconds=seconds)
    while (await telegram.going_on())["running"]:  # noqa: ASYNC110 - it goes on elsewhere
        await asyncio.sleep(0.5)
    sent = {(-MARK - chat, message): at for chat, message, at in await telegram.sent()}
    stored: dict[Key, float] = {}
    deadline = time.monotonic() + SETTLED_SECONDS
    while stored.keys() < sent.keys() and time.monotonic() < deadline:
        for chat, message, at in await collector.ask("stored"):
            stored.setdefault((chat, message), at)
        await asyncio.sleep(0.1)
    if lost := sent.keys() - stored.keys():
        raise RuntimeError(f"{len(lost)} of {len(sent)} messages were not stored as they came")
    return {key: stored[key] - at for key, at in sent.items()}


def _figures(lags: dict[Key, float]) -> list[Figure]:
    values = [seconds * 1_000 for seconds in lags.values()]
    return [
        Figure(name="live.messages", value=float(len(values)), unit="messages"),
        Figure(name="live.p50", value=quantile(values, 0.5), unit="ms"),
        Figure(name="live.p99", value=quantile(values, 0.99), unit="ms"),
        Figure(name="live.worst", value=max(values), unit="ms"),
    ]
