"""A typed name that showed another chat before is told in the review, before anything is read."""

from dataclasses import replace

import pytest
from bot_rig import Rig, known

from bot.features.newtask.lines import SourceLine, SourceState
from bot.features.newtask.sources import source_lines
from bot.i18n import Locales

NAME = "@harbour_news"
HERE = known(NAME).chat
TOLD = "was Old harbour before"


async def test_a_chat_that_the_crew_knew_by_it(rig: Rig) -> None:
    assert HERE is not None
    await rig.database.chats.save(replace(HERE, id=HERE.id - 5, title="Old harbour"))
    page = await rig.say(f"/newtask {NAME}")
    await rig.worker.answer(known(NAME))
    page = await rig.until(page.id, HERE.title, TOLD)
    assert page.text.count("the name has moved") == 1


async def test_a_chat_that_an_earlier_task_saw_behind_it_and_the_new_one_does_not(rig: Rig) -> None:
    """Whether the earlier one is edited, or another is made."""
    page = await rig.say(f"/newtask {NAME}")
    old = known(NAME)
    assert old.chat is not None
    await rig.worker.answer(replace(old, chat=replace(old.chat, id=-1009, title="Old harbour")))
    await rig.until(page.id, "Old harbour")
    await rig.press(page, "Start")
    await rig.until(page.id, "Task #1")
    page = await rig.say(f"/newtask {NAME}")
    await rig.worker.answer(known(NAME))
    await rig.until(page.id, TOLD)
    (task,) = await rig.database.tasks.naming([NAME])
    assert [one.title for one in task.spec.seen] == ["Old harbour"]
    listing = await rig.say("/tasks")
    await rig.tap(listing.id, "#1")
    await rig.tap(listing.id, "Edit")
    page = await rig.me.wait_for_message(lambda m: m.id > listing.id and "Edit task" in m.text)
    await rig.worker.answer(known(NAME))
    await rig.until(page.id, TOLD)


async def test_the_same_chat_under_a_new_title_has_not_moved(rig: Rig) -> None:
    assert HERE is not None
    await rig.database.chats.save(replace(HERE, title="Old harbour"))
    page = await rig.say(f"/newtask {NAME}")
    await rig.worker.answer(known(NAME))
    page = await rig.until(page.id, HERE.title)
    assert "before" not in page.text


@pytest.mark.parametrize(("language", "words"), [("en", "before"), ("zh", "之前是")])
def test_it_is_told_first_and_in_both_languages(language: str, words: str) -> None:
    plain = [
        SourceLine(source=f"@n{number}", state=SourceState.FOUND, chat=HERE) for number in range(20)
    ]
    moved = SourceLine(source="@moved", state=SourceState.FOUND, chat=HERE, before="<Old>")
    text = source_lines(Locales().of(language), [*plain, moved])
    assert words in text
    assert "&lt;Old&gt;" in text
    assert text.index("@moved") < text.index("@n0")
