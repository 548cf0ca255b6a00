"""Whatever fails between a message and its count, a run ends with the number of its messages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from gate import Gate
from service import ended, job_of, make_worker, recruit, start, stored_ids, working, world_ids
from waiting import wait_until

from core.job import Progress
from core.run import RunState
from db.client import connect, database_of
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHAT, COUNT = "long_chat", 2_500
COMMANDS = (
    b"insert\0\x09\0\0\0messages\0",
    b"update\0\x06\0\0\0spans\0",
    b"update\0\5\0\0\0jobs\0",
)
"""How the commands begin on the line that store messages, move a proof, and write a job."""


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(small_world(chats={CHAT: COUNT}, accounts=1)) as sandbox:
        sandbox.faults.delay(0.01, method="messages.getHistory")
        yield sandbox


async def check(database: Database, sandbox: Sandbox, told: Progress) -> None:
    assert await stored_ids(database, sandbox, CHAT) == world_ids(sandbox, CHAT)
    assert (told.read, told.new, told.known) == (COUNT, COUNT, 0)


@asynccontextmanager
async def behind_a_gate(mongo_uri: str, name: str) -> AsyncIterator[tuple[Gate, Database]]:
    gate = Gate(mongo_uri)
    async with asyncio.TaskGroup() as lines:
        server = await asyncio.start_server(
            lambda reader, writer: lines.create_task(gate.serve(reader, writer)), "127.0.0.1", 0
        )
        uri = gate.instead_of(mongo_uri, server.sockets[0].getsockname()[1])
        async with connect(uri, timeout_ms=300) as client, server:
            yield gate, Database(database_of(client, name))
            gate.fall()
            await asyncio.sleep(0)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("carried_out", [False, True])
async def test_a_line_to_the_store_that_breaks_at_each_write(
    database: Database, sandbox: Sandbox, mongo_uri: str, database_name: str, command: bytes,
    *, carried_out: bool, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Before the command comes to it, or after it was carried out and before it is answered."""
    monkeypatch.setattr("db.outage.PAUSE_SECONDS", 0.05)
    await recruit(database, sandbox, sandbox.world.accounts)
    async with behind_a_gate(mongo_uri, database_name) as (gate, theirs):
        run = await start(database, f"@{CHAT}")
        async with working(make_worker(theirs, sandbox)):
            for _ in range(2):
                gate.open(trap=command, carries_out=carried_out)
                falls = gate.falls
                await wait_until(lambda n=falls: fell(gate, n, database, run.id), timeout=20)
                await asyncio.sleep(0.3)
            gate.open()
            assert await ended(database, run, timeout=60) == [RunState.DONE]
    await check(database, sandbox, (await job_of(database, run)).progress)


async def fell(gate: Gate, before: int, database: Database, run: str) -> bool:
    """Or the run was quicker than the trap."""
    found = await database.runs.get(run)
    return gate.falls > before or found is None or not found.is_open()
