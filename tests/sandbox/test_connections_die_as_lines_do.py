"""A connection can be cut, go silent while it stays open, be swallowed, or trickle."""

import asyncio
import time

import pytest
from telethon.sessions import StringSession
from telethon.tl.functions.updates import GetStateRequest
from telethon_side import channel, client_of, crew_client, page
from waiting import wait_until

from sandbox.seed import small_world
from sandbox.server import Sandbox

HISTORY = "messages.getHistory"


@pytest.fixture
async def sandbox(sandbox_folder):
    async with Sandbox(small_world(chats={"alpha_chat": 300}), sandbox_folder) as running:
        yield running


def account(sandbox, number=1):
    return sandbox.world.accounts[number - 1].id


async def hangs(call, seconds=0.4):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds):
            await call


async def comes_and_goes(sandbox, session):
    async with client_of(sandbox, session=session) as client:
        await client(GetStateRequest())


async def test_a_half_open_connection_is_dead_and_stays(sandbox):
    async with crew_client(sandbox, 1) as first, crew_client(sandbox, 2) as second:
        saved = StringSession.save(first.session)
        assert sandbox.faults.half_open(account(sandbox, 1)) == 1
        seen = sandbox.counters.totals[account(sandbox, 1), "updates.getState"]
        await hangs(first(GetStateRequest()))
        assert first.is_connected()
        assert sandbox.counters.totals[account(sandbox, 1), "updates.getState"] == seen
        await second(GetStateRequest())
        async with client_of(sandbox, session=saved) as again:
            await again(GetStateRequest())
    assert not sandbox.counters.key_violations
    sandbox.faults.clear(account(sandbox, 1))
    await wait_until(lambda: sandbox.mtproto.connections == 0)


async def test_a_half_open_connection_breaks_when_the_fault_ends(sandbox):
    async with crew_client(sandbox, 1, retry_delay=0) as client:
        sandbox.faults.half_open()
        await hangs(client(GetStateRequest()))
        sandbox.faults.clear()
        await client(GetStateRequest())
    assert not sandbox.counters.key_violations


async def test_new_connections_may_be_swallowed_too(sandbox):
    async with crew_client(sandbox, 1, retry_delay=0) as first, crew_client(sandbox, 2) as second:
        saved = StringSession.save(first.session)
        sandbox.faults.half_open(account(sandbox, 1), new=False)
        await hangs(first(GetStateRequest()))
        await hangs(comes_and_goes(sandbox, saved))
        await second(GetStateRequest())
        sandbox.faults.clear(account(sandbox, 1))
        await first(GetStateRequest())


async def test_a_blackhole_is_accepted_and_never_answered(sandbox):
    async with crew_client(sandbox, 1) as client:
        saved = StringSession.save(client.session)
        sandbox.faults.blackhole(times=1)
        await hangs(comes_and_goes(sandbox, saved))
        await comes_and_goes(sandbox, saved)
        assert not sandbox.counters.key_violations


async def test_answers_trickle_to_one_account(sandbox):
    async with crew_client(sandbox, 1) as first, crew_client(sandbox, 2) as second:
        hers, his = await channel(first, "alpha_chat"), await channel(second, "alpha_chat")
        sandbox.faults.slow(60_000, account=account(sandbox, 1))
        begun = time.monotonic()
        slow = await page(first, hers)
        took = time.monotonic() - begun
        assert [message.id for message in slow.messages] == [
            message.id for message in (await page(second, his)).messages
        ]
        assert took >= 0.25
        sandbox.faults.slow(1_000, account=account(sandbox, 1))
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(page(first, hers))
            await wait_until(lambda: sandbox.counters.totals[account(sandbox, 1), HISTORY] == 2)
            assert not waiting.done()
            sandbox.faults.clear()
        assert waiting.result().count == 300


async def test_what_cannot_be_is_refused(sandbox):
    with pytest.raises(ValueError, match="bytes_per_second"):
        sandbox.faults.slow(0)
    with pytest.raises(ValueError, match="every"):
        sandbox.faults.fail(every=0)
    with pytest.raises(ValueError, match="oldest"):
        sandbox.faults.empty_messages(1, oldest=5, newest=4)
