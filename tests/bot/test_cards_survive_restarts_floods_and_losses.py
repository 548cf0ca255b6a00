from collections import defaultdict
from itertools import pairwise

import pytest
from bot_rig import CLOCK, Rig
from waiting import wait_until

from bot.desk import PERIOD_SECONDS
from core.task import Schedule, TaskSpec

STALL_SECONDS = 0.5
"""How much later than the one before an edit may reach the door on a busy machine."""


async def test_a_card_goes_on_after_a_restart_of_the_bot(idle: Rig) -> None:
    await idle.worker.lease()
    async with idle.running():
        run, card = await idle.started("@harbour_news")
        [job] = await idle.worker.plan(run)
        key = await idle.worker.claim(job.id)
        await idle.worker.progress(key, 100, 500)
        await idle.worker.derive(run.id)
        await idle.until(card.id, "100 of 500")
    await idle.worker.progress(key, 300, 500)
    async with idle.running():
        await idle.until(card.id, "300 of 500")
        await idle.press(card, "Stop")
        await idle.until(card.id, "Stopping…")
    assert [m.id for m in idle.me.messages if "Task #1" in m.text] == [card.id]


async def test_a_run_has_its_card_from_the_first_moment(rig: Rig) -> None:
    async with rig.worker.raw["runs"].watch() as changes:
        _, card = await rig.started("@harbour_news")
        opened = (await changes.next())["fullDocument"]
    assert opened["card"] == {"chat": rig.me.id, "message": card.id}
    assert [m.id for m in rig.me.messages if "Task #1" in m.text] == [card.id]


async def test_an_ending_is_told_once_over_restarts(idle: Rig) -> None:
    await idle.worker.lease()
    async with idle.running():
        run, card = await idle.started("@harbour_news")
    await idle.worker.fail(run, "network")
    for _ in range(3):
        async with idle.running():
            await idle.new("Task #1 failed")
            await wait_until(lambda: _is_shown(idle))
        await idle.worker.raw["runs"].update_one({"_id": run.id}, {"$set": {"shown": False}})
    endings = [message for message in idle.me.messages if message.reply_to == card.id]
    assert len(endings) == 1


