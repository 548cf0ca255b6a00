import asyncio
from dataclasses import replace

import pytest
from bot_rig import CLOCK, Rig
from waiting import wait_until

from bot.app import ControlBot
from bot.polling import TokenRejected


async def test_presses_of_a_stopped_bot_are_done_by_the_next(idle: Rig) -> None:
    await idle.worker.lease()
    async with idle.running():
        page = await idle.say("/newtask @harbour_news")
    query = await idle.me.press(page.id, "▶️ Start")
    async with idle.running():
        await idle.worker.open_run()
        await idle.until(page.id, "Task #1 · Queued")
    del query


async def test_a_killed_handler_is_done_again_and_makes_one_task(idle: Rig) -> None:
    """The card cannot be drawn, so the bot dies in the middle of the press."""
    await idle.worker.lease()
    async with idle.running():
        page = await idle.say("/newtask @harbour_news")
        await idle.until(page.id, "will be checked at the start")
    idle.door.delay_next("editMessageText", 60, times=3)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3):
            await _press_and_wait(idle, page.id)
    assert len(await idle.database.pending_updates.of(idle.door.bot.id)) == 1
    idle.door.clear_faults()
    async with idle.running():
        await idle.new("Task #1 · Queued")
        await wait_until(idle.handled)
    assert (await idle.database.tasks.page())[1] == 1
    assert len(await idle.database.runs.open_runs()) == 1


async def test_a_slow_handler_is_done_once_and_delays_nobody_else(idle: Rig) -> None:
    other = idle.stranger
    await idle.database.operators.ensure_admin(other.id)
    async with idle.running():
        idle.door.delay_next("sendMessage", 2.0)
        began = CLOCK.elapsed()
        await idle.me.send("/start")
        await wait_until(lambda: idle.database.pending_updates.of(idle.door.bot.id))
        await other.send("/start")
        await other.wait_for_message(lambda m: "Telecrew" in m.text, 1.4)
        assert CLOCK.elapsed() - began < 2
        await idle.me.wait_for_message(lambda m: "Telecrew" in m.text)
        await wait_until(idle.handled)
        mine = [m for m in idle.me.messages if "Telecrew" in m.text]
        assert len(mine) == 1


async def test_updates_of_one_operator_are_done_in_order(rig: Rig) -> None:
    names = [f"@ordered_{number:02d}" for number in range(12)]
    await rig.me.send("/newtask")
    for name in names:
        await rig.me.send(name)
    page = await rig.new(names[-1])
    await rig.press(page, "Start")
    assert (await rig.worker.open_run()).spec.sources == tuple(names)


@pytest.mark.parametrize("token", ["123456:" + "x" * 35, "nonsense"])
async def test_a_wrong_token_ends_the_bot_with_a_clear_error(idle: Rig, token: str) -> None:
    bot = ControlBot(replace(idle.settings, token=token), idle.database)
    async with asyncio.timeout(5):
        with pytest.raises(TokenRejected):
            await bot.run()


async def test_a_second_poller_is_told_of_and_both_go_on(idle: Rig) -> None:
    async with idle.running():
        idle.door.fail_next(
            "getUpdates", 409, "Conflict: terminated by other getUpdates request", times=1
        )
        await idle.me.send("/start")
        await idle.me.wait_for_message(lambda m: "Telecrew" in m.text, 12)
        await idle.me.send("/help")
        await idle.me.wait_for_message(lambda m: "Quick start" in m.text, 12)


async def test_network_errors_are_waited_out(idle: Rig) -> None:
    idle.door.fail_next("getUpdates", 502, "Bad Gateway", times=3)
    idle.door.drop_answer_next("getUpdates")
    async with idle.running():
        await idle.me.send("/start")
        await idle.me.wait_for_message(lambda m: "Telecrew" in m.text, 12)


async def test_a_flood_of_an_answer_is_waited_out(rig: Rig) -> None:
    rig.door.flood_next("sendMessage", 1)
    assert "Telecrew" in (await rig.say("/start")).text


async def test_an_update_that_cannot_be_read_blocks_nothing(rig: Rig) -> None:
    rig.door.inject({"message": {"message_id": "?", "date": "never"}})
    rig.door.inject({"callback_query": {"id": "1"}})
    assert "Telecrew" in (await rig.say("/start")).text


async def _press_and_wait(idle: Rig, page: int) -> None:
    async with idle.running():
        await idle.me.press(page, "▶️ Start")
        await idle.worker.open_run()
        await asyncio.Event().wait()
