"""A search without a result tells why, and leads to other words."""

import pytest
from bot_rig import CLOCK, Rig

from core.run import Run


async def ended(rig: Rig) -> Run:
    """The open run after all its searches ended well."""
    run = await rig.worker.open_run()
    for job in await rig.worker.plan(run):
        key = await rig.worker.claim(job.id)
        await rig.database.jobs.done(key, CLOCK.now())
    return await rig.worker.derive(run.id)


@pytest.mark.parametrize("preset", ["Find groups", "Find, join and collect", "All of it"])
async def test_other_words_are_one_press_away(rig: Rig, preset: str) -> None:
    page = await rig.say("/newtask")
    await rig.press(page, preset)
    await rig.until(page.id, "Words to search for")
    page = await rig.say("bitcoin 币圈; poker")
    await rig.press(page, "Start")
    run = await ended(rig)
    card = await rig.until(page.id, "No group was found", "one by one: bitcoin, 币圈")
    assert "go by the names of groups" in card.text
    await rig.press(card, "Other words")
    form = await rig.new("Words to search for", "bitcoin 币圈")
    await rig.press(form, "✕ bitcoin 币圈")
    form = await rig.say("bitcoin，币圈")
    assert "🔎 poker, bitcoin, 币圈" in form.text
    await rig.press(form, "Save")
    [task], _ = await rig.database.tasks.page()
    assert task.id == run.task
    assert task.spec.search.words == ("poker", "bitcoin", "币圈")


async def test_telegrams_own_search_alone_is_called_so(rig: Rig) -> None:
    page = await rig.say("/newtask")
    await rig.press(page, "Find groups")
    page = await rig.say("poker")
    await rig.press(page, "Where to search")
    await rig.press(page, "☑ @findbot")
    await rig.press(page, "Back")
    await rig.tap(page.id, "Start")
    await ended(rig)
    card = await rig.until(page.id, "No group was found", "SEARCH_BOTS")
    assert "one by one" not in card.text


async def test_a_search_that_failed_is_told_as_a_failure(rig: Rig) -> None:
    page = await rig.say("/newtask")
    await rig.press(page, "Find groups")
    page = await rig.say("poker")
    await rig.press(page, "Start")
    await rig.worker.fail(await rig.worker.open_run(), "bot_silent")
    card = await rig.until(page.id, "does not answer")
    assert "No group was found" not in card.text
