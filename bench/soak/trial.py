"""A trial that runs as a process of its own on the hub of several hosts."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from bench.soak.hosts import HUB, Hosts

ROOT = Path(__file__).parents[2]


async def run_on_hub(module: str, given: dict[str, Any], hosts: Hosts, folder: Path) -> Any:
    """What `python -m MODULE GIVEN OUT` wrote to OUT, as JSON; it has to reach every host."""
    out = folder / "outcome.json"
    words = (*hosts.inside(HUB), sys.executable, "-m", module, json.dumps(given), str(out))
    process = await asyncio.create_subprocess_exec(*words, cwd=ROOT)
    try:
        if status := await process.wait():
            raise RuntimeError(f"the trial ended with {status}")
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    return json.loads(await asyncio.to_thread(out.read_text))
