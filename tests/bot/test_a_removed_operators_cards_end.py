"""The cards of an operator who is removed are edited no more, which the log says once; everybody
else's go on, and so do his when he is back."""

import pytest
from bot_rig import Rig
from structlog.testing import capture_logs
from waiting import wait_until

from core.job import JobKey
from core.run import Run


async def begun(rig: Rig, run: Run) -> JobKey:
    [job] = await rig.worker.plan(run)
    key = await rig.worker.claim(job.id)
    await rig.worker.progress(key, 50, 500)
    await rig.worker.derive(run.id)
    return key


async def is_shown(rig: Rig, run: Run) -> bool:
    return run.id not in {one.id for one in await rig.database.runs.to_show()}


async def remove(rig: Rig, operator: int) -> None:
    await rig.worker.raw["operators"].delete_one({"_id": operator})


def ended(logs: list) -> list[int]:
    return [one["operator"] for one in logs if one["event"] == "cards.ended"]


@pytest.fixture
async def two(rig: Rig) -> tuple[Rig, Run, int]:
    """Another operator has a run with a card, too; both are at work."""
    await rig.database.operators.ensure_admin(rig.stranger.id)
    page = await rig.say("/newtask @harbour_news")
    await rig.press(page, "Start")
    run = await rig.worker.open_run()
    await rig.worker.raw["runs"].update_one({"_id": run.id}, {"$set": {"owner": rig.me.id}})
    return rig, run, page.id


async def test_they_are_edited_no_more(two: tuple[Rig, Run, int]) -> None:
    rig, run, card = two
    key = await begun(rig, run)
    await rig.until(card, "50 of 500", timeout=20)
    with capture_logs() as logs:
        await remove(rig, rig.me.id)
        await wait_until(lambda: ended(logs), timeout=20)
        calls = len(rig.calls())
        for read in (100, 200, 300):
            await rig.worker.progress(key, read, 500)
            await rig.worker.derive(run.id)
        await rig.worker.db.jobs.done(key, (await rig.worker.get(run.id)).created_at)
        await rig.worker.derive(run.id)
        await wait_until(lambda: is_shown(rig, run), timeout=20)
        assert ended(logs) == [rig.me.id]
    assert len(rig.calls()) == calls
    assert "50 of 500" in rig.me.message(card).text


async def test_they_go_on_when_he_is_back(two: tuple[Rig, Run, int]) -> None:
    rig, run, card = two
    key = await begun(rig, run)
    await rig.until(card, "50 of 500", timeout=20)
    with capture_logs() as logs:
        await remove(rig, rig.me.id)
        await wait_until(lambda: ended(logs), timeout=20)
    await rig.worker.progress(key, 100, 500)
    await rig.database.operators.ensure_admin(rig.me.id)
    await rig.until(card, "100 of 500", timeout=20)


async def test_others_go_on(two: tuple[Rig, Run, int]) -> None:
    rig, run, card = two
    other = rig.stranger
    await other.send("/newtask @harbour_logs")
    page = await other.wait_for_message(lambda m: "harbour_logs" in m.text, 20)
    await other.press(page.id, "▶️ Start")
    await other.wait_for_message(lambda m: m.id == page.id and "Task #2" in m.text, 20)
    theirs = await rig.worker.open_run()
    key = await begun(rig, theirs)
    await remove(rig, rig.me.id)
    await rig.worker.progress(await begun(rig, run), 100, 500)
    await rig.worker.progress(key, 300, 500)
    await other.wait_for_message(lambda m: m.id == page.id and "300 of 500" in m.text, 20)
    assert "100 of 500" not in rig.me.message(card).text


async def test_a_card_that_he_had_of_anothers_run_goes_back_to_its_owner(
    two: tuple[Rig, Run, int],
) -> None:
    rig, run, card = two
    other = rig.stranger
    await other.send("/help")
    shown = await other.wait_for_message(lambda m: "Quick start" in m.text, 20)
    await rig.worker.raw["runs"].update_one(
        {"_id": run.id}, {"$set": {"card": {"chat": other.id, "message": shown.id}}}
    )
    await remove(rig, other.id)
    await wait_until(lambda: rig.bot._known.get(other.id) is None, timeout=20)
    await begun(rig, run)
    await wait_until(lambda: any("50 of 500" in m.text for m in rig.me.messages), timeout=20)
    kept = (await rig.worker.get(run.id)).card
    assert kept is not None
    assert kept.chat == rig.me.id
    assert "Quick start" in other.message(shown.id).text
    assert card
