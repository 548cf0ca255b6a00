"""The screen of a run's coverage, and the button that reads what is unknown."""

from datetime import UTC, datetime

import pytest
from bot_rig import CLOCK, Rig

from bot.features.runs.coverage import HIDDEN, KNOWN, UNCONFIRMED, UNKNOWN, strip
from core.chat import Chat, ChatKind
from core.coverage import measure, regions
from core.job import JobKey, Progress
from core.options import HistoryOptions
from core.record import Record
from core.run import RunState
from core.span import IntervalSet, Span
from core.task import Step
from core.undecoded import Undecoded

CHAT = -1001


async def fill(rig: Rig, *, stored: range = range(51, 91), proven: int | None = None) -> None:
    """Of 100 ids the upper half is proven, with ten holes; or all up to `proven`."""
    chat = Chat(id=CHAT, kind=ChatKind.SUPERGROUP, title="Harbour News", username="harbour_news")
    await rig.database.chats.save(chat)
    date = datetime(2026, 1, 1, tzinfo=UTC)
    records: list[Record] = [
        {"chat": CHAT, "box": "", "id": number, "date": date} for number in stored
    ]
    await rig.database.messages.add_records(records)
    span = Span(chat=CHAT, box="", lo=stored[0], hi=proven or 100, account=1, read_at=date)
    await rig.database.spans.extend(JobKey(job="x", account=1, token=1), span)


