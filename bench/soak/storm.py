"""A storm: services, their mongod, their connections and calls are mistreated while they work."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.nursery import Nursery
from bench.soak.fleet import Fleet
from bench.soak.plan import Plan
from bench.soak.site import Site, open_site
from bench.soak.tally import Tally
from bench.soak.verdict import Verdict
from bench.soak.weather import HISTORY, Weather
from bench.soak.work import Work, chats

CALM_SECONDS = 240.0
"""Within which everything is to be done once nothing is broken any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a storm left behind; empty lists and zeros are good."""

    tally: Tally
    quotas_met: bool
    tasks: int
    runs_open: int
    messages: int
    wrong_chats: list[str]
    different: list[str]
    presses: int
    doubled: list[str]
    fired_wrong: list[str]
    cards_left: int
    told_twice: int
    lost_accounts: list[int]
    key_violations: int
    flood_violations: int
    floods: int
    accounts_at_once: int
    last_exits: list[int]
    stormy_seconds: float
    calm_seconds: float
    notes: list[str] = field(default_factory=list)


Show = Callable[[Tally], None]


async def storm(plan: Plan, folder: Path, nursery: Nursery, show: Show) -> Outcome:
    """Blow until the plan's quotas are met or its time is over, then calm down and compare."""
    async with open_site(
        folder,
        chats=chats(plan),
        accounts=plan.accounts,
        lease_seconds=plan.lease_seconds,
    ) as site:
        return await _storm(site, plan, nursery, show)


async def _storm(site: Site, plan: Plan, nursery: Nursery, show: Show) -> Outcome:
    tally = Tally()
    site.sandbox.faults.delay(plan.page_seconds, method=HISTORY)
    fleet = Fleet(site, plan, tally, nursery)
    work = Work(site, plan, tally)
    began = time.monotonic()
    try:
        async with asyncio.TaskGroup() as group:
            keepers = [group.create_task(post.keep()) for post in fleet.posts]
            watch = group.create_task(_watch(tally, site, show))
            met = await _blow(site, fleet, work, plan, tally)
            calm_at = time.monotonic()
            site.sandbox.faults.clear()
            await fleet.calm()
            async with asyncio.timeout(CALM_SECONDS):
                await work.finish()
            done_at = time.monotonic()
            cards_left = await Verdict(site).unfinished_cards()
            for one in (*keepers, watch):
                one.cancel()
        exits = await fleet.end()
    finally:
        for post in fleet.posts:
            await post.end()
    return await _judge(
        site,
        work,
        tally,
        quotas_met=met,
        cards_left=cards_left,
        last_exits=exits,
        stormy_seconds=calm_at - began,
        calm_seconds=done_at - calm_at,
    )


async def _blow(site: Site, fleet: Fleet, work: Work, plan: Plan, tally: Tally) -> bool:
    verdict = Verdict(site)
    try:
        async with asyncio.timeout(plan.limit), asyncio.TaskGroup() as group:
            weather = group.create_task(Weather(site, fleet, plan, tally).blow())
            group.create_task(work.trickle())
            group.create_task(work.order())
            while not weather.done() or fleet.crashes_left:
                for name in await work.round():
                    count, wrong = await verdict.differences(name)
                    tally.checked += count
                    tally.different += wrong
            work.enough = True
    except TimeoutError:
        return False
    return True


async def _watch(tally: Tally, site: Site, show: Show) -> None:
    while True:
        tally.floods = site.sandbox.counters.floods
        show(tally)
        await asyncio.sleep(1)


async def _judge(site: Site, work: Work, tally: Tally, **seen: object) -> Outcome:
    verdict, counters = Verdict(site), site.sandbox.counters
    messages, wrong = await verdict.wrong_ids(work.asked)
    for one in work.asked:
        if len(one.sources) == 1 and one.kind != "unknown":
            count, different = await verdict.differences(one.sources[0].removeprefix("@"))
            tally.checked += count
            tally.different += different
    made = await _made(site)
    ordered = [one.sources[0] for one in work.asked if one.kind == "wizard"]
    return Outcome(
        tally=tally,
        tasks=len(work.asked),
        runs_open=await site.database.runs.count_open(),
        messages=messages,
        wrong_chats=wrong,
        different=tally.different,
        presses=len(ordered),
        doubled=[
            source
            for source in ordered
            if not 1 <= made.count((source,)) <= max(len(work.presses[source]), 1)
        ],
        fired_wrong=await verdict.runs_too_many(work.asked, tally.retried),
        told_twice=verdict.told_twice(),
        lost_accounts=await verdict.lost_accounts(),
        key_violations=len(counters.key_violations),
        flood_violations=counters.family_violations,
        floods=counters.floods,
        accounts_at_once=counters.most_accounts_in_flight,
        **seen,
    )


async def _made(site: Site) -> list[tuple[str, ...]]:
    tasks, _ = await site.database.tasks.page(0, 100_000)
    return [task.spec.sources for task in tasks]
