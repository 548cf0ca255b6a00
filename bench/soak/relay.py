"""Collectors that share a large crew come and go: whoever is left does all the work."""

import asyncio
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.nursery import Nursery
from bench.soak.audience import subscribe, until_equal
from bench.soak.chapter import Chapter, Fact
from bench.soak.crowd import open_crowd
from bench.soak.shifts import Shifts
from bench.soak.silence import Silences
from bench.soak.site import CLOCK, Site, open_site
from bench.soak.tally import Tally
from bench.soak.verdict import Verdict
from bench.soak.weather import HISTORY
from bench.soak.work import Work, chats
from core.run import Run

NAME = "relay"
LOOK_EVERY = 0.5
FINISH_SECONDS = 240.0
PROMISED = 5.0
"""Seconds within which a drained collector's accounts are others'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is read as in a storm's plan. `live` chats are listened to, with `rate` messages a
    second in all; `pause` between two departures; `silence`: the longest that a run may stand still
    without saying why, in seconds; `patience`: until live chats are equal to the world's.
    """

    seed: int = 20260601
    collectors: int = 4
    accounts: int = 100
    sources: int = 40
    rounds: int = 120
    messages: tuple[int, int] = (300, 900)
    page_seconds: float = 1.0
    trickle_every: tuple[float, float] = (3.0, 6.0)
    drops: int = 400
    live: int = 40
    rate: float = 20.0
    lease_seconds: float = 5.0
    seconds: float = 600.0
    pause: tuple[float, float] = (1.0, 6.0)
    silence: float = 60.0
    patience: float = 240.0


