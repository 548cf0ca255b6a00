"""The storm: kills, crashes at named points, cuts, floods, a mongod that comes and goes.

`SOAK_SEED=7` blows another storm, `SOAK_SHARE=0.25` a shorter one.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.nursery import Nursery
from bench.soak.chapter import Chapter, Fact
from bench.soak.fleet import WITHOUT_MONGODB
from bench.soak.plan import FULL, SMALL, Plan, scaled
from bench.soak.storm import Outcome, Show, storm
from bench.soak.tally import Tally

NAME = "faults"
LINE_SECONDS = 15.0


async def run(quick: bool) -> Chapter:  # noqa: FBT001
    """Blow, and compare what is left with the truth."""
    plan = scaled(SMALL if quick else FULL, float(os.environ.get("SOAK_SHARE", "1")))
    plan = replace(plan, seed=int(os.environ.get("SOAK_SEED", plan.seed)))
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as folder,
        closing(Nursery()) as nursery,
        shown(plan) as show,
    ):
        found = await storm(plan, Path(folder), nursery, show)
    return told(plan, found)


@contextmanager
def shown(plan: Plan) -> Iterator[Show]:
    """A line of progress for each quota."""
    console = Console()
    if not console.is_terminal:
        yield Lines(plan, console)
        return
    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        bars = {
            name: progress.add_task(name, total=wanted)
            for name, (_, wanted) in quotas(plan, Tally()).items()
        }
        compared = progress.add_task("messages compared", total=None)

        def show(tally: Tally) -> None:
            for name, (count, _) in quotas(plan, tally).items():
                progress.update(bars[name], completed=count)
            progress.update(compared, completed=tally.checked)

        progress.console.print(f"seed {plan.seed}: again with SOAK_SEED={plan.seed}")
        yield show


class Lines:
    """The same for a file: a line now and then."""

    def __init__(self, plan: Plan, console: Console) -> None:
        self._plan = plan
        self._console = console
        self._began = self._said_at = time.monotonic()

    def __call__(self, tally: Tally) -> None:
        now = time.monotonic()
        if now - self._said_at < LINE_SECONDS:
            return
        self._said_at = now
        done = quotas(self._plan, tally).items()
        said = ", ".join(f"{name} {count}/{wanted}" for name, (count, wanted) in done)
        self._console.print(f"{now - self._began:4.0f} s  {said}, {tally.checked} compared")


def quotas(plan: Plan, tally: Tally) -> dict[str, tuple[int, int]]:
    """What has been done, and what is wanted of it."""
    points = plan.points()
    crashes = sum(min(tally.crashes[point], plan.each_point) for point in points)
    return {
        "kills at random": (tally.kills, plan.kills),
        "crashes at named points": (crashes, len(points) * plan.each_point),
        "clean stops": (tally.stops, plan.stops),
        "freezes of a service": (tally.freezes, plan.freezes),
        "mongod killed": (tally.mongod["kill"], plan.mongod),
        "mongod stopped": (tally.mongod["stop"], plan.mongod),
        "mongod frozen": (tally.mongod["freeze"], plan.mongod),
        "connections broken": (tally.cuts.total(), plan.cuts),
        "floods": (tally.floods, plan.floods),
    }


def told(plan: Plan, found: Outcome) -> Chapter:
    """The outcome as a chapter."""
    return Chapter(
        title="Kills, cuts, floods and a mongod that comes and goes",
        text=(
            f"One `telecrew run` and {plan.collectors} `telecrew collector`s with "
            f"{plan.accounts} accounts and leases of {plan.lease_seconds:g} s read "
            f"{plan.sources} sources at a time ({1 - plan.fresh:.0%} of their starts are forks of "
            "one that has its imports done), while small tasks are added by the bot, directly "
            f"and on schedule. They blew for {found.stormy_seconds / 60:.1f} minutes; once nothing "
            f"was broken any more, all was done within {found.calm_seconds:.0f} s. "
            f"Seed {plan.seed}: again with `SOAK_SEED={plan.seed} python -m bench.soak {NAME}`."
        ),
        facts=tuple(facts(plan, found)),
        details=details(plan, found),
    )


def facts(plan: Plan, found: Outcome) -> Iterator[Fact]:
    """Each promise, and what became of it."""
    tally = found.tally
    done = quotas(plan, tally).values()
    total = tally.kills + tally.crashes.total()
    yield Fact(
        promise="the storm did all that it was to do",
        figure=f"{total} kills, {tally.mongod.total()} faults of mongod, "
        f"{tally.cuts.total()} broken connections, {found.floods} floods",
        held=found.quotas_met and all(count >= wanted for count, wanted in done),
    )
    yield _none("every run ended", found.runs_open, f"{found.tasks} tasks")
    yield _none("stored ids equal the world's", found.wrong_chats, f"{found.messages:,} messages")
    yield _none("no field differs", found.different, f"{tally.checked:,} compared")
    yield _none("no key is used on two connections", found.key_violations, "none")
    yield _none("no account is lost", found.lost_accounts, f"{plan.accounts} of {plan.accounts}")
    yield _none(
        "no call inside a flood's window",
        found.flood_violations,
        f"none over 250 ms after {found.floods} floods",
    )
    yield _none("a press of Start is one task", found.doubled, f"{found.presses} presses")
    yield _none("a due time is one run", found.fired_wrong, "all")
    yield _none("every card shows its ending", found.cards_left, f"{found.tasks} cards")
    yield _none("an ending is told once", found.told_twice, "none told twice")
    yield _none("no service ends by itself, but for MongoDB", unordered(tally), "none")
    yield Fact(
        promise="a clean stop ends with 0",
        figure=str(found.last_exits),
        held=set(found.last_exits) == {0},
    )


def unordered(tally: Tally) -> list[str]:
    """The ends of services that nothing explains: how often each, and the last that was said."""
    return [
        f"{why} ({count} times), at last: {tally.last_words.get(why) or 'nothing'}"
        for why, count in sorted(tally.exits.items())
        if not why.startswith(WITHOUT_MONGODB)
    ]


def _none(promise: str, wrong: int | list[object], fine: str) -> Fact:
    """A promise that is broken by anything at all."""
    shown = f"{len(wrong)}: {wrong[:5]}" if isinstance(wrong, list) else str(wrong)
    return Fact(promise=promise, figure=f"broken {shown}" if wrong else fine, held=not wrong)


def details(plan: Plan, found: Outcome) -> str:
    """What was done, in a table."""
    rows = [f"| {name} | {count} |" for name, (count, _) in quotas(plan, found.tally).items()]
    rows += [f"| crash at `{point}` | {found.tally.crashes[point]} |" for point in plan.points()]
    rows += [f"| connections: {kind} | {count} |" for kind, count in found.tally.cuts.items()]
    rows += [f"| runs started again after they failed | {found.tally.retried} |"]
    rows += [f"| again after {why} | {count} |" for why, count in found.tally.again.most_common()]
    rows += [f"| ended {why} | {count} |" for why, count in sorted(found.tally.exits.items())]
    rows += [f"| accounts that called at once, at most | {found.accounts_at_once} |"]
    table = "\n".join(["| what was done | times |", "|---|---:|", *rows])
    said = [f"- {why}: `{words}`" for why, words in sorted(found.tally.last_words.items())]
    return "\n".join(
        [table, *(["", "The last words of those that ended:", "", *said] if said else [])]
    )
