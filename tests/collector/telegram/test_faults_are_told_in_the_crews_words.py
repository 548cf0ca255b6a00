"""What Telegram refuses reaches the crew as its own errors, which say who is at fault."""

import pytest
from telegram_side import OpenGateway, Turns

from collector.telegram.gateway import TelethonGateway
from core.chat import Chat, ChatKind, Peer
from core.errors import (
    AccountLimited,
    AccountLost,
    CrewError,
    FloodError,
    KeyDoubted,
    Retriable,
    SourceForbidden,
    SourceUnknown,
    Unexpected,
)
from core.job import Family
from sandbox.server import Sandbox

HISTORY = "messages.getHistory"


async def test_a_name_that_nobody_has(gateway: TelethonGateway) -> None:
    with pytest.raises(SourceUnknown) as unknown:
        await gateway.resolve("@nobody_has_this")
    assert unknown.value.detail == {"source": "@nobody_has_this"}
    assert unknown.value.reason == "source_unknown"


async def test_a_name_that_cannot_be_one(gateway: TelethonGateway) -> None:
    with pytest.raises(SourceUnknown):
        await gateway.resolve("@a__b")


async def test_a_bot_is_not_a_chat(sandbox: Sandbox, gateway: TelethonGateway) -> None:
    with pytest.raises(SourceForbidden) as refused:
        await gateway.resolve(f"@{sandbox.world.control_bot.username}")
    assert refused.value.reason == "not_a_chat"


async def test_a_chat_that_became_private(sandbox: Sandbox, gateway: TelethonGateway) -> None:
    peer, _ = await gateway.resolve("@chess_club")
    sandbox.faults.deny(sandbox.world.chat("chess_club").id)
    with pytest.raises(SourceForbidden) as refused:
        await gateway.page(peer)
    assert refused.value.reason == "source_forbidden"


async def test_an_access_hash_of_another_account(
    sandbox: Sandbox, open_gateway: OpenGateway
) -> None:
    first, third = await open_gateway(1), await open_gateway(3)
    peer, _ = await first.resolve("@chess_club")
    with pytest.raises(SourceForbidden) as refused:
        await third.page(peer)
    assert refused.value.reason == "peer_invalid"


async def test_a_group_that_does_not_exist(gateway: TelethonGateway) -> None:
    peer = Peer(chat=-77, kind=ChatKind.GROUP, access_hash=0)
    with pytest.raises(SourceForbidden):
        await gateway.page(peer)
    with pytest.raises(SourceForbidden):
        await gateway.describe(peer)


async def test_a_flood_names_its_family_and_is_told_to_the_pacer(
    sandbox: Sandbox, gateway: TelethonGateway, turns: Turns
) -> None:
    peer, _ = await gateway.resolve("@chess_club")
    sandbox.faults.flood(37, method=HISTORY)
    with pytest.raises(FloodError) as flooded:
        await gateway.page(peer)
    assert (flooded.value.seconds, flooded.value.family) == (37, Family.HISTORY)
    assert turns.floods == [(Family.HISTORY, 37)]


async def test_a_flood_is_remembered_by_the_pacer_alone(
    sandbox: Sandbox, gateway: TelethonGateway
) -> None:
    peer, _ = await gateway.resolve("@chess_club")
    sandbox.faults.flood(37, method=HISTORY)
    with pytest.raises(FloodError):
        await gateway.page(peer)
    assert (await gateway.page(peer)).messages


async def test_a_flood_of_telethons_own_calls_is_told_too(
    sandbox: Sandbox, gateway: TelethonGateway, turns: Turns
) -> None:
    sandbox.faults.flood(90, method="users.getUsers")
    with pytest.raises(FloodError) as flooded:
        await gateway.connect()
    assert flooded.value.family == Family.CONNECT
    assert turns.floods == [(Family.CONNECT, 90)]


