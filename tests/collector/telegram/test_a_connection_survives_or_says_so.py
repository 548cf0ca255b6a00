"""Cuts are survived, silence and death are told in time, and leaving always works."""

import asyncio
import os
import time
from collections.abc import Awaitable
from dataclasses import replace

import pytest
from telegram_side import OpenGateway, SignInAccount, Turns, tapped
from telethon.tl.functions.help import GetNearestDcRequest
from telethon.tl.functions.messages import SendMessageRequest
from telethon.tl.types import InputPeerSelf
from waiting import wait_until

from collector.telegram.gateway import TelethonGateway
from collector.telegram.settings import TelegramSettings
from core.data_centre import parse_data_centre
from core.errors import AccountLost, FloodError, KeyDoubted, Retriable
from core.job import Family
from sandbox.rules import GRACE_SECONDS
from sandbox.server import Sandbox

HISTORY = "messages.getHistory"
JOIN = "channels.joinChannel"


async def test_a_cut_in_the_middle_of_a_page_is_survived(
    sandbox: Sandbox, gateway: TelethonGateway
) -> None:
    peer, _ = await gateway.resolve("@chess_club")
    sandbox.faults.delay(0.3, method=HISTORY)
    async with asyncio.TaskGroup() as room:
        page = room.create_task(gateway.page(peer))
        await wait_until(lambda: any(sandbox.counters.of(method=HISTORY)))
        assert sandbox.faults.cut(sandbox.world.accounts[0].id) == 1
    assert len(page.result().messages) == 100
    assert len(list(sandbox.counters.of(method=HISTORY))) == 2


async def test_a_silent_server_ends_a_call_in_time(
    sandbox: Sandbox, open_gateway: OpenGateway
) -> None:
    gateway = await open_gateway(1, call_timeout=0.4)
    peer, _ = await gateway.resolve("@chess_club")
    sandbox.faults.silence(method=HISTORY)
    began = time.monotonic()
    with pytest.raises(Retriable) as silent:
        await gateway.page(peer)
    assert silent.value.reason == "timeout"
    assert time.monotonic() - began < 2


async def test_a_server_that_never_answers_a_connect(
    sandbox: Sandbox, signed_in: SignInAccount, settings: TelegramSettings
) -> None:
    who = await signed_in(1)
    sandbox.faults.silence()
    gateway = TelethonGateway(
        who.session,
        settings,
        account=1,
        pace=Turns(),
        may_write=lambda: True,
        call_timeout=0.4,
    )
    began = time.monotonic()
    with pytest.raises(Retriable) as silent:
        await gateway.connect()
    await gateway.disconnect()
    assert silent.value.reason == "timeout"
    assert time.monotonic() - began < 4
    await wait_until(lambda: sandbox.mtproto.connections == 0)


async def test_nobody_listens_there(
    signed_in: SignInAccount, settings: TelegramSettings, unused_tcp_port: int
) -> None:
    who = await signed_in(1)
    elsewhere = TelegramSettings(
        api_id=settings.api_id,
        api_hash=settings.api_hash,
        dc=parse_data_centre(f"2@127.0.0.1:{unused_tcp_port}"),
        rsa_key=settings.rsa_key,
    )
    gateway = TelethonGateway(
        who.session, elsewhere, account=1, pace=Turns(), may_write=lambda: True
    )
    with pytest.raises(Retriable) as refused:
        await gateway.connect()
    assert refused.value.reason == "network"
    await gateway.disconnect()


async def test_a_long_wait_for_a_turn_is_no_timeout(
    sandbox: Sandbox, signed_in: SignInAccount, settings: TelegramSettings
) -> None:
    who = await signed_in(1)

    class Slow(Turns):
        async def __call__(self, family: Family) -> None:
            await super().__call__(family)
            await asyncio.sleep(0.5)

    gateway = TelethonGateway(
        who.session, settings, account=1, pace=Slow(), may_write=lambda: True, call_timeout=0.4
    )
    assert (await gateway.connect()).telegram_id == who.telegram_id
    await gateway.disconnect()


async def test_an_idle_account_that_was_revoked_is_found(
    sandbox: Sandbox, open_gateway: OpenGateway
) -> None:
    gateway = await open_gateway(1, probe_every=(0.05, 0.1))
    sandbox.faults.revoke(sandbox.world.accounts[0].id)
    with pytest.raises(AccountLost):
        async with asyncio.timeout(5):
            await gateway.watch()


