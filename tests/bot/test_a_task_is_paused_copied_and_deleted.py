"""What the card of a task can do with its run, its schedule and its messages."""

from datetime import timedelta

from bot_rig import CLOCK, Rig
from waiting import wait_until

from core.chat import Chat, ChatKind, Peer
from core.message import Message
from core.run import Intent, Run, RunState
from core.task import Schedule, ScheduleKind, TaskState
from sandbox.bot_api.person import Seen

CHAT = Chat(id=-1001, kind=ChatKind.SUPERGROUP, title="Harbour News", username="harbour_news")


async def test_a_run_is_paused_and_goes_on(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news", "@harbour_two")
    await rig.worker.plan(run)
    page = await opened(rig, run)
    await rig.press(page, "Pause")
    assert (await rig.worker.get(run.id)).intent is Intent.PAUSE
    assert [job.hold for job in await rig.database.jobs.of_run(run.id)] == [True, True]
    assert await rig.database.jobs.claim(f"{run.id}:0000", 1, 1, CLOCK.now()) is None
    await rig.worker.derive(run.id)
    assert await rig.worker.state(run.id) is RunState.PAUSED
    await rig.until(card.id, "Paused")
    await rig.press(page, "Tasks")
    page = await opened(rig, run)
    await rig.press(page, "Resume")
    await rig.until(page.id, "Task #1")
    assert (await rig.worker.get(run.id)).intent is Intent.GO
    await rig.worker.claim(f"{run.id}:0000")
    await rig.worker.derive(run.id)
    await rig.until(card.id, "Running")


async def test_a_resumed_schedule_does_not_make_up_for_its_rest(rig: Rig) -> None:
    missed = CLOCK.now() - timedelta(hours=5)
    schedule = Schedule(kind=ScheduleKind.EVERY, every=timedelta(hours=1), anchor=missed)
    run, _ = await rig.started("@harbour_news")
    await rig.worker.finish(run)
    await rig.worker.raw["tasks"].update_one(
        {"_id": run.task},
        {
            "$set": {
                "schedule.kind": schedule.kind,
                "schedule.every": 3600.0,
                "schedule.anchor": missed,
                "next_due": missed + timedelta(hours=1),
                "state": TaskState.PAUSED,
            }
        },
    )
    page = await opened(rig, run)
    await rig.press(page, "Resume schedule")
    shown = await rig.until(page.id, "Next runs")
    assert shown.text.split("Next runs: ")[1].split("\n")[0].count(" · ") == 2
    task = await rig.database.tasks.get(run.task)
    assert task is not None
    assert task.next_due is not None
    assert task.next_due > CLOCK.now()


async def test_a_copy_is_a_task_of_its_own(rig: Rig) -> None:
    run, _ = await rig.started("@harbour_news", "@harbour_two")
    page = await opened(rig, run)
    await rig.press(page, "Copy")
    copy = await rig.new("New task", "@harbour_two")
    await rig.press(copy, "Start")
    await rig.until(copy.id, "Task #2")
    tasks, total = await rig.database.tasks.page()
    assert total == 2
    assert tasks[0].spec.sources == tasks[1].spec.sources
    assert tasks[0].id != tasks[1].id


async def test_messages_go_with_a_task_only_where_no_other_names_their_chat(rig: Rig) -> None:
    first, _ = await rig.started("@harbour_news")
    await rig.worker.finish(first)
    second, _ = await rig.started("@harbour_news")
    await rig.worker.finish(second)
    await store(rig, 12)
    page = await opened(rig, second, "#2")
    await rig.press(page, "Delete")
    shown = await rig.until(page.id, "Delete task #2?", "Other tasks name these as well")
    assert not any("12 messages" in label for row in shown.buttons for label in row)
    await rig.press(page, "Yes, delete")
    await rig.until(page.id, "Task #2 is deleted")
    assert await rig.database.tallies.of_chat(CHAT.id) == 12
    page = await opened(rig, first)
    await rig.press(page, "Delete")
    await rig.until(page.id, "12 messages of Harbour News")
    await rig.press(page, "Delete with 12 messages")
    await rig.until(page.id, "with 12 messages?", "cannot be undone")
    await rig.press(page, "Yes, delete 12 messages")
    await rig.until(page.id, "so are the messages")
    assert await rig.database.tallies.of_chat(CHAT.id) == 0
    assert await rig.database.tasks.get(first.task) is None


async def test_accounts_leave_with_a_task_what_no_other_task_names(rig: Rig) -> None:
    own = Chat(id=-1_001_000_000_011, kind=ChatKind.SUPERGROUP, title="Own", username="own_group")
    shared = Chat(id=-1_001_000_000_012, kind=ChatKind.SUPERGROUP, title="Both", username="both_go")
    run, _ = await rig.started("@own_group", "@both_go")
    await rig.started("@both_go")
    jobs = await rig.worker.plan(run)
    for chat, job in zip((own, shared), jobs, strict=True):
        await rig.database.chats.save(chat)
        peer = Peer(chat=chat.id, kind=chat.kind, access_hash=1)
        await rig.database.memberships.joined(1, peer, job.source, CLOCK.now(), task=run.task)
        await rig.worker.progress(await rig.worker.claim(job.id), 10, 10, chat=chat.id)
    page = await opened(rig, run)
    await rig.press(page, "Delete")
    shown = await rig.until(page.id, "Delete task #1?", "Other tasks name these as well")
    assert "leave" not in shown.text
    await rig.press(page, "Back")
    await rig.until(page.id, "Task #1 ·")
    change = {"$set": {"spec.join.leave": True}}
    await rig.worker.raw["tasks"].update_one({"_id": run.task}, change)
    await rig.press(page, "Delete")
    shown = await rig.until(page.id, "Its accounts leave what they joined for it (1): Own.")
    assert "They stay in what other tasks name as well: Both." in shown.text
    await rig.worker.raw["accounts"].update_many({}, {"$set": {"lease": None}})
    await rig.press(page, "Yes, delete")
    await rig.until(page.id, "Task #1 is deleted")
    leaving = await rig.database.memberships.leaving([1, 2])
    assert [one.chat for one in leaving] == [own.id]


async def store(rig: Rig, count: int) -> None:
    await rig.database.chats.save(CHAT)
    batch = [Message(chat=CHAT.id, box="", id=n, date=CLOCK.now()) for n in range(1, count + 1)]
    await rig.database.messages.add_new(batch)


async def opened(rig: Rig, run: Run, button: str = "#1") -> Seen:
    """The card of the task in a new message."""
    page = await rig.say("/tasks")
    await rig.press(page, button)
    await wait_until(lambda: f"Task #{run.number} ·" in rig.me.message(page.id).text)
    return page
