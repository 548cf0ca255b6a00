from zoneinfo import ZoneInfo

import pytest
from bot_rig import CLOCK, Rig, known

from bot.errors import BotError
from bot.features.newtask import keeping, views
from bot.features.newtask.draft import Draft, copy_of, draft_of
from bot.features.newtask.service import Review
from bot.i18n import Locales
from core.message import DeletionPolicy
from core.task import Schedule, TaskSpec

KEEP = DeletionPolicy.KEEP
ZONE = ZoneInfo("Asia/Shanghai")


async def test_days_and_deletions_are_pressed_and_typed(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    assert "🗄" not in page.text
    await rig.tap(page.id, "Keeping")
    await rig.until(page.id, "Now: for ever · deleted texts go here, too", "the strictest counts")
    await rig.tap(page.id, "for 90 days")
    await rig.until(page.id, "Now: for 90 days")
    await rig.tap(page.id, "✓ for 90 days")
    assert "did not understand" in (await rig.say("a while")).text
    page = await rig.say("45 days")
    assert "Now: for 45 days" in page.text
    await rig.tap(page.id, "Deleted texts stay")
    await rig.tap(page.id, "✓ Deleted texts stay")
    await rig.tap(page.id, "Back")
    await rig.until(page.id, "🗄 for 45 days · deleted texts stay, marked")
    await rig.tap(page.id, "Start")
    spec = (await rig.worker.open_run()).spec
    assert (spec.keep_days, spec.deletions) == (45, KEEP)
    [task], _ = await rig.database.tasks.page()
    for draft in (draft_of(task), copy_of(task)):
        assert (draft.keep_days, draft.deletions) == (45, KEEP)
    listing = await rig.say("/tasks")
    await rig.tap(listing.id, "#1")
    await rig.until(listing.id, "🗄 for 45 days · deleted texts stay, marked")


async def test_what_other_tasks_want_of_the_same_chats_is_shown(rig: Rig) -> None:
    run, _ = await rig.started("@harbour_news")
    await rig.worker.finish(run, chat=-1001)
    await _task(rig, "@other_name", keep_days=7, deletions=KEEP)
    page = await rig.say("/newtask @harbour_news @other_name -1001000000001")
    await rig.tap(page.id, "Keeping")
    shown = await rig.until(page.id, "Task #2: for 7 days")
    assert "Task #1" not in shown.text
    await rig.tap(page.id, "Deleted texts stay")
    await rig.until(page.id, "Task #2: for 7 days", "Task #1: deleted texts go here, too")
    await rig.tap(page.id, "for 7 days")
    shown = await rig.until(page.id, "Now: for 7 days", "Task #1: deleted texts go")
    assert "Task #2" not in shown.text


async def test_a_chat_is_known_again_by_another_name(rig: Rig) -> None:
    run, _ = await rig.started("@harbour_news")
    await rig.worker.finish(run, chat=-1001)
    await rig.me.wait_for_message(lambda m: "Done" in m.text)
    page = await rig.say("/newtask t.me/+OpenHash04")
    await rig.worker.raw["lookups"].delete_many({"sources": "@harbour_news"})
    await rig.worker.answer(known("+OpenHash04"))
    await rig.until(page.id, "joined already")
    await rig.tap(page.id, "Keeping")
    await rig.tap(page.id, "Deleted texts stay")
    await rig.until(page.id, "Task #1: deleted texts go here, too")


@pytest.mark.parametrize(
    ("text", "days"), [("30", 30), ("90d", 90), ("1 day", 1), ("180 天", 180), ("永久", None)]
)
def test_days_are_read_as_people_write_them(text: str, days: int | None) -> None:
    assert keeping.read(Draft(keep_days=5), text).keep_days == days


@pytest.mark.parametrize("text", ["0", "99999", "soon", "", "-3"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(BotError):
        keeping.read(Draft(), text)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "is not read again"), ("zh", "读过的内容不会再读")]
)
def test_it_is_said_that_nothing_is_read_twice(language: str, words: str) -> None:
    data = Review(draft=Draft(), lines=(), account=None, ready=1, next_due=None, now=CLOCK.now())
    screen = views.what(Locales().of(language), data, ZONE)
    assert words in screen.text


async def _task(rig: Rig, source: str, **wishes: object) -> None:
    await rig.database.tasks.add(
        owner=1,
        chat=1,
        spec=TaskSpec(sources=(source,), **wishes),  # type: ignore[arg-type]
        schedule=Schedule(),
        next_due=None,
        now=CLOCK.now(),
    )