async def test_a_lost_card_comes_as_a_new_message(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    rig.me.chat.posts[card.id].deleted = True
    await rig.worker.finish(run)
    fresh = await rig.me.wait_for_message(lambda m: m.id > card.id and "Task #1 · Done" in m.text)
    await wait_until(lambda: _is_shown(rig))
    shown = (await rig.worker.get(run.id)).card
    assert shown is not None
    assert shown.message == fresh.id
    assert len([m for m in rig.me.messages if "Task #1 · Done" in m.text]) == 1


async def test_a_run_of_a_schedule_gets_a_card_without_any_press(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    await rig.press(page, "When")
    await rig.press(page, "Every day at 09:00")
    await rig.press(page, "Start")
    await rig.until(page.id, "Scheduled")
    [task], _ = await rig.database.tasks.page()
    assert task.next_due is not None
    run = await rig.database.runs.open(task, due=task.next_due, now=CLOCK.now())
    assert run is not None
    card = await rig.me.wait_for_message(lambda m: m.id > page.id and "Task #1 · Queued" in m.text)
    await rig.worker.finish(run)
    await rig.until(card.id, "Task #1 · Done")


async def test_a_flood_is_obeyed_and_ends_in_the_right_picture(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    [job] = await rig.worker.plan(run)
    key = await rig.worker.claim(job.id)
    rig.door.flood_next("editMessageText", 2)
    await rig.worker.progress(key, 50, 500)
    await rig.worker.derive(run.id)
    await wait_until(lambda: any(c.error for c in rig.calls("editMessageText")))
    flooded = next(c.received_at for c in rig.calls("editMessageText") if c.error)
    await rig.worker.progress(key, 150, 500)
    await rig.until(card.id, "150 of 500")
    after = [c.received_at for c in rig.calls("editMessageText") if c.received_at > flooded]
    assert after[0] - flooded >= 2


async def test_periodic_edits_of_a_chat_share_one_in_three_seconds(rig: Rig) -> None:
    runs = []
    for number in range(3):
        run, _ = await rig.started(f"@group_{number}x")
        [job] = await rig.worker.plan(run)
        runs.append((run, await rig.worker.claim(job.id)))
        await rig.worker.derive(run.id)
    for run, _ in runs:
        await rig.new(f"Task #{run.number} · Running")
    before = len(rig.calls("editMessageText"))
    began = CLOCK.elapsed()

    def edits() -> list[float]:
        return [call.received_at for call in rig.calls("editMessageText")[before:]]

    async def read_on() -> bool:
        read = int((CLOCK.elapsed() - began) * 10)
        for _, key in runs:
            await rig.worker.progress(key, read, 10_000)
        return len(edits()) >= 3

    await wait_until(read_on, timeout=30, every=0.1)
    assert all(b - a >= PERIOD_SECONDS - STALL_SECONDS for a, b in pairwise(edits()))


async def test_an_unchanged_card_is_not_edited(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    await rig.worker.finish(run)
    await rig.until(card.id, "Done")
    await wait_until(lambda: _is_shown(rig))
    errors = [call.error for call in rig.calls() if call.error]
    assert errors == []
    edits = defaultdict(int)
    for call in rig.calls("editMessageText"):
        edits[call.chat_id] += 1
    assert edits[rig.me.id] <= 4


async def test_who_blocked_the_bot_costs_nothing_more_and_no_other_chat(rig: Rig) -> None:
    run, _ = await rig.started("@harbour_news")
    await rig.me.block()
    await rig.worker.fail(run, "network")
    await wait_until(lambda: _is_shown(rig))


async def test_a_chat_that_the_bot_cannot_reach_is_not_tried_again_and_again(rig: Rig) -> None:
    spec = TaskSpec(sources=("@harbour_news",))
    now = CLOCK.now()
    task = await rig.database.tasks.add(
        owner=rig.me.id, chat=4_242, spec=spec, schedule=Schedule(), next_due=None, now=now
    )
    run = await rig.database.runs.open(task, due=now, now=now)
    assert run is not None
    await wait_until(lambda: any(call.error for call in rig.calls("sendMessage")))
    await rig.worker.finish(run)
    other, card = await rig.started("@harbour_news")
    await rig.worker.finish(other)
    await rig.until(card.id, "Done")
    assert sum(call.error is not None for call in rig.calls("sendMessage")) == 1


@pytest.mark.parametrize("method", ["editMessageText", "sendMessage"])
async def test_a_server_error_is_tried_again(rig: Rig, method: str) -> None:
    run, _ = await rig.started("@harbour_news")
    rig.door.fail_next(method, 502, "Bad Gateway")
    await rig.worker.fail(run, "network")
    await rig.new("Task #1 · Failed")
    await rig.new("Task #1 failed")
    await wait_until(lambda: _is_shown(rig))
    assert len([m for m in rig.me.messages if "Task #1 failed" in m.text]) == 1


async def test_the_page_of_a_gateway_is_an_outage_and_not_the_end(idle: Rig) -> None:
    await idle.worker.lease()
    idle.gateway.broken.update(getMe=1, setMyCommands=1, getUpdates=3)
    async with idle.running():
        run, card = await idle.started("@harbour_news")
        idle.gateway.broken.update(editMessageText=1, sendMessage=1)
        await idle.worker.fail(run, "network")
        await idle.until(card.id, "Task #1 · Failed")
        await idle.new("Task #1 failed")
        await wait_until(lambda: _is_shown(idle))
    assert +idle.gateway.broken == {}
    assert len([m for m in idle.me.messages if "Task #1 failed" in m.text]) == 1
    assert all(b - a >= 0.4 for a, b in pairwise(idle.gateway.times("getUpdates")))


async def _is_shown(rig: Rig) -> bool:
    return await rig.database.runs.to_show() == []