async def test_a_revoked_account_is_found_after_a_cut(
    sandbox: Sandbox, gateway: TelethonGateway
) -> None:
    async with asyncio.timeout(10), asyncio.TaskGroup() as room:
        watching = room.create_task(told(gateway))
        sandbox.faults.revoke(sandbox.world.accounts[0].id)
        sandbox.faults.cut()
    assert isinstance(watching.result(), AccountLost)


async def told(gateway: TelethonGateway) -> Exception:
    """What a watch ends with."""
    try:
        await gateway.watch()
    except (AccountLost, Retriable) as error:
        return error
    raise AssertionError("a watch returned")


async def test_a_healthy_connection_is_probed_and_watched_on(
    sandbox: Sandbox, open_gateway: OpenGateway
) -> None:
    gateway = await open_gateway(1, probe_every=(0.02, 0.03))
    async with asyncio.TaskGroup() as room:
        watching = room.create_task(gateway.watch())
        await wait_until(lambda: len(list(sandbox.counters.of(method="updates.getState"))) > 3)
        assert not watching.done()
        watching.cancel()


async def test_a_probe_that_must_wait_or_meets_trouble_is_no_death(
    sandbox: Sandbox, open_gateway: OpenGateway, turns: Turns
) -> None:
    gateway = await open_gateway(1, probe_every=(0.02, 0.03))
    sandbox.faults.fail("INTERNAL", code=500, method="updates.getState", times=3)
    async with asyncio.TaskGroup() as room:
        watching = room.create_task(gateway.watch())
        await wait_until(
            lambda: len(list(sandbox.counters.of(method="updates.getState"))) > 3, timeout=15
        )
        turns.refuse, asked = FloodError(60, Family.CONNECT), len(turns.families)
        await wait_until(lambda: len(turns.families) > asked + 3)
        assert not watching.done()
        watching.cancel()


async def test_a_call_without_an_answer_makes_the_watch_look(
    sandbox: Sandbox, open_gateway: OpenGateway
) -> None:
    gateway = await open_gateway(1, call_timeout=0.4)
    peer, _ = await gateway.resolve("@chess_club")
    sandbox.faults.silence()
    async with asyncio.timeout(5), asyncio.TaskGroup() as room:
        watching = room.create_task(told(gateway))
        await asyncio.sleep(0)
        with pytest.raises(Retriable):
            await gateway.page(peer)
        error = await watching
    assert isinstance(error, Retriable)
    assert error.reason == "timeout"


async def test_a_server_that_went_away_ends_the_watch(
    sandbox: Sandbox, gateway: TelethonGateway
) -> None:
    await sandbox.mtproto.stop()
    with pytest.raises(Retriable):
        async with asyncio.timeout(30):
            await gateway.watch()
    with pytest.raises(Retriable):
        await gateway.resolve("@chess_club")


async def test_leaving_twice_or_before_coming_is_fine(
    sandbox: Sandbox, gateway: TelethonGateway
) -> None:
    await gateway.disconnect()
    await gateway.disconnect()
    await wait_until(lambda: sandbox.mtproto.connections == 0)
    with pytest.raises(Retriable):
        await gateway.resolve("@chess_club")
    await gateway.connect()
    assert (await gateway.resolve("@chess_club"))[1].username == "chess_club"


async def test_leaving_in_the_middle_of_a_call_ends_the_call(
    sandbox: Sandbox, gateway: TelethonGateway
) -> None:
    peer, _ = await gateway.resolve("@chess_club")
    sandbox.faults.silence(method=HISTORY)
    async with asyncio.TaskGroup() as room:
        page = room.create_task(ended(gateway.page(peer)))
        await wait_until(lambda: any(sandbox.counters.of(method=HISTORY)))
        await gateway.disconnect()
    assert isinstance(page.result(), Retriable)


async def ended(call: object) -> Exception:
    """What a call ends with."""
    try:
        await call  # type: ignore[misc]
    except Retriable as error:
        return error
    raise AssertionError("the call was answered")


