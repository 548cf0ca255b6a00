"""What an earlier task collected goes with no task: it is listed, and kept or deleted when somebody
says so."""

from bot_rig import CLOCK, Rig
from waiting import wait_until

from app.doctor.finding import State
from app.doctor.store import look_at_chats
from core.chat import Chat, ChatKind
from core.claim import EARLIER, Came, claim_of
from core.message import Message
from db.client import MongoDatabase

LOST = Chat(id=-1001, kind=ChatKind.SUPERGROUP, title="Lost Harbour", username="lost_harbour")
OTHER = Chat(id=-1002, kind=ChatKind.SUPERGROUP, title="Other Pier", username="other_pier")


async def store(rig: Rig, chat: Chat, count: int) -> None:
    await rig.database.chats.save(chat)
    batch = [Message(chat=chat.id, box="", id=n, date=CLOCK.now()) for n in range(1, count + 1)]
    await rig.database.messages.add_new(batch)


async def test_one_is_kept_and_one_is_deleted(
    rig: Rig, mongo_uri: str, mongo_database: MongoDatabase
) -> None:
    await store(rig, LOST, 12)
    await store(rig, OTHER, 3)
    page = await rig.say("/earlier")
    await rig.until(page.id, "Lost Harbour", "messages: 12", "Other Pier", "messages: 3")
    [finding] = await look_at_chats(mongo_uri, mongo_database.name)
    assert finding.state is State.WARN
    assert finding.detail == "2: Other Pier (3 messages), Lost Harbour (12 messages)"
    assert "/earlier" in finding.advice
    await rig.tap(page, "Other Pier")
    await rig.until(page.id, "Keep what is stored, or delete it?")
    await rig.tap(page, "Keep")
    await rig.until(page.id, "You keep it.")
    await rig.tap(page, "Back")
    await rig.until(page.id, "📌", "❔")
    await rig.tap(page, "Lost Harbour")
    await rig.tap(page, "Delete")
    await rig.until(page.id, "Delete what is stored of Lost Harbour?", "12 messages")
    assert await rig.database.tallies.of_chat(LOST.id) == 12
    await rig.press(page, "Yes, delete 12 messages")
    await rig.until(page.id, "The 12 messages of Lost Harbour are deleted.")
    assert await rig.database.tallies.of_chat(LOST.id) == 0
    assert await rig.database.tallies.of_chat(OTHER.id) == 3
    assert await look_at_chats(mongo_uri, mongo_database.name) == []
    assert not await rig.database.claims.purged_by(LOST.id)


async def test_no_task_takes_it_along(rig: Rig) -> None:
    await store(rig, LOST, 12)
    await rig.database.build_claims(CLOCK.now())
    run, _ = await rig.started("@lost_harbour")
    await rig.worker.finish(run, chat=LOST.id)
    page = await rig.say("/tasks")
    await rig.tap(page, "Chats of earlier tasks")
    await rig.until(page.id, "Lost Harbour")
    await rig.tap(page, "Lost Harbour")
    await rig.until(page.id, "Also collected by: #1.")
    page = await rig.say("/tasks")
    await rig.press(page, "#1")
    await rig.until(page.id, "Task #1 ·")
    await rig.tap(page, "Delete")
    shown = await rig.until(page.id, "An earlier task collected these as well", "Lost Harbour")
    assert not any("12 messages" in label for row in shown.buttons for label in row)
    await rig.worker.raw["accounts"].update_many({}, {"$set": {"lease": None}})
    await rig.press(page, "Yes, delete")
    await rig.until(page.id, "Task #1 is deleted")
    assert await rig.database.tallies.of_chat(LOST.id) == 12


async def test_what_a_task_collected_too_is_left_to_it(rig: Rig) -> None:
    await store(rig, LOST, 12)
    await rig.database.build_claims(CLOCK.now())
    run, _ = await rig.started("@lost_harbour")
    await rig.worker.finish(run, chat=LOST.id)
    page = await rig.say("/earlier")
    await rig.tap(page, "Lost Harbour")
    await rig.tap(page, "Delete")
    await rig.until(page.id, "is also collected by: #1", "Nothing is deleted now")
    await rig.press(page, "Yes, leave them to the tasks")
    await rig.until(page.id, "belong to the tasks that collect it")
    assert await rig.database.tallies.of_chat(LOST.id) == 12
    page = await rig.say("/tasks")
    await rig.press(page, "#1")
    await rig.until(page.id, "Task #1 ·")
    await rig.tap(page, "Delete")
    await rig.until(page.id, "12 messages of Lost Harbour")
    await rig.worker.raw["accounts"].update_many({}, {"$set": {"lease": None}})
    await rig.press(page, "Delete with 12 messages")
    await rig.until(page.id, "with 12 messages?", "cannot be undone")
    await rig.press(page, "Yes, delete 12 messages")
    await rig.until(page.id, "so are the messages")
    assert await rig.database.tallies.of_chat(LOST.id) == 0


async def test_a_deletion_that_a_crash_cut_short_is_done_at_the_next_start(idle: Rig) -> None:
    await store(idle, LOST, 12)
    claim = claim_of(EARLIER, LOST.id, Came.EARLIER, CLOCK.now())
    await idle.database.claims.take([claim])
    await idle.database.claims.begin_purge(EARLIER, LOST.id, CLOCK.now())
    async with idle.running():
        await wait_until(lambda: gone(idle))
    assert await idle.database.tallies.of_chat(LOST.id) == 0


async def gone(rig: Rig) -> bool:
    return not await rig.database.claims.purged_by(LOST.id)


async def test_a_second_press_says_that_it_was_decided(rig: Rig) -> None:
    await store(rig, LOST, 2)
    page = await rig.say("/earlier")
    await rig.tap(page, "Lost Harbour")
    await rig.database.claims.drop(EARLIER, LOST.id)
    assert "decided before" in await rig.tap(page, "Keep")
