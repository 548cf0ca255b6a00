import re
from datetime import UTC, datetime, timedelta

from bot_rig import CLOCK, Rig, known, unknown
from waiting import wait_until

from core.account import AccountState
from core.task import PolicyKind, ScheduleKind
from db.expiry import Expiry


async def test_newtask_review_start_run_and_card(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    assert "New task" in page.text
    assert "@harbour_news" in page.text
    assert "All history" in page.text
    assert "Anna (#1)" in page.text
    await rig.worker.answer(known("@harbour_news"))
    await rig.until(page.id, "Harbour News", "1,234 members", "500 messages")
    await rig.press(page, "Start")
    run = await rig.worker.open_run()
    assert run.spec.sources == ("@harbour_news",)
    assert run.spec.policy.accounts == (1,)
    await rig.until(page.id, "Task #1 · Queued")
    [job] = await rig.worker.plan(run)
    key = await rig.worker.claim(job.id)
    await rig.worker.progress(key, 250, 500)
    await rig.worker.derive(run.id)
    await rig.until(page.id, "Task #1 · Running", "250 of 500", "50 %", "Anna (#1)")


async def test_sources_are_asked_for_and_read_in_many_forms(rig: Rig) -> None:
    page = await rig.say("/newtask")
    assert "Which groups or channels" in page.text
    page = await rig.say(
        "t.me/One_Group\nhttps://t.me/two_group/55, @three_group\nt.me/+AbCdEf12 ???"
    )
    for source in ("@one_group", "@two_group", "@three_group"):
        assert source in page.text
    assert "t.me/+AbCdEf…" in page.text
    assert "??? is neither" in page.text


async def test_a_typo_is_caught_with_a_suggestion_to_press(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_mews")
    await rig.worker.answer(unknown("@harbour_mews", ["@harbour_news"]))
    shown = await rig.until(page.id, "nobody has this name")
    assert "nobody has the name" in (await rig.press(page, "Start")).lower()
    assert await rig.database.runs.open_runs() == []
    assert any("Use @harbour_news" in b for row in shown.buttons for b in row)
    await rig.press(page, "Use @harbour_news")
    await rig.worker.answer(known("@harbour_news"))
    shown = await rig.until(page.id, "Harbour News", "500 messages")
    assert "@harbour_mews" not in shown.text
    await rig.press(page, "Start")
    assert (await rig.worker.open_run()).spec.sources == ("@harbour_news",)


async def test_without_an_answer_the_task_can_start_all_the_same(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    assert "looking up" in page.text
    await rig.until(page.id, "will be checked at the start")
    await rig.press(page, "Start")
    await rig.worker.open_run()


async def test_two_presses_of_start_make_one_task(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    queries = [await rig.me.press(page.id, "▶️ Start") for _ in range(4)]
    for query in queries:
        await rig.me.answered(query)
    tasks, total = await rig.database.tasks.page()
    assert (len(tasks), total) == (1, 1)
    assert len(await rig.database.runs.open_runs()) == 1
    assert "was used already" in queries[1].text


async def test_how_much_is_chosen_by_buttons_and_by_text(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    await rig.press(page, "What to read")
    await rig.until(page.id, "Or type a number")
    await rig.press(page, "Newest 10,000")
    await rig.until(page.id, "New task", "Newest 10,000")
    await rig.press(page, "What to read")
    page = await rig.say("a lot")
    assert "did not understand" in page.text
    page = await rig.say("2024-01-01..2024-06-30")
    assert "2024-01-01 to 2024-06-30" in page.text
    await rig.press(page, "Start")
    history = (await rig.worker.open_run()).spec.history
    assert history.since is not None
    assert history.until is not None
    assert history.since.isoformat() == "2023-12-31T23:00:00+00:00"
    assert history.until.isoformat() == "2024-06-30T21:59:59.999000+00:00"


async def test_the_account_step_offers_who_can_work_and_explains_who_cannot(rig: Rig) -> None:
    await rig.database.accounts.add_signed_out(name="Carol", phone="+1 •••", now=CLOCK.now())
    page = await rig.say("/newtask @harbour_news")
    await rig.press(page, "Account")
    shown = await rig.until(page.id, "Who shall do it?")
    labels = [row[0] for row in shown.buttons]
    assert labels[0] == "✓ ★ Anna #1 · default"
    assert labels[1] == "Boris #2"
    assert labels[2] == "Balance automatically"
    assert labels[3] == "🚫 Carol #3 · Not signed in"
    query = await rig.me.press(page.id, labels[3])
    await rig.me.answered(query)
    assert query.alert
    assert "telecrew login" in query.text
    await rig.press(page, "Balance automatically")
    await rig.until(page.id, "New task", "Balance automatically")
    await rig.press(page, "Start")
    assert (await rig.worker.open_run()).spec.policy.kind is PolicyKind.AUTO


async def test_another_account_is_preselected_when_the_default_cannot_work(rig: Rig) -> None:
    await rig.database.accounts.set_state(1, AccountState.LOST, reason="session_revoked")
    page = await rig.say("/newtask @harbour_news")
    assert "Boris (#2)" in page.text
    assert "default account cannot work" in page.text


async def test_without_a_ready_account_start_says_what_to_do(rig: Rig) -> None:
    for number in (1, 2):
        await rig.database.accounts.set_state(number, AccountState.LOST)
    page = await rig.say("/newtask @harbour_news")
    assert "telecrew login" in page.text
    assert "telecrew login" in await rig.press(page, "Start")
    assert await rig.database.runs.open_runs() == []


async def test_an_interval_starts_at_once_and_shows_its_next_time(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    await rig.press(page, "When")
    await rig.until(page.id, "Europe/Berlin")
    page = await rig.say("45m")
    assert "Every 45 minutes, first now" in page.text
    await rig.press(page, "Start")
    shown = await rig.until(page.id, "Task #1 · Queued", "Next run")
    assert re.search(r"Next run: (\d{4}-\d\d-\d\d )?\d\d:\d\d", shown.text)
    [task], _ = await rig.database.tasks.page()
    assert task.schedule.kind is ScheduleKind.EVERY
    assert task.schedule.anchor is not None
    assert task.next_due == task.schedule.anchor + timedelta(minutes=45)
    assert (await rig.worker.open_run()).due == task.created_at


async def test_a_daily_task_shows_its_card_and_runs_later(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    await rig.press(page, "When")
    await rig.press(page, "Every day at 09:00")
    await rig.until(page.id, "Every day at 09:00", "next")
    await rig.press(page, "Start")
    shown = await rig.until(page.id, "Task #1 · Scheduled", "Next runs:")
    assert ["▶️ Start"] in shown.buttons
    [task], _ = await rig.database.tasks.page()
    assert task.schedule.time_zone == "Europe/Berlin"
    assert task.next_due is not None
    assert await rig.database.runs.open_runs() == []


async def test_text_out_of_place_gets_a_hint_and_loses_nothing(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    page = await rig.say("what is this??")
    assert "did not understand" in page.text
    assert "@harbour_news" in page.text
    unknown_command = await rig.say("/nonsense")
    assert "/help" in unknown_command.text
    await rig.press(page, "Start")
    assert (await rig.worker.open_run()).spec.sources == ("@harbour_news",)


async def test_other_commands_work_while_the_wizard_is_open_and_cancel_closes_it(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    assert "Accounts" in (await rig.say("/accounts")).text
    assert "Closed" in (await rig.say("/cancel")).text
    await wait_until(lambda: not rig.me.message(page.id).buttons)
    assert "nothing to cancel" in (await rig.say("/cancel")).text
    assert "did not expect" in (await rig.say("hello")).text


async def test_a_new_wizard_takes_the_buttons_of_the_old_one(rig: Rig) -> None:
    first = await rig.say("/newtask @harbour_news")
    data = first.raw["reply_markup"]["inline_keyboard"][-2][0]["callback_data"]
    second = await rig.say("/newtask @crypto_talk")
    await wait_until(lambda: not rig.me.message(first.id).buttons)
    stale = rig.me.press_data(first.id, data)
    await rig.me.answered(stale)
    assert "was used already" in stale.text
    assert await rig.database.runs.open_runs() == []
    await rig.press(second, "Start")
    assert (await rig.worker.open_run()).spec.sources == ("@crypto_talk",)


async def test_sources_are_removed_and_added_in_the_review(rig: Rig) -> None:
    page = await rig.say("/newtask @one_group @two_group")
    await rig.press(page, "Sources (2)")
    await rig.press(page, "✕ @one_group")
    page = await rig.say("@three_group")
    assert "@one_group" not in page.text
    await rig.press(page, "Start")
    assert (await rig.worker.open_run()).spec.sources == ("@two_group", "@three_group")


async def test_a_task_is_edited_in_the_same_wizard(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    await rig.worker.finish(run)
    await rig.until(card.id, "Task #1 · Done")
    listing = await rig.say("/tasks")
    assert "#1" in listing.text
    assert "Anna (#1)" in listing.text
    await rig.press(listing, "#1")
    await rig.until(listing.id, "Task #1 · Done", "Done by")
    await rig.press(listing, "Edit")
    page = await rig.new("Edit task")
    await rig.press(page, "What to read")
    await rig.press(page, "Newest 1,000")
    await rig.until(page.id, "Newest 1,000", "When Start is pressed")
    await rig.press(page, "Save")
    await rig.until(page.id, "Task #1", "Newest 1,000")
    [task], _ = await rig.database.tasks.page()
    assert task.spec.history.limit == 1000
    assert (await rig.worker.get(run.id)).spec.history.limit is None


async def test_a_wizard_that_was_left_for_a_week_says_so(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    dialogs = rig.worker.raw["fsm"]

    async def page_and_stack_kept() -> bool:
        return await dialogs.count_documents({"touched_at": {"$exists": True}}) == 2

    await wait_until(page_and_stack_kept)
    expiry, now = Expiry(rig.worker.raw), datetime.now(UTC)
    await expiry.sweep(now + timedelta(days=6, hours=23))
    assert await dialogs.count_documents({}) >= 2
    await expiry.sweep(now + timedelta(days=7, hours=1))
    assert await dialogs.count_documents({}) == 0
    query = await rig.me.press(page.id, "▶️ Start")
    await rig.me.answered(query)
    assert "more than a week" in query.text
    assert "/newtask" in query.text
    await wait_until(lambda: not rig.me.message(page.id).buttons)
    assert await rig.database.runs.open_runs() == []
    again = await rig.say("/newtask @harbour_news")
    await rig.press(again, "Start")
    await rig.worker.open_run()
