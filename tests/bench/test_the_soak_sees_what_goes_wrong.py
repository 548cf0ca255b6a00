"""The soak's eyes: what a process holds, how its memory goes, which run stands still silently."""

import asyncio
import os
import sys
import time
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.machine import Busy
from bench.soak import image_trial, machines, machines_trial, packaged
from bench.soak.image import stages
from bench.soak.load import Sample, megabytes_an_hour
from bench.soak.silence import Silences
from bench.soak.vitals import Patient
from core.job import Family, Job, JobState, Progress, Wait
from core.options import HistoryOptions
from core.run import Intent, Run, RunState, Status
from core.task import Step, TaskSpec

NOW = datetime(2026, 1, 1, tzinfo=UTC)

HOLDS = """
import asyncio, socket, sys, threading
from app.health import Health
from app.metrics import Metrics
from app.observability import serve_observability

async def seen(number):
    print(number, file=sys.stderr)
    asked, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_reader(0, asked.set)
    await asked.wait()
    loop.remove_reader(0)
    sys.stdin.readline()

async def main():
    metrics, done = Metrics(), threading.Event()
    async with serve_observability(
        host="127.0.0.1", port=0, metrics=metrics, health=Health()
    ) as port:
        await seen(port)
        metrics.lagged(0.7)
        thread = threading.Thread(target=done.wait)
        thread.start()
        with socket.socket(), socket.socket(), open(sys.argv[1], "w"):
            async with asyncio.TaskGroup() as group:
                sleeper = group.create_task(asyncio.sleep(60))
                await seen(0)
                sleeper.cancel()
        done.set()
        thread.join()
        await seen(0)

asyncio.run(main())
"""
"""Holds something more at the second look, and no more of it at the third."""


@dataclass
class Hands:
    """A clock that the test moves."""

    at: float = 0.0

    def now(self) -> datetime:
        return NOW

    def elapsed(self) -> float:
        return self.at


def a_run(state: RunState = RunState.RUNNING, wait: Wait | None = None) -> Run:
    return Run(
        id="r", task="t", number=1, owner=1, spec=TaskSpec(sources=("@a_chat",)), due=NOW,
        intent=Intent.GO, status=Status(state=state, wait=wait), rev=1, planned=True,
        created_at=NOW,
    )  # fmt: skip


def a_job(read: int) -> Job:
    return Job(
        id="j", run="r", task="t", step=Step.HISTORY, source="@a_chat", options=HistoryOptions(),
        keys=("*",), family=Family.HISTORY, state=JobState.RUNNING, created_at=NOW,
        progress=Progress(read=read),
    )  # fmt: skip


def looked_at(*steps: tuple[float, Run, int]) -> Silences:
    hands = Hands()
    silences = Silences(hands)
    for at, run, read in steps:
        hands.at = at
        silences.look([run], {"r": [a_job(read)]})
    return silences


def test_a_run_that_neither_moves_nor_says_why_is_noticed() -> None:
    assert looked_at((0, a_run(), 5), (30, a_run(), 5), (61, a_run(), 5)).worst == 61


def test_progress_a_reason_or_a_pause_ends_the_silence() -> None:
    flood = a_run(RunState.WAITING, Wait(why="flood"))
    moving = looked_at((0, a_run(), 5), (40, a_run(), 6), (80, a_run(), 7))
    waiting = looked_at((0, a_run(), 5), (40, flood, 5), (80, flood, 5), (100, a_run(), 5))
    paused = looked_at((0, a_run(RunState.PAUSED), 5), (500, a_run(RunState.PAUSED), 5))
    assert (moving.worst, moving.explained) == (0, 0)
    assert (waiting.worst, waiting.explained) == (0, 1)
    assert paused.worst == 0


def test_a_run_that_ends_and_is_opened_again_begins_anew() -> None:
    hands = Hands()
    silences = Silences(hands)
    for at, runs in ((0, [a_run()]), (50, []), (90, [replace(a_run())]), (100, [a_run()])):
        hands.at = at
        silences.look(runs, {})
    assert (silences.worst, silences.seen) == (10, 1)


def test_the_slope_of_memory_is_found_in_noise() -> None:
    noisy = [Sample(at, 100 + at / 360 + (at % 2) / 10, 0) for at in map(float, range(1800))]
    assert megabytes_an_hour(noisy) == pytest.approx(10, abs=0.1)


