"""Collectors and a replica set of three, each on a host of its own, while hosts and lines fail."""

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

from bench.soak.chapter import Chapter, Fact
from bench.soak.hosts import Hosts
from bench.soak.machines_trial import COLLECTORS, MEMBERS, Outcome, Plan
from bench.soak.trial import run_on_hub

NAME = "machines"
SILENCE = 30.0
"""Seconds in which nothing may be stored, while a majority of MongoDB can be reached."""

SMALL = Plan(faults=("step-down", "kill", "cut a collector"), accounts=6, messages=1_500, shares=12)


async def run(quick: bool) -> Chapter:  # noqa: FBT001
    """Every fault once, and one to three collectors that share a crew."""
    plan = SMALL if quick else Plan()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        async with Hosts((*MEMBERS, *COLLECTORS)) as hosts:
            found = await try_out(plan, hosts, Path(folder))
    print(found, flush=True)
    return Chapter(
        title="Several machines",
        text=(
            f"{len(COLLECTORS)} hosts with a `telecrew collector` each, leases of "
            f"{plan.lease_seconds:g} s, and {len(MEMBERS)} with a mongod each, a replica set; all "
            "are network namespaces on one switch. Tasks are read and chats listened to while "
            f"something fails for {plan.fault_seconds:g} s. Then {plan.shares} accounts are shared "
            "by one, two and three collectors."
        ),
        facts=facts(found, plan),
        details=table(found),
    )


async def try_out(plan: Plan, hosts: Hosts, folder: Path) -> Outcome:
    """The trial, as a process on the hub: it has to reach every host."""
    given = {"plan": dataclasses.asdict(plan), "tag": hosts.tag, "folder": str(folder)}
    return outcome(await run_on_hub("bench.soak.machines_trial", given, hosts, folder))


def outcome(values: dict[str, Any]) -> Outcome:
    """What the trial wrote down."""
    return Outcome(**values)


def facts(found: Outcome, plan: Plan) -> tuple[Fact, ...]:
    """The promises."""
    slowest = max(found.silences.values(), default=0.0)
    shares = "; ".join(f"{len(one)}: {' + '.join(map(str, one))}" for one in found.shares)
    return (
        Fact(
            promise="each fault happens",
            figure=", ".join(found.silences),
            held=set(found.silences) == set(plan.faults),
        ),
        Fact(
            promise="nothing is lost",
            figure=f"{found.messages:,} messages of {found.tasks} tasks, {found.posted:,} live; "
            f"{len(found.wrong_chats) + len(found.wrong_live)} differ",
            held=not (found.wrong_chats or found.wrong_live) and found.posted > 0,
        ),
        Fact(
            promise="no key on two connections, no account lost",
            figure=f"{found.key_violations} violations, {found.lost_accounts} lost",
            held=not (found.key_violations or found.lost_accounts),
        ),
        Fact(
            promise=f"no {SILENCE:g} s without a stored message while there is a majority",
            figure=f"{slowest:.1f} s at most",
            held=slowest <= SILENCE,
        ),
        Fact(
            promise="every run ends well",
            figure=f"{found.runs_open} open, {found.failed} failed",
            held=not (found.runs_open or found.failed),
        ),
        Fact(
            promise="collectors share the accounts",
            figure=f"{shares}; {found.settled:.0f} s at most until shared",
            held=all(max(one) - min(one) <= 1 for one in found.shares),
        ),
    )


def table(found: Outcome) -> str:
    """The faults, one a row."""
    rows = [f"| {fault} | {seconds:.1f} |" for fault, seconds in found.silences.items()]
    return "\n".join(["| what fails | longest silence, seconds |", "|---|---:|", *rows])
