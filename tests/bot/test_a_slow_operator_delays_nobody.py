"""Whatever one operator waits for, and however much strangers write meanwhile, another one is
answered first. Nothing of what waits is lost with the process."""

from collections.abc import AsyncIterator

import pytest
from bot_rig import Rig
from every_update import message, person
from waiting import wait_until

from sandbox.bot_api.person import Human

LONG = 25
"""Seconds of a flood wait: much longer than the tests take."""
WINDOW = 100
"""Updates that Telegram shows at once."""


@pytest.fixture
async def crowd(idle: Rig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    """A bot with two operators, that does not wait long for what it stops in the middle of."""
    monkeypatch.setattr("bot.polling.DRAIN_SECONDS", 0.1)
    await idle.worker.lease()
    await idle.database.operators.ensure_admin(idle.stranger.id)
    async with idle.running() as bot:
        idle.bot = bot
        yield idle


async def flooded(rig: Rig, method: str) -> None:
    await wait_until(lambda: any(call.error for call in rig.calls(method)), timeout=20)


async def is_answered(human: Human) -> None:
    before = {one.id for one in human.messages}
    await human.send("/help")
    await human.wait_for_message(lambda m: m.id not in before and "Quick start" in m.text, 20)


def strangers_write(rig: Rig, count: int) -> None:
    for number in range(count):
        user = person(9_000 + number % 7)
        rig.door.inject({"message": message(user, {"id": user["id"], "type": "private"}, number)})


@pytest.mark.parametrize("method", ["sendMessage", "editMessageText", "answerCallbackQuery"])
async def test_a_flood_wait_of_one_and_updates_of_strangers(crowd: Rig, method: str) -> None:
    page = await crowd.say("/help")
    answered = len(crowd.me.messages)
    crowd.door.flood_next(method, LONG)
    if method == "sendMessage":
        await crowd.me.send("/start")
    else:
        await crowd.me.press(page.id, page.buttons[0][0])
    await flooded(crowd, method)
    strangers_write(crowd, WINDOW + 30)
    await is_answered(crowd.stranger)
    strangers_write(crowd, WINDOW + 30)
    await is_answered(crowd.stranger)
    waits = [call for call in crowd.calls(method) if call.error]
    assert len(waits) == 1
    assert len(crowd.me.messages) - answered <= 1


async def test_a_slow_one_who_goes_on_writing(crowd: Rig) -> None:
    crowd.door.flood_next("sendMessage", LONG)
    await crowd.me.send("/start")
    await flooded(crowd, "sendMessage")
    for number in range(WINDOW + 30):
        await crowd.me.send(f"@name_{number}")
    await is_answered(crowd.stranger)
    assert not [one for one in crowd.me.messages if one.by_bot]


async def test_a_flood_of_one_operators_cards_holds_up_no_press_of_another(crowd: Rig) -> None:
    run, card = await crowd.started("@harbour_news")
    other, _ = await crowd.started("@harbour_logs")
    crowd.door.flood_next("sendMessage", LONG)
    await crowd.worker.fail(run, "network")
    await flooded(crowd, "sendMessage")
    query = crowd.stranger.press_data(card.id, f"r:stop:{other.id}")
    await crowd.stranger.answered(query)
    await is_answered(crowd.stranger)
    assert not [one for one in crowd.me.messages if "Task #1 failed" in one.text]


async def test_what_waits_is_done_by_the_next_process_in_order(
    idle: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.polling.DRAIN_SECONDS", 0.1)
    idle.door.limits.enabled = False
    names = [f"@ordered_{number:02d}" for number in range(12)]
    async with idle.running():
        idle.door.flood_next("sendMessage", LONG)
        await idle.me.send("/newtask")
        for name in names:
            await idle.me.send(name)
        await wait_until(lambda: len(idle.door.bot.updates) == 0, timeout=20)
        pending = await idle.database.pending_updates.of(idle.door.bot.id)
        assert len(pending) == 1 + len(names)
    await idle.worker.lease()
    async with idle.running():
        page = await idle.new(names[-1], timeout=20)
        await idle.press(page, "Start")
        assert (await idle.worker.open_run()).spec.sources == tuple(names)
        await wait_until(idle.handled)


async def test_an_update_that_telegram_sends_again_is_done_once(
    idle: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was kept, and the process died before Telegram was told."""
    number = idle.door.bot.updates.next_id
    await idle.me.send("/help")
    raw = idle.door.bot.updates.pending()[0]
    assert raw["update_id"] == number
    await idle.database.pending_updates.keep(idle.door.bot.id, number, raw)
    monkeypatch.setattr("bot.polling.PATIENCE", (0.05,))
    async with idle.running():
        await idle.new("Quick start")
        await wait_until(lambda: len(idle.door.bot.updates) == 0)
        await wait_until(idle.handled)
        await is_answered(idle.me)
    assert len([one for one in idle.me.messages if "Quick start" in one.text]) == 2
