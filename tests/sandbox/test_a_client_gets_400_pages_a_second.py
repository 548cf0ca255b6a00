"""The sandbox is quick enough that it is never what a benchmark measures.

CPU time of the server's process is measured, since other work on the machine does not change it:
2.5 ms a page leave room for 400 pages a second.
"""

import asyncio
import json
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bench.sandbox_pages import lean_client
from sandbox.seed import small_world

ROOT = Path(__file__).parents[2]
CHAT, SIZE, PAGES = "alpha_chat", 24_000, 110
COLD_SECONDS, WARM_SECONDS = 0.0025, 0.0012
SERVES = """
import asyncio, json
from sandbox.seed import small_world
from sandbox.server import Sandbox, tune

async def main():
    world = small_world(chats={"alpha_chat": 24_000, "beta_chat": 50}, accounts=1)
    world.chat("alpha_chat").page(0, 100)
    async with Sandbox(world) as sandbox:
        tune()
        print(json.dumps(sandbox.environment()), flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
async def server():
    """(process, settings)."""
    async with serving() as running:
        yield running


@asynccontextmanager
async def serving():
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVES, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(60):
            yield process, json.loads(await process.stdout.readline())
    finally:
        process.kill()
        await process.communicate()


def cpu_seconds(pid):
    """What the main thread of a process has used."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


async def test_pages_cost_the_server_little(server):
    process, settings = server
    world = small_world(chats={CHAT: SIZE, "beta_chat": 50}, accounts=1)
    ids, person = list(world.chat(CHAT).ids()), world.accounts[0]

    async def measured(client, offsets):
        cpu, begun = cpu_seconds(process.pid), time.perf_counter()
        await client.read(offsets)
        rate = len(offsets) / (time.perf_counter() - begun)
        return (cpu_seconds(process.pid) - cpu) / len(offsets), rate

    offsets = [ids[-201 - number * 100] for number in range(PAGES)]
    async with lean_client(settings, person.phone, person.login_code, CHAT) as client:
        cold, cold_rate = await measured(client, offsets)
        warm, warm_rate = await measured(client, offsets)
    print(f"cold {cold * 1000:.2f} ms CPU a page, {cold_rate:.0f} pages/s; ", end="")
    print(f"warm {warm * 1000:.2f} ms, {warm_rate:.0f} pages/s")
    assert cold <= COLD_SECONDS
    assert warm <= WARM_SECONDS