async def test_what_a_process_holds_is_counted(tmp_path: Path) -> None:
    """A process of its own, in which no other thread comes or goes."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDS, str(tmp_path / "a")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stderr is not None
    seen, patient = [], None
    for _ in range(3):
        told = int(await asyncio.wait_for(process.stderr.readline(), 30))
        patient = patient or Patient(process.pid, told)
        seen.append(await patient.vitals())
        process.stdin.write(b"\n")
    assert await asyncio.wait_for(process.wait(), 10) == 0
    held, holds = seen[0].holds, seen[1].holds
    assert holds.tasks - held.tasks == 1
    assert holds.threads - held.threads == 1
    assert holds.files - held.files == 1
    assert holds.connections - held.connections == 2
    assert seen[2].holds == held
    assert seen[1].memory > 10
    assert 0.7 < seen[1].stall < 0.8


def test_a_busy_core_is_a_share_of_the_machine() -> None:
    busy, until = Busy(), time.monotonic() + 0.3
    while time.monotonic() < until:
        pass
    assert 0.5 / (os.cpu_count() or 1) < busy.share() <= 1


MACHINES = machines_trial.Outcome(
    silences=dict.fromkeys(machines.SMALL.faults, 3.0),
    messages=900,
    tasks=12,
    posted=100,
    shares=[[12], [6, 6], [4, 4, 4]],
    settled=20.0,
)


@pytest.mark.parametrize(
    "flaw",
    [
        {"silences": {"kill": 3.0}},
        {"silences": dict.fromkeys(machines.SMALL.faults, 31.0)},
        {"wrong_chats": ["chat_00_0: 8 of 9"]},
        {"wrong_live": ["live_000/7"]},
        {"posted": 0},
        {"key_violations": 1},
        {"lost_accounts": 1},
        {"runs_open": 1},
        {"failed": 1},
        {"shares": [[12], [12, 0], [12, 0, 0]]},
    ],
)
def test_each_flaw_of_several_machines_breaks_a_promise(flaw: dict[str, object]) -> None:
    assert all(fact.held for fact in machines.facts(MACHINES, machines.SMALL))
    broken = replace(MACHINES, **flaw)
    assert sum(not fact.held for fact in machines.facts(broken, machines.SMALL)) == 1


BUILT = packaged.Built(
    slim_mb=400,
    full_mb=600,
    steps=19,
    slim_has_mongod=False,
    full_has_mongod=True,
    explained="No mongod was found. Install MongoDB, or set MONGODB_URI.",
)
CONTAINERS = image_trial.Outcome(
    done=dict.fromkeys(packaged.SMALL.faults, 3.0),
    messages=2_000,
    cards={"harbour_00": 1, "harbour_01": 1},
    stops={"bot": 1.0, "one": 2.0, "two": 2.0},
    statuses=[0, 0, 0],
)


@pytest.mark.parametrize(
    "flaw",
    [
        {"done": {"kill the bot": 3.0}},
        {"done": dict.fromkeys(packaged.SMALL.faults, -1.0)},
        {"messages": 1_999},
        {"wrong_chats": ["harbour_00: 8 of 9"]},
        {"cards": {"harbour_00": 1, "harbour_01": 2}},
        {"key_violations": 1},
        {"stops": {"bot": 11.0}},
        {"statuses": [0, 137]},
        {"slim_has_mongod": True},
        {"full_has_mongod": False},
        {"explained": "Traceback (most recent call last)"},
    ],
)
def test_each_flaw_of_the_image_breaks_a_promise(flaw: dict[str, object]) -> None:
    assert all(one.held for one in packaged.facts(BUILT, CONTAINERS, packaged.SMALL))
    built, found = BUILT, CONTAINERS
    if flaw.keys() <= {field.name for field in fields(packaged.Built)}:
        built = replace(BUILT, **flaw)
    else:
        found = replace(CONTAINERS, **flaw)
    assert sum(not one.held for one in packaged.facts(built, found, packaged.SMALL)) == 1


def test_the_steps_of_a_dockerfile_are_told_by_stage() -> None:
    text = "# an image\nFROM one AS a\nRUN x \\\n    && y\n\nFROM a AS b\nCOPY --from=a . .\n"
    first, second = ("one", [("RUN", "x      && y")]), ("a", [("COPY", "--from=a . .")])
    assert stages(text) == {"a": first, "b": second}