SMALL = Plan(seconds=30.0, rounds=40, sources=20, messages=(100, 300), drops=40, live=10,
             page_seconds=0.6, lease_seconds=3.0, pause=(0.5, 2.0), patience=60.0)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the crowd left behind; `connected`: the seconds until every account was."""

    left: dict[str, int]
    handovers: list[float]
    exits: dict[str, int]
    connected: float
    tasks: int
    retried: int
    messages: int
    wrong_chats: list[str]
    posted: int
    wrong_live: list[str]
    silence: float
    explained: int
    runs_open: int
    finished_after: float
    lost_accounts: list[int]
    key_violations: int


async def run(quick: bool) -> Chapter:  # noqa: FBT001
    """Ten minutes of it."""
    plan = SMALL if quick else Plan()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder, closing(Nursery()) as nursery:
        found = await relay(Path(folder), plan, nursery)
        print(found, flush=True)
    return Chapter(
        title="Collectors that come and go",
        text=(
            f"{plan.collectors} `telecrew collector`s share {plan.accounts} accounts, with leases "
            f"of {plan.lease_seconds:g} s. {plan.sources} chats at a time are read by tasks of "
            f"several sources, small tasks come on top, directly and on schedule, and {plan.live} "
            f"chats are listened to. For {plan.seconds:g} s one collector after another is killed "
            "(`kill -9`), frozen for shorter or longer than its leases, or drained (SIGTERM), and "
            "comes back. Every open run is looked at twice a second."
        ),
        facts=facts(found, plan),
    )


def facts(found: Outcome, plan: Plan) -> tuple[Fact, ...]:
    """The promises."""
    ways = ", ".join(f"{count} × {way}" for way, count in sorted(found.left.items()))
    slowest = max(found.handovers, default=0.0)
    live = f"{found.posted:,} live messages"
    return (
        Fact(
            promise="collectors come and go",
            figure=f"{ways}; all {plan.accounts} accounts connected {found.connected:.1f} s after "
            "the start",
            held=len(found.left) == len(Shifts.WAYS),
        ),
        Fact(
            promise="nothing is lost",
            figure=f"{found.messages:,} messages of {found.tasks} tasks, and {live}; "
            f"{len(found.wrong_chats) + len(found.wrong_live)} differ",
            held=not (found.wrong_chats or found.wrong_live) and found.posted > 0,
        ),
        Fact(
            promise="no key on two connections, no account lost",
            figure=f"{found.key_violations} violations, {len(found.lost_accounts)} lost",
            held=not (found.key_violations or found.lost_accounts),
        ),
        Fact(
            promise=f"no run stands still for {plan.silence:g} s without saying why",
            figure=f"{found.silence:.1f} s at most; {found.explained} runs said why they waited",
            held=found.silence <= plan.silence,
        ),
        Fact(
            promise="every run ends once the crowd stays",
            figure=f"{found.runs_open} open, {found.finished_after:.0f} s after; {found.retried} "
            "were started again after they failed",
            held=found.runs_open == 0,
        ),
        Fact(
            promise=f"a drained one's accounts are others' within {PROMISED:g} s, and it ends "
            "with 0",
            figure=f"{slowest:.1f} s at most, of {len(found.handovers)}; "
            f"{sum(found.exits.values())} ends not as ordered {found.exits or ''}".strip(),
            held=slowest <= PROMISED and not found.exits,
        ),
    )


async def relay(folder: Path, plan: Plan, nursery: Nursery) -> Outcome:
    """Work while the crowd changes; then let it stay, finish, and compare."""
    names = [f"live_{number:03d}" for number in range(plan.live)]
    sizes = {**chats(plan), **dict.fromkeys(names, 20)}
    async with (
        open_site(
            folder, chats=sizes, accounts=plan.accounts, lease_seconds=plan.lease_seconds
        ) as site,
        open_crowd(site, plan.collectors, nursery) as crowd,
    ):
        began = time.monotonic()
        people = {person.id for person in site.sandbox.world.accounts}
        await crowd.called(people, plan.lease_seconds)
        connected = time.monotonic() - began
        site.sandbox.faults.delay(plan.page_seconds, method=HISTORY)
        shifts = Shifts(crowd, plan.seed, lease=plan.lease_seconds, pause=plan.pause)
        return await _relay(site, plan, shifts, names, connected)


async def _relay(
    site: Site, plan: Plan, shifts: Shifts, names: list[str], connected: float
) -> Outcome:
    await subscribe(site, names)
    tops = {name: site.sandbox.world.chat(name).top_id for name in names}
    live, silences, tally = site.sandbox.live, Silences(CLOCK), Tally()
    work = Work(site, plan, tally)
    live.prepare(names)
    live.start(plan.rate, chats=names)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(_watch(site, silences))
        await _work_through(work, shifts, plan.seconds)
        live.stop()
        calm_at = time.monotonic()
        async with asyncio.timeout(FINISH_SECONDS):
            await work.finish()
        finished_after = time.monotonic() - calm_at
        watching.cancel()
    verdict = Verdict(site)
    messages, wrong = await verdict.wrong_ids(work.asked)
    return Outcome(
        left=dict(shifts.left),
        handovers=shifts.handovers,
        exits=dict(shifts.exits),
        connected=connected,
        tasks=len(work.asked),
        retried=tally.retried,
        messages=messages,
        wrong_chats=wrong,
        posted=live.posted,
        wrong_live=await until_equal(site, tops, plan.patience),
        silence=silences.worst,
        explained=silences.explained,
        runs_open=len(await _reading(site)),
        finished_after=finished_after,
        lost_accounts=await verdict.lost_accounts(),
        key_violations=len(site.sandbox.counters.key_violations),
    )


async def _work_through(work: Work, shifts: Shifts, seconds: float) -> None:
    """Ask for work as long as collectors come and go."""
    async with asyncio.TaskGroup() as group:
        group.create_task(work.trickle())
        turning = group.create_task(shifts.turn(seconds))
        while not turning.done():
            await work.round()
        work.enough = True


async def _watch(site: Site, silences: Silences) -> None:
    """A run that only listens has nothing to show but what it stores."""
    while True:
        runs = await _reading(site)
        jobs = await site.database.jobs.of_runs([run.id for run in runs])
        silences.look(runs, jobs)
        await asyncio.sleep(LOOK_EVERY)


async def _reading(site: Site) -> list[Run]:
    listening = await site.database.subscriptions.listening_runs()
    return [one for one in await site.database.runs.open_runs() if one.id not in listening]
