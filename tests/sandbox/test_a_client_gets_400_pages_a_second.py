"""The sandbox is quick enough that it is never what a benchmark measures.

CPU time of the server's process is measured, and told in turns of a loop that this process runs in
between: a slow machine, or one that does other work, is slow at both. On one that does 10 million
turns a second, 25,000 of them a page leave room for 400 pages a second.
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
COLD_TURNS, WARM_TURNS = 25_000, 8_000
BATCH = 10
TURNS = 20_000
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
        """(CPU seconds a page, turns that the same time would do)."""
        cpu, turning = cpu_seconds(process.pid), 0.0
        for first in range(0, len(offsets), BATCH):
            await client.read(offsets[first : first + BATCH])
            turning += seconds_of_turns()
        used = cpu_seconds(process.pid) - cpu
        turns = TURNS * len(offsets) / BATCH * used / turning
        return used / len(offsets), turns / len(offsets)

    offsets = [ids[-201 - number * 100] for number in range(PAGES)]
    async with lean_client(settings, person.phone, person.login_code, CHAT) as client:
        cold, cold_turns = await measured(client, offsets)
        warm, warm_turns = await measured(client, offsets)
    print(f"cold {cold * 1000:.2f} ms CPU a page, {cold_turns:.0f} turns; ", end="")
    print(f"warm {warm * 1000:.2f} ms, {warm_turns:.0f} turns")
    assert cold_turns <= COLD_TURNS
    assert warm_turns <= WARM_TURNS


def seconds_of_turns():
    """CPU seconds of `TURNS` turns."""
    begun, table = time.thread_time(), {}
    for number in range(TURNS):
        table[number % 97] = table.get(number % 97, 0) + number
    return time.thread_time() - begun
