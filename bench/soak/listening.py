"""Listening while everything goes wrong that can: in the end the store is what the world is."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.nursery import Nursery
from bench.soak.audience import subscribe, until_equal
from bench.soak.chapter import Chapter, Fact
from bench.soak.mishaps import Mishaps
from bench.soak.service import Service
from bench.soak.site import Site, open_site

NAME = "listening"
COLLECTORS = 2
LEASE_SECONDS = 3.0
QUEUE = 100
"""News that may wait: so few that a store that is away for two seconds fills it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`check`: LISTEN_CHECK_SECONDS; quiet chats are looked at 15 times as rarely."""

    chats: int = 100
    accounts: int = 5
    rate: float = 200.0
    seconds: float = 300.0
    check: float = 4.0
    pause: float = 8.0
    patience: float = 240.0


SMALL = Plan(seconds=30.0, check=1.0, pause=0.5, patience=60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was stored beside what is: `wrong` names the messages that differ in the end."""

    posted: int
    edited: int
    deleted: int
    mishaps: dict[str, int]
    dropped: int
    wrong: list[str]
    settled_after: float
    key_violations: int


async def run(quick: bool) -> Chapter:  # noqa: FBT001
    """Five minutes of it."""
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        plan = SMALL if quick else Plan()
        found = await listen_through(Path(folder), plan)
        print(found, flush=True)
    return Chapter(
        title="Listening",
        text=(
            f"{plan.accounts} accounts in {COLLECTORS} collectors listen to {plan.chats} chats "
            f"with {plan.rate:g} messages a second, edits and deletions on top, for "
            f"{plan.seconds:g} s. Updates are dropped, repeated and late all the time, three chats "
            "tell nothing at all, and one after another lines break, differences are too long, "
            "MongoDB stops or freezes, and a collector is killed. Then everything is left alone "
            "until the timers have run."
        ),
        facts=facts(found, plan),
    )


def facts(found: Outcome, plan: Plan) -> tuple[Fact, ...]:
    """The promises."""
    mishaps = ", ".join(f"{count} × {name}" for name, count in sorted(found.mishaps.items()))
    return (
        Fact(
            promise="what is stored is what is in the world, edits and deletions included",
            figure=f"{found.posted} messages, {found.edited} edits, {found.deleted} deletions; "
            f"{len(found.wrong)} differ; equal {found.settled_after:.0f} s after the last",
            held=not found.wrong and found.posted >= plan.rate * plan.seconds * 0.9,
        ),
        Fact(
            promise="each kind of mishap was met",
            figure=f"{mishaps}; {found.dropped} times the queue was said to be full",
            held=len(found.mishaps) == 6 and found.dropped > 0,
        ),
        Fact(
            promise="no key on two connections",
            figure=f"{found.key_violations} violations",
            held=found.key_violations == 0,
        ),
    )


async def listen_through(folder: Path, plan: Plan, nursery: Nursery | None = None) -> Outcome:
    """Listen while it rages, then compare. `nursery`: where collectors begin quickly."""
    names = [f"live_{number:03d}" for number in range(plan.chats)]
    sizes = dict.fromkeys(names, 20)
    async with (
        open_site(folder, chats=sizes, accounts=plan.accounts, lease_seconds=LEASE_SECONDS) as site,
        _collectors(site, plan, nursery) as collectors,
    ):
        await subscribe(site, names)
        tops = {name: site.sandbox.world.chat(name).top_id for name in names}
        live, mishaps = site.sandbox.live, Mishaps(site, collectors, silent=names[:3])
        live.prepare(names)
        mishaps.begin()
        live.start(plan.rate, chats=names)
        await mishaps.happen(pause=plan.pause, seconds=plan.seconds)
        live.stop()
        calm_at = time.monotonic()
        site.sandbox.faults.updates.clear()
        wrong = await until_equal(site, tops, plan.patience)
        said = "".join([await asyncio.to_thread(one.log_text) for one in collectors])
        return Outcome(
            posted=live.posted,
            edited=live.edited,
            deleted=live.deleted,
            mishaps=dict(mishaps.seen),
            dropped=said.count("news.dropped"),
            wrong=wrong,
            settled_after=time.monotonic() - calm_at,
            key_violations=len(site.sandbox.counters.key_violations),
        )


class Crowded(Service):
    """A collector whose queue of news is short."""

    def __init__(self, environment: dict[str, str], log: Path, nursery: Nursery | None) -> None:
        super().__init__(environment, "collector", log=log, nursery=nursery)
        self._words = ["bench.soak.crowded", str(QUEUE), "collector", "--no-env-file"]
        self._said = log

    def log_text(self) -> str:
        """What it said so far, in all its lives."""
        return self._said.read_text()


@asynccontextmanager
async def _collectors(
    site: Site, plan: Plan, nursery: Nursery | None
) -> AsyncIterator[list[Crowded]]:
    made = []
    for number in range(COLLECTORS):
        given = site.settings_of(f"collector_{number}")
        given |= {
            "LISTEN_CHECK_SECONDS": str(plan.check),
            "WORKER_ACCOUNTS": str(plan.accounts // 2 + 1),
        }
        made.append(Crowded(given, site.folder / f"collector_{number}.log", nursery))
    try:
        for one in made:
            await one.start()
        yield made
    finally:
        for one in made:
            if one.alive:
                await one.stop()
