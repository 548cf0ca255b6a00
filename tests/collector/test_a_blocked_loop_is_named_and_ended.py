"""The watchdog names what blocks the loop, and ends a process that outlived its leases."""

import asyncio
import os
import signal
import sys
import time

from structlog.testing import capture_logs
from waiting import wait_until

from collector.watchdog import LOST_STATUS, Watchdog
from core.clock import SystemClock

SCRIPT = """
import asyncio, time
from collector.watchdog import Watchdog
from core.clock import SystemClock

async def main():
    with Watchdog(SystemClock(), patience=2.5).watching():
        print("ready", flush=True)
        {body}

asyncio.run(main())
"""


async def test_a_job_that_blocks_the_loop_is_named() -> None:
    ended: list[int] = []
    watchdog = Watchdog(SystemClock(), patience=60, end=ended.append)

    async def hog() -> None:
        time.sleep(1.6)  # noqa: ASYNC251 - the fault itself

    with capture_logs() as logs, watchdog.watching():
        async with asyncio.TaskGroup() as group:
            group.create_task(hog(), name="job r:0001")
    blocked = [entry for entry in logs if entry["event"] == "loop.blocked"]
    assert [entry["task"] for entry in blocked] == ["job r:0001"]
    assert any("hog" in line for line in blocked[0]["at"])
    assert ended == []


async def run(body: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SCRIPT.format(body=body), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def test_a_loop_blocked_beyond_the_lease_ends_the_process() -> None:
    process = await run("time.sleep(60)")
    assert await asyncio.wait_for(process.wait(), 10) == LOST_STATUS


async def test_a_process_stopped_beyond_the_lease_ends_when_it_wakes() -> None:
    process = await run("await asyncio.sleep(60)")
    process.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    await wait_until(lambda: time.monotonic() - started > 3, timeout=8)
    os.kill(process.pid, signal.SIGCONT)
    assert await asyncio.wait_for(process.wait(), 10) == LOST_STATUS


async def test_a_loop_that_lives_is_left_alone() -> None:
    process = await run("await asyncio.sleep(1.5)")
    assert await asyncio.wait_for(process.wait(), 10) == 0
