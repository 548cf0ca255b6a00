from bot_rig import CLOCK, Rig
from waiting import wait_until

from core.chat import Chat, ChatKind
from core.job import Failure, Note, Progress, Wait
from core.options import HistoryOptions
from core.run import Run, RunState
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


async def test_a_run_that_listens_is_mended_while_it_goes_on(rig: Rig) -> None:
    run, card = await listening(rig, "@harbour_news", "@harbour_two")
    shown = await rig.until(card, "Task #1 · Listening · 1 failed", "✗ @harbour_two: ")
    assert shown.buttons[:2] == [
        ["🔁 Retry", "Choose another account"],
        ["Latest 5", "Export", "Coverage"],
    ]
    await rig.press(card, "Latest 5")
    await rig.new("Nothing is stored of these chats yet")
    await rig.press(card, "Coverage")
    cover = await rig.new("Coverage of task #1", "500 unknown")
    await rig.press(cover, "Read what is unknown")
    [repair] = [
        job for job in await rig.database.jobs.of_run(run.id) if job.id.endswith("r0000000")
    ]
    assert (repair.step, repair.source, repair.keys) == (Step.HISTORY, "@harbour_news", ("a1",))
    assert repair.options == HistoryOptions()
    assert "already" in await rig.press(cover, "Read what is unknown")
    key = await rig.worker.claim(repair.id)
    await rig.worker.progress(key, 480, 500, chat=CHAT)
    await rig.database.jobs.done(key, CLOCK.now())
    await rig.worker.derive(run.id)
    await rig.until(card, "Task #1 · Listening · 1 failed", "480 of 500 read")
    await rig.press(cover, "Read what is unknown")
    assert f"{run.id}:r0010000" in [job.id for job in await rig.database.jobs.of_run(run.id)]
    assert (await rig.worker.open_run()).id == run.id


async def test_what_failed_begins_again_in_the_run_that_listens(rig: Rig) -> None:
    run, card = await listening(rig, "@harbour_news", "@harbour_two")
    await rig.until(card, "Listening · 1 failed")
    task = await rig.say("/tasks")
    await rig.press(task, "#1")
    shown = await rig.until(task.id, "Task #1 ·")
    assert "🔁 Retry" in [label for row in shown.buttons for label in row]
    await rig.press(card, "Retry")
    shown = await rig.until(card, "Task #1 · Running", "👂 0 of 1 chats live")
    assert "Retry" not in str(shown.buttons)
    await fail(rig, f"{run.id}:0001l")
    await rig.until(card, "Listening · 1 failed")
    await rig.press(card, "Choose another account")
    choice = await rig.new("Who shall do what failed?")
    await rig.press(choice, "Boris #2")
    again = await rig.worker.get(run.id)
    assert (again.is_open(), again.planned, again.spec.policy.accounts) == (True, False, (2,))
    keys = {job.id: job.keys for job in await rig.database.jobs.of_run(run.id)}
    assert keys == {f"{run.id}:0000l": ("a1",), f"{run.id}:0001l": ("a2",)}
    await fail(rig, f"{run.id}:0001l", account=2)
    await rig.until(card, "Listening · 1 failed")
    await rig.press(card, "Pause")
    await rig.worker.derive(run.id)
    shown = await rig.until(card, "Task #1 · Paused")
    assert "Retry" not in str(shown.buttons)
    assert "Coverage" in str(shown.buttons)
    query = rig.me.press_data(card, f"r:retry:{run.id}")
    await rig.me.answered(query)
    assert "is paused. Press Resume first" in query.text


async def test_a_chat_that_nobody_can_read_any_more_is_told(rig: Rig) -> None:
    run, card = await listening(rig, "@harbour_news")
    subscriptions = rig.database.subscriptions
    [one] = await subscriptions.of_run(run.id)
    await subscriptions.give(one, Post(reader=1, pushed=True), live=True, wait=None)
    await rig.until(card, "👂 1 of 1 chats live")
    await subscriptions.refuse(one.id, 1, "source_forbidden")
    [one] = await subscriptions.of_run(run.id)
    await subscriptions.give(one, Post(), live=True, wait=one.wait)
    told = "⚠️ Nobody can read @harbour_news: The account may not read @harbour_news"
    await rig.until(card, "👂 0 of 1 chats live", told)
    assert told in (await rig.say("/queue")).text
    [one] = await subscriptions.of_run(run.id)
    await subscriptions.give(one, Post(), live=True, wait=Wait(why="no_reader"))
    told = "🔇 Nothing of @harbour_news is heard: only these accounts may listen for this task."
    await rig.until(card, "Task #1 · Hears nothing", told, "Boris (#2) can listen instead")
    [one] = await subscriptions.of_run(run.id)
    await subscriptions.give(one, Post(reader=2), live=True, wait=None)
    shown = await rig.until(card, "👂 1 of 1 chats live")
    assert "⚠️" not in shown.text


async def listening(rig: Rig, first: str, *others: str) -> tuple[Run, int]:
    """A run that listens to the first source, while the others failed; and its card."""
    page = await rig.say(" ".join(["/newtask", first, *others]))
    await rig.press(page, "What to do")
    await rig.press(page, "Listen to new messages")
    await rig.until(page.id, "🧭 Listen to new messages")
    await rig.press(page, "Start")
    run = await rig.worker.open_run()
    [job, *failing] = await rig.worker.plan(run)
    chat = Chat(id=CHAT, kind=ChatKind.SUPERGROUP, title="Harbour News", username="harbour_news")
    await rig.database.chats.save(chat)
    key = await rig.worker.claim(job.id)
    assert await rig.database.jobs.progress(key, Progress(), chat=CHAT, top_id=500, moved=True)
    await rig.database.jobs.done(key, CLOCK.now())
    for one in failing:
        await fail(rig, one.id)
    await rig.worker.derive(run.id)
    [begun] = await rig.database.subscriptions.begun([run.id])
    await rig.database.subscriptions.want(begun)
    return run, page.id


async def fail(rig: Rig, job: str, account: int = 1) -> None:
    key = await rig.worker.claim(job, account)
    await rig.database.jobs.fail(key, Failure(reason="source_forbidden"), CLOCK.now())
    await rig.worker.derive(job.partition(":")[0])


async def test_who_goes_on_listening_is_said_on_the_card_of_the_run_before(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    await rig.press(page, "What to do")
    await rig.press(page, "Listen to new messages")
    await rig.until(page.id, "🧭 Listen to new messages")
    await rig.press(page, "Start")
    run = await rig.worker.open_run()
    [job] = await rig.worker.plan(run)
    await rig.database.jobs.done(await rig.worker.claim(job.id), CLOCK.now())
    await rig.worker.plan(run)
    listening = await rig.database.runs.get(run.id)
    assert listening is not None
    assert await rig.database.runs.continued(listening, CLOCK.now())
    await rig.worker.plan(run)
    assert await rig.worker.state(run.id) is RunState.DONE
    await rig.until(page.id, "Task #1 · Done", "Listening goes on in the run of")
