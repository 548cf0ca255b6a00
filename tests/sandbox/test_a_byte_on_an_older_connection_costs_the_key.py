"""The server's side of the rule that one key speaks on one connection."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from telethon import errors
from telethon.sessions import StringSession
from telethon.tl.functions.updates import GetStateRequest
from telethon_side import client_of, crew_client, sign_in
from waiting import wait_until

from sandbox.seed import small_world
from sandbox.server import Sandbox

CALLS_FOREVER = """
import asyncio, sys
from telethon import TelegramClient
from telethon.network import ConnectionTcpFull
from telethon.sessions import StringSession
from telethon.tl.functions.updates import GetStateRequest

async def main():
    client = TelegramClient(StringSession(sys.argv[1]), int(sys.argv[2]), sys.argv[3],
                            receive_updates=False, connection=ConnectionTcpFull)
    await client.connect()
    while True:
        await client(GetStateRequest())
        await asyncio.sleep(0.02)

asyncio.run(main())
"""


@pytest.fixture
async def sandbox(sandbox_folder):
    async with Sandbox(small_world(chats={"alpha_chat": 50}), sandbox_folder) as running:
        yield running


@asynccontextmanager
async def calling(sandbox, session):
    """Another process that calls all the time with the key of this session."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CALLS_FOREVER, session, str(sandbox.api_id), sandbox.api_hash,
        cwd=Path(__file__).parents[2], stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_stopped_process_that_wakes_loses_the_key(sandbox):
    person = sandbox.world.accounts[0]
    async with client_of(sandbox) as client:
        await sign_in(client, person)
        saved = StringSession.save(client.session)
    sandbox.counters.clear()

    def calls():
        return sandbox.counters.totals[person.id, "updates.getState"]

    async with calling(sandbox, saved) as older:
        await wait_until(lambda: calls() > 2, timeout=30)
        os.kill(older.pid, signal.SIGSTOP)
        await wait_until(lambda: Path(f"/proc/{older.pid}/stat").read_text().split()[2] == "T")
        async with client_of(sandbox, session=saved) as newer:
            await newer(GetStateRequest())
            assert sandbox.mtproto.connections == 2
            assert not sandbox.counters.key_violations
            os.kill(older.pid, signal.SIGCONT)
            await wait_until(lambda: sandbox.counters.key_violations, timeout=30)
            with pytest.raises(errors.AuthKeyDuplicatedError):
                await newer(GetStateRequest())
    (violation,) = sandbox.counters.key_violations
    assert violation.account == person.id


async def test_the_newer_one_need_not_be_there_any_more(sandbox):
    async with crew_client(sandbox) as older:
        saved = StringSession.save(older.session)
        async with client_of(sandbox, session=saved) as newer:
            await newer(GetStateRequest())
        await wait_until(lambda: sandbox.mtproto.connections == 1)
        with pytest.raises(errors.AuthKeyDuplicatedError):
            await older(GetStateRequest())
    assert len(sandbox.counters.key_violations) == 1


async def test_one_after_the_other_is_as_it_should_be(sandbox):
    async with crew_client(sandbox) as client:
        saved = StringSession.save(client.session)
    for _ in range(3):
        async with client_of(sandbox, session=saved) as client:
            await client(GetStateRequest())
    assert not sandbox.counters.key_violations