async def test_leaving_a_server_that_takes_no_more_bytes_is_quick(
    signed_in: SignInAccount, settings: TelegramSettings
) -> None:
    who = await signed_in(1)
    async with tapped(settings.dc) as (tap, address):
        gateway = TelethonGateway(
            who.session,
            replace(settings, dc=address),
            account=1,
            pace=Turns(),
            may_write=lambda: True,
        )
        await gateway.connect()
        tap.open.clear()
        for _ in range(24):
            gateway._client._sender.send(SendMessageRequest(InputPeerSelf(), os.urandom(500_000)))
        transport = gateway._client._sender._connection._writer.transport
        await wait_until(lambda: transport.get_write_buffer_size() > 100_000)
        began = time.monotonic()
        await gateway.disconnect()
        assert time.monotonic() - began < 5
        tap.open.set()


async def test_a_key_that_telegram_forgot_ends_call_and_watch(
    sandbox: Sandbox, gateway: TelethonGateway
) -> None:
    keyring = sandbox.mtproto.keyring
    (key,) = keyring.of(sandbox.world.accounts[0].id)
    keyring.forget(key)
    async with asyncio.timeout(10), asyncio.TaskGroup() as room:
        watching = room.create_task(told(gateway))
        sandbox.faults.cut()
    error = watching.result()
    assert isinstance(error, KeyDoubted), "a wrong server answers like that, too"
    assert error.reason == "key_unknown"


async def test_a_call_that_is_sent_again_takes_another_turn(
    sandbox: Sandbox, gateway: TelethonGateway, turns: Turns
) -> None:
    peer, _ = await gateway.resolve("@chess_club")
    sandbox.faults.fail("RPC_CALL_FAIL", code=500, method=HISTORY, times=1)
    assert (await gateway.page(peer)).messages
    calls = len(list(sandbox.counters.of(method=HISTORY)))
    assert (calls, turns.families.count(Family.HISTORY)) == (2, 2)


async def test_no_join_is_made_twice(
    sandbox: Sandbox, gateway: TelethonGateway, turns: Turns
) -> None:
    peer, _ = await gateway.resolve("@chess_club")
    sandbox.faults.fail("RPC_CALL_FAIL", code=500, method=JOIN, times=1)
    with pytest.raises(Retriable):
        await gateway.join(peer)
    sandbox.faults.delay(0.3, method=JOIN)
    async with asyncio.TaskGroup() as room:
        join = room.create_task(ended(gateway.join(peer)))
        await wait_until(lambda: len(list(sandbox.counters.of(method=JOIN))) == 2)
        sandbox.faults.cut(sandbox.world.accounts[0].id)
    assert isinstance(join.result(), Retriable)
    assert (await gateway.page(peer)).messages
    calls = len(list(sandbox.counters.of(method=JOIN)))
    assert (calls, turns.families.count(Family.JOIN)) == (2, 2)


async def test_a_cut_line_sends_nothing_into_a_flood(
    sandbox: Sandbox, open_gateway: OpenGateway, turns: Turns
) -> None:
    """The pacer refuses what was in flight; before, it went out with the new connection."""
    gateway = await open_gateway(1)
    peer, _ = await gateway.resolve("@chess_club")
    account = sandbox.world.accounts[0].id
    sandbox.faults.delay(0.6, method=HISTORY)
    async with asyncio.TaskGroup() as room:
        flying = room.create_task(refused(gateway.page(peer)))
        await wait_until(lambda: any(sandbox.counters.of(method=HISTORY)))
        sandbox.faults.clear()
        sandbox.faults.flood(30, method=HISTORY)
        assert await refused(gateway.page(peer))
        turns.refuse = FloodError(30, Family.HISTORY)
        await asyncio.sleep(GRACE_SECONDS)
        sandbox.faults.cut(account)
    assert flying.result().seconds == 30
    turns.refuse = None
    await gateway.resolve("@chess_club")
    assert sandbox.counters.floods == 1
    assert sandbox.counters.violations == 0


async def refused(call: Awaitable[object]) -> FloodError:
    """The flood that a call ends with."""
    with pytest.raises(FloodError) as flood:
        await call
    return flood.value


async def test_going_to_another_data_centre_takes_turns(
    sandbox: Sandbox,
    gateway: TelethonGateway,
    turns: Turns,
) -> None:
    asked, served_before = len(turns.families), len(sandbox.counters.calls)
    client = gateway._client
    assert await client.call_at(4, GetNearestDcRequest())
    names = [call.method for call in sandbox.counters.calls][served_before:]
    assert "auth.importAuthorization" in names
    assert len(names) == len(turns.families) - asked
