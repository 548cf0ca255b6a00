"""Several collectors: who takes over from a killed one, and what a frozen one does on waking."""

import asyncio
import contextlib
import signal
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.nursery import Nursery
from bench.soak.chapter import Chapter, Fact
from bench.soak.crowd import Crowd, open_crowd
from bench.soak.site import open_site
from bench.soak.weather import HISTORY

NAME = "takeover"
CROWDS, QUICK_CROWDS = (2, 4), (2,)
LEASE_SECONDS, QUICK_LEASE_SECONDS = 30.0, 3.0
PROMISED = 5.0
"""Seconds beyond the lease within which another has connected a dead one's accounts."""

ACCOUNTS = 8
SILENCE = 0.5
"""Seconds in which what a stopped process had sent before is read here."""

WAKING = 5.0
"""Seconds in which a woken process shows what it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover:
    """Seconds until all accounts of the dead one called again, and what the woken one did."""

    collectors: int
    lease: float
    accounts_killed: int
    after_kill: float
    accounts_frozen: int
    connections: int
    bytes_woken: int
    status: int | None
    key_violations: int
    whole: bool


async def run(quick: bool) -> Chapter:  # noqa: FBT001
    """Kill one, freeze another; for each number of collectors."""
    lease = QUICK_LEASE_SECONDS if quick else LEASE_SECONDS
    found = []
    for collectors in QUICK_CROWDS if quick else CROWDS:
        with tempfile.TemporaryDirectory(prefix="soak-") as folder:
            found.append(await take_over(Path(folder), collectors=collectors, lease=lease))
            print(found[-1], flush=True)
    return Chapter(
        title="Who takes over",
        text=(
            f"Collectors with a DATA_DIR each share eight accounts that read all the time, leases "
            f"of {lease:g} s. One is killed (`kill -9`) and not started again; later another gets "
            "SIGSTOP until its accounts are at work elsewhere, then SIGCONT. Times end with the "
            "first call of the last of its accounts; bytes are counted where they arrive."
        ),
        facts=tuple(fact for one in found for fact in facts(one)),
    )


def facts(one: Takeover) -> list[Fact]:
    """The promises, for one number of collectors."""
    crowd, limit = f"{one.collectors} collectors", f"the lease + {PROMISED:g} s"
    return [
        Fact(
            promise=f"{crowd}: a killed one's accounts call again within {limit}",
            figure=f"{one.accounts_killed} accounts after {one.after_kill:.1f} s "
            f"({one.after_kill - one.lease:+.1f} s)",
            held=one.after_kill <= one.lease + PROMISED,
        ),
        Fact(
            promise=f"{crowd}: a woken one sends not one byte on its old connections",
            figure=f"{one.bytes_woken} bytes on {one.connections} connections of "
            f"{one.accounts_frozen} accounts, {_fate(one.status)}",
            held=one.bytes_woken == 0 and one.connections > 0,
        ),
        Fact(
            promise=f"{crowd}: no key on two connections, nothing lost",
            figure=f"{one.key_violations} violations",
            held=one.key_violations == 0 and one.whole,
        ),
    ]


def _fate(status: int | None) -> str:
    return "and it goes on" if status is None else f"and it ends with {status}"


async def take_over(
    folder: Path,
    *,
    collectors: int,
    lease: float,
    accounts: int = ACCOUNTS,
    size: int = 15_000,
    page_seconds: float = 1.0,
    nursery: Nursery | None = None,
) -> Takeover:
    """Kill one of the collectors, start it again, freeze another, and look."""
    chats = {f"long_{number}": size for number in range(1, accounts + 1)}
    async with (
        open_site(folder, chats=chats, accounts=accounts, lease_seconds=lease) as site,
        open_crowd(site, collectors, nursery) as crowd,
    ):
        site.sandbox.faults.delay(page_seconds, method=HISTORY)
        runs = [await crowd.read(name, by) for by, name in enumerate(chats, start=1)]
        await crowd.called({person.id for person in site.sandbox.world.accounts}, lease)
        killed, after = await _kill(crowd, lease)
        frozen, lines, count, status = await _freeze(crowd, lease)
        site.sandbox.faults.clear()
        return Takeover(
            collectors=collectors,
            lease=lease,
            accounts_killed=killed,
            after_kill=after,
            accounts_frozen=frozen,
            connections=lines,
            bytes_woken=count,
            status=status,
            key_violations=len(site.sandbox.counters.key_violations),
            whole=await crowd.whole(runs, chats),
        )


async def _kill(crowd: Crowd, lease: float) -> tuple[int, float]:
    """How many accounts the killed one had, and the seconds until the last of them called again."""
    machine, accounts = await crowd.busiest()
    began = time.monotonic()
    await crowd.services[machine].kill()
    await crowd.called(accounts, lease)
    took = time.monotonic() - began
    await crowd.start(machine)
    return len(accounts), took


async def _freeze(crowd: Crowd, lease: float) -> tuple[int, int, int, int | None]:
    """Of the frozen one: accounts, connections, bytes on these after it woke, its exit status."""
    machine, accounts = await crowd.busiest()
    service = crowd.services[machine]
    service.signal(signal.SIGSTOP)
    await asyncio.sleep(SILENCE)
    heard = {id(line): (line, line.heard) for line in crowd.lines(accounts)}
    await crowd.called(accounts, lease)
    service.signal(signal.SIGCONT)
    status: int | None = None
    with contextlib.suppress(TimeoutError):
        status = await service.ended(WAKING)
    await asyncio.sleep(SILENCE)
    count = sum(line.heard - before for line, before in heard.values())
    return len(accounts), len(heard), count, status
