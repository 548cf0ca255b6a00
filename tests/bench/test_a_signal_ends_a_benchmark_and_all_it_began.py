"""A benchmark and the soak are ended by a signal as the product is: no process of theirs stays."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from waiting import wait_until

from app.embedded_mongo.process import birth_of, command_line
from bench.ending import descendants

ROOT = Path(__file__).parents[2]
END_SECONDS = 10.0


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (("bench", "claim", "--quick"), signal.SIGHUP),
        (("bench.soak", "takeover", "--quick"), signal.SIGTERM),
    ],
)
async def test_nothing_stays(tmp_path: Path, words: tuple[str, ...], number: int) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *words, "--out", str(tmp_path)),
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        await wait_until(lambda: mongods(tmp_path) or process.returncode, timeout=60, every=0.05)
        begun = descendants(process.pid)
        assert set(mongods(tmp_path)) <= begun
        process.send_signal(number)
        assert await asyncio.wait_for(process.wait(), END_SECONDS) == 128 + number
        assert mongods(tmp_path) == []
        assert [pid for pid in begun if birth_of(pid) is not None] == []
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        for pid in mongods(tmp_path):
            os.kill(pid, signal.SIGKILL)


def mongods(folder: Path) -> list[int]:
    """Those that work below a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            words = command_line(int(entry.name))
            if "--dbpath" in words and any(word.startswith(f"{folder}/") for word in words):
                found.append(int(entry.name))
    return found
