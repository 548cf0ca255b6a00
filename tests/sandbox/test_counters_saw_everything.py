"""Checks can ask the server what it saw."""

import asyncio

import pytest
from telethon import errors
from telethon_side import channel, crew_client, page

from sandbox.counters import Counters
from sandbox.seed import small_world
from sandbox.server import Sandbox

HISTORY = "messages.getHistory"


@pytest.fixture
async def sandbox(sandbox_folder):
    chats = {"alpha_chat": 300, "beta_chat": 50}
    async with Sandbox(small_world(chats=chats), sandbox_folder) as running:
        yield running


async def test_each_call_with_account_method_chat_and_times(sandbox):
    person = sandbox.world.accounts[0]
    async with crew_client(sandbox) as client:
        peer = await channel(client, "Beta_Chat")
        await page(client, peer)
        with pytest.raises(errors.UsernameNotOccupiedError):
            await channel(client, "who_is_this")
    (read,) = sandbox.counters.of(person.id, HISTORY)
    assert (read.chat_id, read.username) == (sandbox.world.chat("beta_chat").id, "beta_chat")
    assert (read.items, read.error, read.open) == (50, None, False)
    assert read.received_at <= read.answered_at
    resolved = list(sandbox.counters.of(method="contacts.resolveUsername"))
    assert [(call.username, call.error) for call in resolved] == [
        ("beta_chat", None),
        ("who_is_this", "USERNAME_NOT_OCCUPIED"),
    ]
    assert {"auth.sendCode", "auth.signIn", HISTORY} <= set(sandbox.counters.methods())
    assert sandbox.counters.totals[None, "auth.signIn"] == 1
    assert sandbox.counters.totals[person.id, HISTORY] == 1


async def test_calls_in_flight_of_several_accounts(sandbox):
    async with crew_client(sandbox, 1) as first, crew_client(sandbox, 2) as second:
        peers = [await channel(client, "alpha_chat") for client in (first, second)]
        sandbox.counters.clear()
        sandbox.faults.delay(0.2, method=HISTORY)
        async with asyncio.TaskGroup() as group:
            for client, peer in zip((first, second), peers, strict=True):
                group.create_task(page(client, peer))
                group.create_task(page(client, peer))
    assert sandbox.counters.most_in_flight == 4
    assert sandbox.counters.most_accounts_in_flight == 2
    calls = list(sandbox.counters.of(method=HISTORY))
    assert max(call.received_at for call in calls) < min(call.answered_at for call in calls)


def test_calls_inside_a_flood_window_are_violations():
    now = [100.0]
    counters = Counters(lambda: now[0])

    def call(at, error=None, account=7, method=HISTORY):
        now[0] = at
        seen = counters.received(account, method)
        counters.answered(seen, error=error)
        return seen.violation

    assert not call(100.0, "FLOOD_WAIT_10")
    assert not call(100.2)
    assert call(100.3)
    assert not call(100.3, account=8)
    assert not call(100.3, method="users.getUsers")
    assert call(109.9)
    assert not call(110.0)
    assert counters.violations == 2


async def test_what_is_in_flight_when_a_client_vanishes_is_forgotten(sandbox):
    sandbox.faults.silence(method=HISTORY)
    async with crew_client(sandbox) as client:
        peer = await channel(client, "alpha_chat")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await page(client, peer)
    async with crew_client(sandbox, 2) as client:
        sandbox.counters.most_in_flight = 0
        await client.get_me()
    assert sandbox.counters.most_in_flight == 1


def test_bot_api_calls_are_counted_too():
    counters = Counters()
    counters.bot_api_call("sendMessage", token_ok=True, user_id=1, chat_id=2)
    counters.bot_api_call("getMe", token_ok=False, error="Unauthorized")
    assert counters.summary()["bot_api"] == {"sendMessage": 1, "getMe": 1}
    assert [call.token_ok for call in counters.bot_calls] == [True, False]
    counters.clear()
    assert not counters.bot_calls
