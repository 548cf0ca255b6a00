"""Everything that goes wrong on Telegram can be made to go wrong here."""

import asyncio
import time

import pytest
from telethon import errors
from telethon.sessions import StringSession
from telethon.tl.functions.contacts import ResolveUsernameRequest
from telethon.tl.functions.updates import GetStateRequest
from telethon_side import channel, client_of, crew_client, page, sign_in
from waiting import wait_until

from sandbox.faults import Faults
from sandbox.seed import small_world
from sandbox.server import Sandbox

HISTORY = "messages.getHistory"


@pytest.fixture
async def sandbox(sandbox_folder):
    async with Sandbox(small_world(chats={"alpha_chat": 300}), sandbox_folder) as running:
        yield running


def account(sandbox, number=1):
    return sandbox.world.accounts[number - 1].id


class Hand:
    """A clock that moves when told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_a_limit_is_a_window_that_slides():
    clock = Hand()
    faults = Faults(clock)
    faults.limit(HISTORY, calls=3, seconds=10)

    def call(account=7, method=HISTORY):
        error = faults.judge(account, method).error
        return error and error.message

    for at in (1000, 1004, 1006):
        clock.now = at
        assert call() is None
    clock.now = 1007
    assert call() == "FLOOD_WAIT_3"
    assert call(account=8) is None
    assert call(method="users.getUsers") is None
    clock.now = 1009.5
    assert call() == "FLOOD_WAIT_1"
    clock.now = 1010.1
    assert call() is None
    assert call() == "FLOOD_WAIT_4"


def test_a_limit_may_name_its_wait():
    clock = Hand()
    faults = Faults(clock)
    faults.limit(None, calls=1, seconds=1, wait=300, account=7)
    assert faults.judge(7, HISTORY).error is None
    assert faults.judge(7, "users.getUsers").error.message == "FLOOD_WAIT_300"
    clock.now += 299
    assert faults.judge(7, HISTORY).error.message == "FLOOD_WAIT_1"
    assert faults.judge(8, HISTORY).error is None


async def test_too_many_calls_are_flooded(sandbox):
    sandbox.faults.limit(HISTORY, calls=2, seconds=30)
    async with crew_client(sandbox, 1) as first, crew_client(sandbox, 2) as second:
        peer = await channel(first, "alpha_chat")
        await page(first, peer)
        await page(first, peer)
        with pytest.raises(errors.FloodWaitError) as flood:
            await page(first, peer)
        assert 25 <= flood.value.seconds <= 30
        assert (await page(second, await channel(second, "alpha_chat"))).count == 300


async def test_one_flood_is_one(sandbox):
    sandbox.faults.flood(1, method="contacts.resolveUsername", account=account(sandbox))
    async with crew_client(sandbox) as client:
        with pytest.raises(errors.FloodWaitError):
            await client(ResolveUsernameRequest("alpha_chat"))
        call = next(sandbox.counters.of(account(sandbox), "contacts.resolveUsername"))
        assert (call.error, call.violation) == ("FLOOD_WAIT_1", False)
        await wait_until(lambda: time.monotonic() > call.answered_at + 1)
        assert (await client(ResolveUsernameRequest("alpha_chat"))).chats
    assert sandbox.counters.violations == 0


async def test_server_errors_end_after_their_number(sandbox):
    async with crew_client(sandbox) as client:
        peer = await channel(client, "alpha_chat")
        sandbox.faults.fail(method=HISTORY)
        assert (await page(client, peer)).count == 300
        sandbox.faults.fail("CHAT_FORBIDDEN", code=403, method=HISTORY)
        with pytest.raises(errors.ChatForbiddenError):
            await page(client, peer)
        assert (await page(client, peer)).count == 300
    outcomes = [call.error for call in sandbox.counters.of(method=HISTORY)]
    assert outcomes == ["RPC_CALL_FAIL", None, "CHAT_FORBIDDEN", None]


async def test_answers_come_late(sandbox):
    async with crew_client(sandbox) as client:
        peer = await channel(client, "alpha_chat")
        sandbox.faults.delay(0.3, account=account(sandbox), method=HISTORY)
        async with asyncio.TaskGroup() as group:
            for _ in range(5):
                group.create_task(page(client, peer))
        await client(GetStateRequest())
    late, state = list(sandbox.counters.of(method=HISTORY)), list(sandbox.counters.calls)[-1]
    assert len(late) == sandbox.counters.most_in_flight == 5
    assert all(call.answered_at - call.received_at >= 0.29 for call in late)
    assert max(call.received_at for call in late) < min(call.answered_at for call in late)
    assert state.answered_at - state.received_at < 0.29


async def test_silence_is_for_one_account_and_one_method(sandbox):
    async with crew_client(sandbox, 1) as first, crew_client(sandbox, 2) as second:
        hers, his = await channel(first, "alpha_chat"), await channel(second, "alpha_chat")
        sandbox.faults.silence(account(sandbox, 1), method=HISTORY)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await page(first, hers)
        await first(GetStateRequest())
        assert (await page(second, his)).count == 300
        sandbox.faults.clear(account(sandbox, 1))
        assert (await page(first, hers)).count == 300
    (silent,) = (call for call in sandbox.counters.of(method=HISTORY) if call.open)
    assert silent.account == account(sandbox, 1)
    await wait_until(lambda: sandbox.mtproto.connections == 0)


async def test_a_cut_connection_comes_back(sandbox):
    async with crew_client(sandbox, 1, retry_delay=0) as first, crew_client(sandbox, 2) as second:
        peer = await channel(first, "alpha_chat")
        assert sandbox.faults.cut(account(sandbox, 1)) == 1
        assert (await page(first, peer)).count == 300
        assert second.is_connected()
        assert sandbox.faults.cut() == 2


async def test_a_revoked_session_must_sign_in_again(sandbox):
    async with crew_client(sandbox) as client:
        peer, saved = await channel(client, "alpha_chat"), StringSession.save(client.session)
        assert sandbox.faults.revoke(account(sandbox)) == 1
        with pytest.raises(errors.SessionRevokedError):
            await page(client, peer)
    async with client_of(sandbox, session=saved) as client:
        assert not await client.is_user_authorized()
        assert (await sign_in(client, sandbox.world.accounts[0])).id == account(sandbox)
        assert (await page(client, peer)).count == 300


async def test_a_banned_account_is_out_for_good(sandbox):
    person = sandbox.world.accounts[0]
    async with crew_client(sandbox) as client:
        sandbox.faults.ban(person.id)
        with pytest.raises(errors.UserDeactivatedBanError):
            await client(GetStateRequest())
    async with client_of(sandbox) as client:
        with pytest.raises(errors.PhoneNumberBannedError):
            await client.send_code_request(person.phone)
        sandbox.faults.clear()
        assert (await sign_in(client, person)).id == person.id


async def test_a_chat_can_be_closed_to_one_account(sandbox):
    chat = sandbox.world.chat("alpha_chat")
    async with crew_client(sandbox, 1) as first, crew_client(sandbox, 2) as second:
        hers, his = await channel(first, "alpha_chat"), await channel(second, "alpha_chat")
        sandbox.faults.deny(chat.id, account=account(sandbox, 1))
        with pytest.raises(errors.ChannelPrivateError):
            await page(first, hers)
        assert (await page(second, his)).count == 300
        sandbox.faults.clear()
        assert (await page(first, hers)).count == 300


async def test_one_key_on_two_connections_loses_its_account(sandbox):
    async with crew_client(sandbox, 1) as older, crew_client(sandbox, 2) as other:
        peer, saved = await channel(older, "alpha_chat"), StringSession.save(older.session)
        async with client_of(sandbox, session=saved) as newer:
            assert (await page(newer, peer)).count == 300
            assert not sandbox.counters.key_violations
            with pytest.raises(errors.AuthKeyDuplicatedError):
                await page(older, peer)
            assert [seen.account for seen in sandbox.counters.key_violations] == [
                account(sandbox, 1)
            ]
            with pytest.raises(errors.AuthKeyDuplicatedError):
                await page(newer, peer)
        await other(GetStateRequest())
