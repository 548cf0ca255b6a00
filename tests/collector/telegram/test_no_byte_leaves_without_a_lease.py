"""Once its lease may be somebody else's, an account sends nothing to Telegram, not even a ping."""

from dataclasses import replace

import pytest
from telegram_side import Right, SignInAccount, Turns, tapped
from telethon.tl.functions import PingRequest
from waiting import wait_until

from collector.telegram.gateway import TelethonGateway
from collector.telegram.settings import TelegramSettings
from core.errors import LeaseGone, Retriable
from sandbox.server import Sandbox


async def test_a_call_is_refused_before_it_is_sent(
    sandbox: Sandbox, gateway: TelethonGateway, right: Right
) -> None:
    peer, _ = await gateway.resolve("@chess_club")
    calls = len(sandbox.counters.calls)
    right.held = False
    with pytest.raises(LeaseGone):
        await gateway.page(peer)
    assert len(sandbox.counters.calls) == calls
    assert gateway.writes_refused == 1


async def test_telethons_own_writes_and_reconnects_are_refused(
    sandbox: Sandbox, signed_in: SignInAccount, settings: TelegramSettings, right: Right
) -> None:
    who = await signed_in(1)
    async with tapped(settings.dc) as (tap, address):
        gateway = TelethonGateway(
            who.session, replace(settings, dc=address), account=1, pace=Turns(), may_write=right
        )
        await gateway.connect()
        await gateway.resolve("@chess_club")
        right.held = False
        sent, refused = tap.sent, gateway.writes_refused
        assert sent > 0
        gateway._client._sender.send(PingRequest(7))
        await wait_until(lambda: gateway.writes_refused >= refused + 3)
        await gateway.disconnect()
        assert (tap.sent, tap.visits) == (sent, 1)


async def test_a_gateway_without_a_lease_does_not_connect(
    sandbox: Sandbox, signed_in: SignInAccount, settings: TelegramSettings
) -> None:
    who = await signed_in(1)
    await wait_until(lambda: sandbox.mtproto.connections == 0)
    gateway = TelethonGateway(
        who.session, settings, account=1, pace=Turns(), may_write=lambda: False
    )
    calls = len(sandbox.counters.calls)
    with pytest.raises((LeaseGone, Retriable)):
        await gateway.connect()
    await gateway.disconnect()
    assert len(sandbox.counters.calls) == calls
    assert gateway.writes_refused > 0