async def test_numbers_add_up_and_repair_reads_on_without_a_limit(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    await rig.worker.raw["runs"].update_one({"_id": run.id}, {"$set": {"spec.history.limit": 40}})
    await fill(rig)
    await rig.worker.finish(await rig.worker.get(run.id), read=100, chat=CHAT)
    shown = await rig.until(card.id, "Task #1 · Done")
    assert "Message numbers" not in shown.text
    await rig.press(shown, "Coverage")
    cover = await rig.new("Coverage of task #1")
    assert "40 stored · 10 known to be absent · 50 unknown" in cover.text
    assert "Messages 1 to 100" in cover.text
    assert UNKNOWN * 12 + KNOWN * 12 in cover.text
    await rig.press(cover, "Read what is unknown")
    again = await rig.worker.open_run()
    assert again.id != run.id
    assert again.spec.sources == ("@harbour_news",)
    assert again.spec.steps == (Step.HISTORY,)
    assert again.spec.history == HistoryOptions()
    toast = await rig.press(cover, "Read what is unknown")
    assert "already" in toast
    await rig.worker.finish(again, read=100, chat=CHAT)
    assert await rig.worker.state(again.id) is RunState.DONE
    await rig.new("Task #1 · Done", "Message numbers: 50 known · 50 unknown")
    kept = await rig.database.tasks.get(run.task)
    assert kept is not None
    assert kept.spec.sources == run.spec.sources
    assert CLOCK.now() >= again.due


async def test_chats_are_shown_on_pages(rig: Rig) -> None:
    run, card = await rig.started(*(f"@group_{number:02d}" for number in range(10)))
    for number, job in enumerate(await rig.worker.plan(run)):
        chat = Chat(id=-2000 - number, kind=ChatKind.SUPERGROUP, title=f"Group {number:02d}")
        await rig.database.chats.save(chat)
        key = await rig.worker.claim(job.id)
        await rig.worker.progress(key, 20, 20, chat=chat.id)
        await rig.database.jobs.done(key, CLOCK.now())
    await rig.worker.derive(run.id)
    shown = await rig.until(card.id, "Task #1 · Done")
    await rig.press(shown, "Coverage")
    cover = await rig.new("Coverage of task #1", "Group 07", "160 message numbers are unknown")
    assert "Group 08" not in cover.text
    await rig.press(cover, "›")
    shown = await rig.until(cover.id, "Group 08", "Group 09", "40 message numbers are unknown")
    await rig.press(shown, "Read what is unknown")
    again = await rig.worker.open_run()
    assert len(again.spec.sources) == 10


async def test_what_is_not_understood_is_counted_by_itself(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    await fill(rig)
    lost = [
        Undecoded(chat=CHAT, box="", id=number, raw=b"newer", why="5eed0bad", decoder="1")
        for number in (7, 60, 95, 96)
    ]
    assert await rig.database.undecoded.keep(lost, CLOCK.now()) == 4
    (job,) = await rig.worker.plan(run)
    key = await rig.worker.claim(job.id)
    read = Progress(read=40, new=40, total=40, undecoded=3)
    assert await rig.database.jobs.progress(key, read, chat=CHAT, top_id=100, moved=True)
    await rig.database.jobs.done(key, CLOCK.now())
    await rig.worker.derive(run.id)
    shown = await rig.until(card.id, "Task #1 · Done", "3 messages are stored but not understood")
    await rig.press(shown, "Coverage")
    cover = await rig.new("Coverage of task #1")
    counts = "40 stored · 8 known to be absent · 3 stored, not understood · 49 unknown"
    assert counts in cover.text


def test_one_unknown_id_is_seen_in_the_strip() -> None:
    proven = IntervalSet.of([(101, 999), (1_001, 2_400)])
    parted = regions(1, 2_400, proven, [101])
    drawn = strip(measure(1, 2_400, parted, in_proven=2_299, in_hidden=0, in_gaps=0))
    assert drawn == HIDDEN + KNOWN * 8 + UNKNOWN + KNOWN * 14
    assert strip(measure(1, 3, regions(1, 3, proven, []), in_proven=0, in_hidden=0, in_gaps=0)) == (
        UNKNOWN * 3
    )


WORDS = {
    "en": (
        "All 98 message numbers known",
        "The newest 2 messages are stored. The next reading, in a minute or later, will confirm",
        "Confirm now",
        "stored, not yet confirmed",
        "Nothing is missing.",
    ),
    "zh": ("98", "最新的 2 条消息已保存", "现在确认", "已保存，待确认", "没有遗漏。"),
}


@pytest.mark.parametrize("language", WORDS)
async def test_the_newest_messages_are_to_be_confirmed_on_card_and_coverage_alike(
    rig: Rig, language: str
) -> None:
    known, newest, confirm, legend, complete = WORDS[language]
    run, _ = await rig.started("@harbour_news")
    await rig.database.operators.set_language(rig.me.id, language)
    await fill(rig, stored=range(1, 101), proven=98)
    await rig.worker.finish(await rig.worker.get(run.id), read=100, chat=CHAT)
    ended = await rig.new(newest, known)
    assert UNKNOWN not in ended.text
    rig.me.press_data(await card_of(rig, run.id), f"r:cover:{run.id}")
    cover = await rig.new(newest, legend, KNOWN * 23 + UNCONFIRMED)
    shown = next(line for line in cover.text.splitlines() if line.startswith(KNOWN * 2))
    assert UNKNOWN not in shown
    assert complete not in cover.text.splitlines()
    assert [label for row in cover.buttons for label in row] == [confirm]
    await rig.press(cover, confirm)
    again = await rig.worker.open_run()
    assert (again.spec.steps, again.spec.sources) == ((Step.HISTORY,), ("@harbour_news",))
    span = Span(chat=CHAT, box="", lo=99, hi=100, account=1, read_at=CLOCK.now())
    await rig.database.spans.extend(JobKey(job="y", account=1, token=1), span)
    await rig.worker.finish(again, read=2, chat=CHAT)
    rig.me.press_data(cover.id, f"r:cover:{run.id}")
    whole = await rig.new(complete, KNOWN * 24)
    assert newest not in whole.text
    assert whole.buttons == []


async def card_of(rig: Rig, run: str) -> int:
    card = (await rig.worker.get(run)).card
    assert card is not None
    return card.message