async def test_a_pacer_that_says_wait_is_heard(
    sandbox: Sandbox, gateway: TelethonGateway, turns: Turns
) -> None:
    turns.refuse = FloodError(600, Family.RESOLVE)
    before = len(list(sandbox.counters.of(method="contacts.resolveUsername")))
    with pytest.raises(FloodError) as flooded:
        await gateway.resolve("@chess_club")
    assert (flooded.value.seconds, flooded.value.family) == (600, Family.RESOLVE)
    assert len(list(sandbox.counters.of(method="contacts.resolveUsername"))) == before


async def test_a_session_that_was_ended_elsewhere(
    sandbox: Sandbox, gateway: TelethonGateway
) -> None:
    peer, _ = await gateway.resolve("@chess_club")
    sandbox.faults.revoke(sandbox.world.accounts[0].id)
    with pytest.raises(AccountLost) as lost:
        await gateway.page(peer)
    assert (lost.value.reason, lost.value.banned) == ("session_revoked", False)


async def test_connecting_with_a_dead_key(sandbox: Sandbox, gateway: TelethonGateway) -> None:
    sandbox.faults.revoke(sandbox.world.accounts[0].id)
    with pytest.raises(AccountLost) as lost:
        await gateway.connect()
    assert lost.value.reason == "session_revoked"


async def test_a_banned_account(sandbox: Sandbox, gateway: TelethonGateway) -> None:
    peer, _ = await gateway.resolve("@chess_club")
    sandbox.faults.ban(sandbox.world.accounts[0].id)
    with pytest.raises(AccountLost) as lost:
        await gateway.page(peer)
    assert (lost.value.reason, lost.value.banned) == ("banned", True)


@pytest.mark.parametrize(
    ("message", "code", "kind", "reason"),
    [
        ("HISTORY_GET_FAILED", 500, Retriable, "server"),
        ("FROZEN_METHOD_INVALID", 420, AccountLimited, "account_frozen"),
        ("PEER_FLOOD", 400, AccountLimited, "account_limited"),
        ("AUTH_KEY_DUPLICATED", 406, AccountLost, "key_duplicated"),
        ("AUTH_KEY_UNREGISTERED", 401, AccountLost, "session_revoked"),
        ("SOMETHING_NEW_WITH_KEYS", 401, KeyDoubted, "key_refused"),
        ("SOMETHING_NEW", 400, Unexpected, "request_refused"),
        ("SOMETHING_NEW", 406, Unexpected, "request_refused"),
        ("CHAT_ADMIN_REQUIRED", 400, SourceForbidden, "source_forbidden"),
    ],
)
async def test_errors_that_telegram_sends(
    sandbox: Sandbox,
    gateway: TelethonGateway,
    message: str,
    code: int,
    kind: type[CrewError],
    reason: str,
) -> None:
    peer, _ = await gateway.resolve("@chess_club")
    sandbox.faults.fail(message, code=code, method=HISTORY, times=None)
    with pytest.raises(kind) as refused:
        await gateway.page(peer)
    assert refused.value.reason == reason
    assert type(refused.value) is kind


async def test_a_hiccup_of_the_server_is_survived(
    sandbox: Sandbox, gateway: TelethonGateway
) -> None:
    peer, _ = await gateway.resolve("@chess_club")
    sandbox.faults.fail("RPC_CALL_FAIL", code=500, method=HISTORY, times=1)
    assert (await gateway.page(peer)).messages


async def test_a_chat_is_described_in_full(sandbox: Sandbox, gateway: TelethonGateway) -> None:
    truth = sandbox.world.chat("feishu_news")
    peer, _ = await gateway.resolve("@feishu_news")
    assert await gateway.describe(peer) == Chat(
        id=int(f"-100{truth.id}"),
        kind=ChatKind.CHANNEL,
        title=truth.title,
        username="feishu_news",
        members=truth.members,
    )


async def test_near_names_are_suggested(gateway: TelethonGateway) -> None:
    suggested = await gateway.suggest("@ches_club")
    assert [chat.username for chat in suggested][:1] == ["chess_club"]
    assert await gateway.suggest("@zzzzqqqq") == []
