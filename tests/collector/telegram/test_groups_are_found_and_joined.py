"""Searching and joining, verb by verb, as Telegram answers."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from waiting import wait_until

from collector.telegram.gateway import TelethonGateway
from core.answers import finds, next_page, wants_start, way_in
from core.errors import AccountFull, JoinPending, SourceForbidden, SourceUnknown
from sandbox.entrance import Entrance
from sandbox.seed import SEARCH_BOTS, small_world
from sandbox.server import Sandbox, SandboxConfig

BUTTON_BOT, START_BOT = (f"@{bot.username}" for bot in SEARCH_BOTS)


@pytest.fixture
async def sandbox(sandbox_data_dir: Path) -> AsyncIterator[Sandbox]:
    world = small_world(
        chats={
            "python_club": 120,
            "python_news": 80,
            "python_full": 30,
            "secret_circle": 60,
            "strict_circle": 40,
            "city_walks": 30,
        },
        accounts=2,
        topics=dict.fromkeys(("python_club", "python_news", "python_full"), ("en", "python")),
        private=("secret_circle", "strict_circle"),
        entrances={
            "python_club": Entrance(insiders=()),
            "python_full": Entrance(full=True, insiders=()),
            "secret_circle": Entrance(invite="SecretHash01", insiders=()),
            "strict_circle": Entrance(
                invite="StrictHash02", approval=True, approved_after=0.3, insiders=()
            ),
        },
        dead_invites=("DeadHash03",),
        channels_limits=(3, 6),
    )
    async with Sandbox(world, SandboxConfig(data_dir=sandbox_data_dir)) as running:
        yield running


async def test_telegram_itself_finds_public_chats(gateway: TelethonGateway) -> None:
    found = await gateway.search_chats("python")
    assert {chat.username for _, chat in found} >= {"python_club", "python_news", "python_full"}
    assert all(peer is not None for peer, _ in found)


@pytest.mark.parametrize("name", [BUTTON_BOT, START_BOT])
async def test_a_bot_is_greeted_asked_and_its_pages_are_turned(
    gateway: TelethonGateway, name: str
) -> None:
    bot = await gateway.find_bot(name)

    async def ask(text: str) -> list:
        sent = await gateway.say(bot, text)
        return await wait_until(lambda: gateway.heard(bot, sent))

    (greeting,) = await ask("python")
    if (door := way_in(greeting)) is not None:
        await gateway.press(bot, greeting.id, door.data or b"")
    else:
        assert wants_start(greeting)
        await ask("/start")
    (first,) = await ask("python")
    sources = {find.source for find in finds(first)}
    assert "@lucky_wheel_vip" not in sources
    assert len(sources) >= 7
    await gateway.press(bot, first.id, next_page(first).data)

    async def second() -> list:
        heard = await gateway.heard(bot, first.id - 1)
        return [one for one in heard if one != first and finds(one)]

    (page,) = await wait_until(second)
    assert {find.source for find in finds(page)} - sources
    assert "@python_club" in sources | {find.source for find in finds(page)}
    assert all(find.members for find in finds(page))


async def test_a_person_is_no_bot(gateway: TelethonGateway) -> None:
    with pytest.raises(SourceUnknown):
        await gateway.find_bot("@nobody_has_this")


async def test_a_public_chat_is_joined_once_and_left(gateway: TelethonGateway) -> None:
    peer, _ = await gateway.resolve("@python_club")
    assert not await gateway.inside(peer)
    await gateway.join(peer)
    assert await gateway.inside(peer)
    await gateway.join(peer)
    await gateway.leave(peer)
    assert not await gateway.inside(peer)


async def test_an_invite_is_looked_at_then_accepted(gateway: TelethonGateway) -> None:
    invite = await gateway.check_invite("+SecretHash01")
    assert invite.title == "secret_circle"
    assert invite.entered is None
    peer, chat = await gateway.accept_invite("+SecretHash01")
    assert chat.title == "secret_circle"
    assert await gateway.accept_invite("+SecretHash01") == (peer, chat)
    assert (await gateway.check_invite("+SecretHash01")).entered == (peer, chat)
    page = await gateway.page(peer, limit=100)
    assert len(page.messages) >= 50


async def test_who_has_to_be_let_in_waits_and_is(gateway: TelethonGateway) -> None:
    assert (await gateway.check_invite("+StrictHash02")).approval
    with pytest.raises(JoinPending):
        await gateway.accept_invite("+StrictHash02")

    async def entered() -> bool:
        return (await gateway.check_invite("+StrictHash02")).entered is not None

    await wait_until(entered)


async def test_a_dead_invite_a_full_chat_and_no_slots_are_told_apart(
    gateway: TelethonGateway,
) -> None:
    with pytest.raises(SourceUnknown) as dead:
        await gateway.check_invite("+DeadHash03")
    assert dead.value.reason == "invite_expired"
    full, _ = await gateway.resolve("@python_full")
    with pytest.raises(SourceForbidden) as refused:
        await gateway.join(full)
    assert refused.value.reason == "chat_full"


async def test_slots_are_counted_and_run_out(gateway: TelethonGateway) -> None:
    slots = await gateway.slots()
    assert slots.limit == 3
    await gateway.accept_invite("+SecretHash01")
    assert (await gateway.slots()).used == slots.used + 1
    with pytest.raises(AccountFull):
        await asyncio.wait_for(_join_all(gateway), 10)


async def _join_all(gateway: TelethonGateway) -> None:
    for name in ("@python_club", "@python_news", "@city_walks", "@python_full"):
        peer, _ = await gateway.resolve(name)
        await gateway.join(peer)
