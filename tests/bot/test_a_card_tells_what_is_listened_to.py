from bot_rig import CLOCK, Rig
from waiting import wait_until

from core.job import Note, Progress
from core.run import RunState
from core.subscription import Post
from core.task import Step
from db.subscriptions import Watched

CHAT = -1_001_000_000_777


async def test_live_chats_are_counted_until_stop(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    await rig.press(page, "What to do")
    await rig.press(page, "Listen to new messages")
    await rig.until(page.id, "🧭 Listen to new messages")
    await rig.press(page, "Start")
    run = await rig.worker.open_run()
    assert run.spec.steps == (Step.LISTEN,)
    [job] = await rig.worker.plan(run)
    key = await rig.worker.claim(job.id)
    assert await rig.database.jobs.progress(
        key, Progress(), chat=CHAT, top_id=500, moved=True, note=Note.POLLED
    )
    await rig.database.jobs.done(key, CLOCK.now())
    await rig.worker.plan(run)
    assert await rig.worker.state(run.id) is RunState.RUNNING
    subscriptions = rig.database.subscriptions
    [begun] = await subscriptions.begun([run.id])
    await subscriptions.want(begun)
    await rig.until(
        page.id,
        "Task #1 · Listening",
        "👂 0 of 1 chats live",
        "No account is a member of @harbour_news",
    )
    [one] = await subscriptions.of_run(run.id)
    one = await subscriptions.give(one, Post(reader=1), live=True, wait=None)
    told = Watched(
        id=one.id,
        reader=1,
        top=523,
        pts=None,
        checked_at=CLOCK.now(),
        moved_at=CLOCK.now(),
        polled=False,
    )
    await subscriptions.watched([told])
    shown = await rig.until(page.id, "👂 1 of 1 chats live · about 23 new · last at")
    assert "⏹ Stop" in [label for row in shown.buttons for label in row]
    await rig.press(page, "Stop")
    await rig.worker.plan(run)

    async def stopped() -> bool:
        return await rig.worker.state(run.id) is RunState.CANCELLED

    await wait_until(stopped)
    await rig.until(page.id, "Task #1 · Stopped")
