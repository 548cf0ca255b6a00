"""`/queue` tells what waits for what, `/workers` who lives; both are paged."""

from datetime import timedelta

from bot_rig import CLOCK, Rig
from waiting import wait_until

from core.job import Wait
from core.worker import Load


async def test_the_queue_tells_what_runs_and_what_waits_for_what(rig: Rig) -> None:
    first, _ = await rig.started("@harbour_news", "@harbour_two")
    await rig.worker.plan(first)
    key = await rig.worker.claim(f"{first.id}:0000")
    until = CLOCK.now() + timedelta(hours=1)
    await rig.worker.wait(key, Wait(why="flood", until=until))
    await rig.worker.derive(first.id)
    second, _ = await rig.started("@group_two")
    await rig.worker.plan(second)
    third, _ = await rig.started("@group_three")
    page = await rig.say("/queue")
    assert "open runs: 3, running jobs: 1, waiting jobs: 2" in page.text
    assert "#1 @harbour_news, @harbour_two\nWaiting · running jobs: 1, waiting: 1" in page.text
    assert "Telegram asked the account to slow down. Goes on at" in page.text
    assert "Waits for its turn." in page.text
    assert f"#{third.number} @group_three" in page.text
    assert "Waits until fewer runs are at work." in page.text
    await rig.press(page, "#2")
    await rig.until(page.id, "Task #2")


async def test_the_queue_names_what_is_waited_for(rig: Rig) -> None:
    run, _ = await rig.started("@harbour_news", "@harbour_two", "@harbour_three")
    for job in (await rig.worker.plan(run))[:2]:
        key = await rig.worker.claim(job.id)
        await rig.worker.wait(key, Wait(why="join_pending"))
    await rig.worker.derive(run.id)
    page = await rig.say("/queue")
    assert "The account asked to join @harbour_news, @harbour_two; an administrator" in page.text
    assert "(jobs: 2)" in page.text
    assert "?" not in page.text


async def test_the_queue_is_paged_and_empty_when_nothing_is_to_do(rig: Rig) -> None:
    assert "Nothing runs and nothing waits" in (await rig.say("/queue")).text
    for number in range(7):
        await rig.started(f"@group_{number}x")
    page = await rig.say("/queue")
    assert "page 1 of 2" in page.text
    await rig.press(page, "›")
    await rig.until(page.id, "page 2 of 2", "@group_6x")


async def test_workers_tell_what_they_hold_and_since_when_they_are_gone(rig: Rig) -> None:
    workers = rig.database.workers
    for name in ("one", "two", "three", "four"):
        await workers.begin(name, host=f"host-{name}", version="1.2.3")
    await workers.beat("one", Load(accounts=(1, 2), jobs=5, lag=0.012))
    await workers.drain("two")
    await workers.leave("three")
    await rig.worker.raw["workers"].update_one(
        {"_id": "four"}, {"$set": {"seen_at": CLOCK.now() - timedelta(minutes=5)}}
    )
    page = await rig.say("/workers")
    assert "alive here: 2" in page.text
    assert "accounts: 2 · running jobs: 5 · loop late by 12 ms" in page.text
    assert "Anna (#1), Boris (#2)" in page.text
    assert "handing its accounts over" in page.text
    assert "stopped at" in page.text
    assert "gone since" in page.text
    await rig.press(page, "Refresh")
    await wait_until(lambda: "alive here: 2" in rig.me.message(page.id).text)
