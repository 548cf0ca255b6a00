"""Wherever a chat is named, a private one has its title: no invite link, no id."""

from dataclasses import replace

import pytest
from bot_rig import CLOCK, Rig, known

from bot.titles import Title, short, titles_of
from core.chat import Chat, ChatKind
from core.job import Failure, Wait
from core.lookup import Found
from core.membership import Invite
from core.message import Message
from core.run import Run
from core.task import SeenChat, SourceTitle, TaskSpec
from sandbox.bot_api.person import Seen

CLOSED, ENTERED, NUMBERED = "+SecretHashAlpha1", "+SecretHashBeta22", "-1001234567890"
RAW = ("t.me/+", "SecretHash", "-100123", "1234567890")
"""What nobody is to see once the titles are known."""


def chat(number: int, title: str) -> Chat:
    return Chat(id=number, kind=ChatKind.SUPERGROUP, title=title)


ANSWERS = (
    Found(source=CLOSED, invite=Invite(title="Alpha circle", kind=ChatKind.SUPERGROUP, members=5)),
    Found(source=ENTERED, chat=chat(-1_001_000_000_002, "Beta circle")),
    Found(source=NUMBERED, chat=chat(-1_001_234_567_890, "Gamma & friends")),
)
TITLES = ("Alpha circle", "Beta circle", "Gamma & friends")


def named(shown: Seen, *titles: str) -> None:
    assert all(title in shown.text for title in titles), shown.text
    labels = str(shown.buttons)
    assert not [raw for raw in RAW if raw in shown.text or raw in labels], shown.text


async def started(rig: Rig) -> tuple[Run, Seen]:
    page = await rig.say(f"/newtask t.me/{CLOSED} t.me/{ENTERED} {NUMBERED}")
    await rig.worker.answer(*ANSWERS)
    await rig.until(page.id, *TITLES)
    await rig.press(page, "Sources (3)")
    shown = await rig.until(page.id, "Press one to remove it")
    labels = [label for row in shown.buttons for label in row]
    assert {f"✕ {title}" for title in TITLES} <= set(labels)
    await rig.press(page, "Back")
    assert "not in Alpha circle" in await rig.tap(page.id, "Start")
    await rig.tap(page.id, "Join and collect")
    await rig.tap(page.id, "Start")
    run = await rig.worker.open_run()
    assert [one.title for one in run.spec.titles] == list(TITLES)
    return run, page


async def test_cards_and_lists_call_them_by_their_titles(rig: Rig) -> None:
    run, page = await started(rig)
    named(await rig.until(page.id, "Task #1 ·"), *TITLES)
    jobs = {job.source: job for job in await rig.worker.plan(run)}
    assert await rig.database.jobs.wait(
        await rig.worker.claim(jobs[ENTERED].id), Wait(why="join_pending")
    )
    detail = {"source": CLOSED}
    failed = Failure(reason="join_refused", detail=detail)
    await rig.database.jobs.fail(await rig.worker.claim(jobs[CLOSED].id), failed, CLOCK.now())
    await rig.worker.derive(run.id)
    shown = await rig.until(page.id, "✗ Alpha circle: The account may not enter Alpha circle")
    named(shown, "Alpha circle, Beta circle")
    listing = await rig.say("/tasks")
    named(listing, "Alpha circle, Beta circle")
    await rig.press(listing, "#1")
    named(await rig.until(listing.id, "Done by"), *TITLES)
    queue = await rig.say("/queue")
    named(queue, "Alpha circle, Beta circle", "asked to join Beta circle")
    await rig.press(listing, "Edit")
    edit = await rig.new("Edit task")
    named(edit, *TITLES)


async def test_a_task_of_the_last_release_gets_the_titles_that_its_jobs_came_to(rig: Rig) -> None:
    run, page = await started(rig)
    for rows in ("tasks", "runs"):
        change = {"$unset": {"spec.titles": ""}, "$set": {"spec.seen": []}}
        await rig.worker.raw[rows].update_many({}, change)
    before = await rig.worker.get(run.id)
    assert (before.spec.titles, before.spec.seen) == ((), ())
    for place, job in enumerate(await rig.worker.plan(before)):
        await rig.database.chats.save(chat(-1_002_000_000_000 - place, TITLES[place]))
        key = await rig.worker.claim(job.id)
        await rig.worker.progress(key, 0, 0, chat=-1_002_000_000_000 - place)
    await rig.worker.derive(run.id)
    named(await rig.until(page.id, *TITLES), *TITLES)
    named(await rig.say("/tasks"), "Alpha circle, Beta circle")


async def test_an_export_says_of_which_chats_it_is(rig: Rig) -> None:
    run, page = await rig.started("@harbour_news", "@harbour_two")
    await rig.worker.finish(run)
    found = known("@harbour_news").chat
    assert found is not None
    await rig.database.chats.save(replace(found, title="Harbour & friends", username=None))
    await rig.database.messages.add_new(
        [Message(chat=found.id, box="", id=1, date=CLOCK.now(), text="hello")]
    )
    await rig.until(page.id, "Task #1 · Done")
    await rig.tap(page.id, "Export")
    choice = await rig.new("As which file?")
    await rig.press(choice, "CSV")
    await rig.new("Exported 1 messages")
    [sent] = [one.raw for one in rig.me.messages if "document" in one.raw]
    assert sent["caption"].startswith("Harbour & friends\n1 message")


@pytest.mark.parametrize(
    ("spec", "titles"),
    [
        (TaskSpec(sources=("@one",)), {}),
        (TaskSpec(sources=("+a1",)), {}),
        (TaskSpec(sources=("+a1",), titles=(SourceTitle(source="+a1", title="A"),)), {"+a1": "A"}),
        (
            TaskSpec(sources=("+a1",), seen=(SeenChat(source="+a1", chat=-5, title="A"),)),
            {"+a1": "A"},
        ),
        (TaskSpec(sources=("@one",), seen=(SeenChat(source="@one", chat=-5, title="A"),)), {}),
        (TaskSpec(sources=("+a1",), titles=(SourceTitle(source="+a1", title=" \n"),)), {}),
        (
            TaskSpec(
                sources=("+first1111", "+second2222"),
                titles=(
                    SourceTitle(source="+first1111", title="Same  name"),
                    SourceTitle(source="+second2222", title="Same name"),
                ),
            ),
            {"+first1111": "Same name (…1111)", "+second2222": "Same name (…2222)"},
        ),
    ],
)
def test_titles_are_told_apart(spec: TaskSpec, titles: dict[str, str]) -> None:
    assert titles_of(spec) == titles


@pytest.mark.parametrize("title", ["+1 club", "-5 degrees", "@home", "x" * 200])
def test_a_title_is_shown_as_it_is_whatever_it_begins_with(title: str) -> None:
    assert short(Title(title)) == (title if len(title) < 33 else "x" * 31 + "…")
