from bot_rig import CLOCK, Rig
from waiting import wait_until

from collector.run_keeper import RunKeeper
from core.account import AccountState
from core.job import JobState
from core.operator import Role
from core.run import Intent, Run, RunState
from sandbox.bot_api.person import Seen


async def test_the_home_page_tells_how_things_are(rig: Rig) -> None:
    await rig.started("@harbour_news")
    home = await rig.say("/start")
    assert "Running now: 1 · Tasks: 1" in home.text
    assert "Accounts ready: 2 of 2" in home.text
    await rig.press(home, "Help")
    await rig.until(home.id, "Quick start")
    await rig.press(home, "Writing sources")
    await rig.until(home.id, "tg://resolve?domain=name")


async def test_deleting_asks_first_stops_the_run_and_keeps_messages(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    [job] = await rig.worker.plan(run)
    key = await rig.worker.claim(job.id)
    await rig.worker.derive(run.id)
    await rig.until(card.id, "Running")
    page = await rig.say("/tasks")
    await rig.press(page, "#1")
    await rig.until(page.id, "Task #1 · Running")
    await rig.press(page, "Delete")
    await rig.until(page.id, "Delete task #1?", "messages stay")
    assert await rig.database.tasks.get(run.task) is not None
    await rig.press(page, "Yes, delete")
    await rig.until(page.id, "Deleting task #1")
    await wait_until(lambda: _is_cancelled(rig, run.id))
    await rig.database.jobs.cancel(key, CLOCK.now())
    await rig.worker.derive(run.id)
    await rig.until(page.id, "Task #1 is deleted", "stay")
    assert await rig.database.tasks.get(run.task) is None
    assert await rig.database.runs.get(run.id) is None
    assert await rig.database.jobs.of_run(run.id) == []
    query = rig.me.press_data(card.id, f"t:open:{run.task}")
    await rig.me.answered(query)
    assert "does not exist" in query.text
    await wait_until(lambda: not rig.me.message(card.id).buttons)


async def test_a_deletion_that_was_begun_is_finished_after_a_restart(idle: Rig) -> None:
    await idle.worker.lease()
    async with idle.running():
        run, card = await idle.started("@harbour_news")
        [job] = await idle.worker.plan(run)
        key = await idle.worker.claim(job.id)
        await idle.worker.derive(run.id)
        page = await idle.say("/tasks")
        await _delete(idle, page)
        await idle.until(page.id, "Deleting task #1")
    async with idle.running():
        page = await idle.say("/tasks")
        assert "Deleting" in page.text
        query = idle.me.press_data(card.id, f"t:start:{run.task}")
        await idle.me.answered(query)
        assert "does not exist" in query.text
        await idle.database.jobs.cancel(key, CLOCK.now())
        await idle.worker.derive(run.id)
        await wait_until(lambda: _is_gone(idle, run.task))
    assert await idle.database.runs.get(run.id) is None
    assert await idle.database.jobs.of_run(run.id) == []


async def test_a_deletion_stops_an_older_run_that_was_begun_again(rig: Rig) -> None:
    old = await _an_older_run_goes_on(rig)
    page = await rig.say("/tasks")
    assert "Queued" in page.text
    await _delete(rig, page)
    await wait_until(lambda: _is_cancelled(rig, old.id))
    await wait_until(lambda: _waits_for_nothing(rig, old.id))
    await RunKeeper(rig.database, CLOCK).derive(old.id)
    await rig.until(page.id, "Task #1 is deleted")


async def test_an_older_run_that_was_begun_again_can_be_stopped(rig: Rig) -> None:
    old = await _an_older_run_goes_on(rig)
    page = await rig.say("/tasks")
    await rig.press(page, "#1")
    await rig.until(page.id, "Task #1 · Queued")
    assert "Stopping" in await rig.press(page, "Stop")
    query = rig.me.press_data(page.id, f"t:stop:{old.task}")
    await rig.me.answered(query)
    assert "already" in query.text
    await rig.worker.derive(old.id)
    assert await rig.worker.state(old.id) is RunState.CANCELLED


async def test_editing_a_paused_schedule_leaves_it_paused(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    await rig.press(page, "When")
    await rig.press(page, "Every day at 09:00")
    await rig.press(page, "Start")
    await rig.until(page.id, "Scheduled")
    await rig.press(page, "Pause schedule")
    await rig.until(page.id, "Schedule paused")
    await rig.press(page, "Edit")
    page = await rig.new("Edit task")
    await rig.press(page, "What to read")
    await rig.until(page.id, "What to read", "Now:")
    await rig.press(page, "Newest 1,000")
    await rig.until(page.id, "Edit task", "1,000")
    await rig.press(page, "Save")
    await rig.until(page.id, "Schedule paused", "1,000")
    assert await rig.database.tasks.scheduled() == []


async def test_the_list_is_paged_and_shows_state_and_account(rig: Rig) -> None:
    for number in range(7):
        run, _ = await rig.started(f"@group_{number}x")
        await rig.worker.finish(run)
    page = await rig.say("/tasks")
    assert "page 1 of 2" in page.text
    assert "#7 @group_6x\nDone · Anna (#1)" in page.text
    await rig.press(page, "›")
    await rig.until(page.id, "page 2 of 2", "@group_0x")


async def test_a_schedule_is_paused_and_resumed(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    await rig.press(page, "When")
    await rig.press(page, "Every day at 09:00")
    await rig.press(page, "Start")
    await rig.until(page.id, "Scheduled")
    await rig.press(page, "Pause schedule")
    shown = await rig.until(page.id, "Schedule paused")
    assert "Next run" not in shown.text
    await rig.press(page, "Resume schedule")
    await rig.until(page.id, "Scheduled", "Next run")


async def test_accounts_tell_why_one_cannot_work_and_what_to_do(rig: Rig) -> None:
    await rig.database.accounts.add_signed_out(name="Carol", phone="+1 •••", now=CLOCK.now())
    await rig.database.accounts.set_state(2, AccountState.LOST, reason="key_duplicated")
    page = await rig.say("/accounts")
    assert "1 of 3 ready" in page.text
    assert "★ Default account" in page.text
    assert "used in two places at once" in page.text
    assert "Sign it in on the server: telecrew login" in page.text
    assert await rig.press(page, "Make Boris the default") == "Boris is the default account now."
    crew = {account.name: account.is_default for account in await rig.database.accounts.all()}
    assert crew == {"Anna": False, "Boris": True, "Carol": False}


async def test_the_language_follows_the_app_until_it_is_chosen(rig: Rig) -> None:
    rig.me.speak("zh-hans")
    assert "正在运行" in (await rig.say("/start")).text
    run, card = await _started_in_chinese(rig)
    await rig.worker.finish(run)
    await rig.until(card, "任务 #1 · 已完成")
    page = await rig.say("/language")
    await rig.press(page, "English")
    await rig.until(page.id, "I will speak English")
    assert "Running now" in (await rig.say("/start")).text
    page = await rig.say("/language")
    await rig.press(page, "Same as my Telegram")
    await rig.until(page.id, "已切换为简体中文")


async def test_the_command_menu_speaks_both_languages(rig: Rig) -> None:
    await wait_until(lambda: len(rig.calls("setMyCommands")) == 3)
    bot = rig.door.bot
    english = {c["command"]: c["description"] for c in bot.commands.shown_to(rig.me.id, "en")}
    chinese = {c["command"]: c["description"] for c in bot.commands.shown_to(rig.me.id, "zh")}
    assert english["newtask"] == "Make a task"
    assert chinese["newtask"] == "新建任务"


async def test_a_viewer_may_look_but_change_nothing(idle: Rig) -> None:
    await idle.worker.lease()
    async with idle.running():
        run, card = await idle.started("@harbour_news")
    await idle.worker.raw["operators"].update_one(
        {"_id": idle.me.id}, {"$set": {"role": Role.VIEWER}}
    )
    async with idle.running(admins=()):
        assert "may look" in await idle.press(card, "Stop")
        assert (await idle.worker.get(run.id)).intent is Intent.GO
        assert "may look" in (await idle.say("/newtask @harbour_news")).text
        assert "#1" in (await idle.say("/tasks")).text


async def _an_older_run_goes_on(rig: Rig) -> Run:
    """Two runs of task 1; the first failed and was begun again after the second."""
    old, card = await rig.started("@harbour_news")
    await rig.worker.fail(old, "network")
    await rig.until(card.id, "Failed")
    await rig.press(card, "Start again")
    await rig.worker.finish(await rig.worker.open_run())
    await rig.new("Task #1 · Done")
    await rig.press(card, "Retry")
    return await rig.worker.get(old.id)


async def _delete(rig: Rig, page: Seen) -> None:
    await rig.press(page, "#1")
    await rig.until(page.id, "Task #1 ·")
    await rig.press(page, "Delete")
    await rig.until(page.id, "Delete task #1?")
    await rig.press(page, "Yes, delete")


async def _is_gone(rig: Rig, task: str) -> bool:
    return await rig.database.tasks.get(task) is None


async def _is_cancelled(rig: Rig, run: str) -> bool:
    return (await rig.worker.get(run)).intent is Intent.CANCEL


async def _waits_for_nothing(rig: Rig, run: str) -> bool:
    return all(job.state is not JobState.QUEUED for job in await rig.database.jobs.of_run(run))


async def _started_in_chinese(rig: Rig):
    page = await rig.say("/newtask @harbour_news")
    await rig.press(page, "开始")
    run = await rig.worker.open_run()
    await rig.until(page.id, "任务 #1")
    return run, page.id
