"""`idle.*`: a hundred accounts in one collector, one of which never gets an answer.

`ready`: seconds until all others are connected. `memory`: kilobytes for each more connected
account, compared with Telethon's own client. `cpu`: share of a core while nothing is to be done.
"""

import asyncio
import time
from collections.abc import Sequence

from bench.figures import Figure
from bench.history import plain_script
from bench.stage import Stage, until
from bench.telegram import Person, Telegram, local_telegram

NAMES = ("idle",)
ACCOUNTS, QUICK_ACCOUNTS = 100, 20
FEW = 10
PROOF = "users.getUsers"
"""The last call of connecting: who the account is."""

PATIENCE = 60.0
SETTLE, QUICK_SETTLE = 6.0, 3.0


async def measure(stage: Stage, wanted: Sequence[str]) -> list[Figure]:  # noqa: ARG001
    """Two sizes of each process; what lies between them is what an account costs."""
    many = QUICK_ACCOUNTS if stage.quick else ACCOUNTS
    async with local_telegram({"alpha_chat": 10}, accounts=2 * many) as telegram:
        crew, plain = telegram.people[:many], telegram.people[many:]
        ready, cpu, ours = await _crew(stage, telegram, crew)
        theirs = await _plain(stage, telegram, plain)
    return [
        Figure(name="idle.ready", value=ready, unit="seconds"),
        Figure(name="idle.cpu", value=cpu, unit="share of a core"),
        Figure(
            name="idle.memory", value=ours, unit="kB/account", baseline=theirs, ratio=ours / theirs
        ),
    ]


async def _crew(
    stage: Stage, telegram: Telegram, people: Sequence[Person]
) -> tuple[float, float, float]:
    """Seconds until all but the hanging one are connected, CPU when idle, kilobytes an account."""
    settle = QUICK_SETTLE if stage.quick else SETTLE
    async with stage.crew(telegram, people) as crew:
        async with crew.collector(WORKER_ACCOUNTS=str(FEW)) as collector:
            await _connected(telegram, people, FEW)
            await asyncio.sleep(settle)
            few = collector.process.resident()
        await telegram.fault("silence", account=people[0].id)
        before, began = await _proofs(telegram, people), time.perf_counter()
        async with crew.collector() as collector:
            await _connected(telegram, people[1:], len(people) - 1, before)
            ready = time.perf_counter() - began
            await asyncio.sleep(settle)
            many, cpu = collector.process.resident(), collector.process.cpu()
            await asyncio.sleep(settle)
            cpu = (collector.process.cpu() - cpu) / settle
    return ready, cpu, (many - few) / 1024 / (len(people) - 1 - FEW)


async def _plain(stage: Stage, telegram: Telegram, people: Sequence[Person]) -> float:
    """Kilobytes an account of Telethon's own client."""
    settle = QUICK_SETTLE if stage.quick else SETTLE
    found = []
    async with stage.database() as (bare, _, _):
        for count in (FEW, len(people)):
            async with plain_script(stage, telegram, people[:count], bare) as script:
                await asyncio.sleep(settle)
                found.append(script.process.resident())
    return (found[1] - found[0]) / 1024 / (len(people) - FEW)


async def _proofs(telegram: Telegram, people: Sequence[Person]) -> dict[str, int]:
    """How often each account asked who it is."""
    calls = await telegram.calls()
    return {str(one.id): calls.get(str(one.id), {}).get(PROOF, 0) for one in people}


async def _connected(
    telegram: Telegram, people: Sequence[Person], count: int, before: dict[str, int] | None = None
) -> None:
    """Until so many of these accounts asked who they are (more often than `before`)."""
    known = before or await _proofs(telegram, people)

    async def enough() -> bool:
        now = await _proofs(telegram, people)
        return sum(now[account] > known[account] for account in now) >= count

    await until(enough, seconds=PATIENCE)
