"""`telecrew demo` outlives its service, and one folder belongs to one demo."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from demo_side import demo
from waiting import wait_until


@pytest.mark.timeout(240)
async def test_a_killed_service_is_started_again_and_a_folder_is_not_shared(tmp_path: Path) -> None:
    async with demo("--data-dir", str(tmp_path)) as running:
        second = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "app.cli",
            "demo",
            "--data-dir",
            str(tmp_path),
            stderr=asyncio.subprocess.PIPE,
        )
        _, told = await asyncio.wait_for(second.communicate(), 60)
        assert second.returncode == 1
        assert b"Another demo runs" in told
        before = (await running.control("counters"))["bot_api"]["getMe"]
        os.kill(await wait_until(lambda: service_of(running.process.pid)), signal.SIGKILL)

        async def greeted_again() -> bool:
            return (await running.control("counters"))["bot_api"]["getMe"] > before

        await wait_until(greeted_again, timeout=90, every=0.2)
    assert running.process.returncode == 0
    assert any("started again" in line for line in running.lines)
    assert running.lines[-1] == "Stopped."


def service_of(demo_pid: int) -> int | None:
    """The child of the demo that is `telecrew run`."""
    children = Path(f"/proc/{demo_pid}/task/{demo_pid}/children").read_text().split()
    for child in children:
        if b"app.cli\0run" in Path(f"/proc/{child}/cmdline").read_bytes():
            return int(child)
    return None
