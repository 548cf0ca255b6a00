from dataclasses import replace
from datetime import timedelta

import pytest
from bot_rig import CLOCK, Rig
from waiting import wait_until

from core.job import Failure, Note, Progress, Skipped, Wait
from core.run import Intent, Run, RunState, Status
from core.task import AccountPolicy, Step


async def test_progress_rate_and_time_left(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    [job] = await rig.worker.plan(run)
    key = await rig.worker.claim(job.id)
    await rig.worker.derive(run.id)
    began = CLOCK.elapsed()

    async def read_on() -> bool:
        read = int((CLOCK.elapsed() - began) * 100)
        await rig.worker.progress(key, min(read, 9_000), 10_000)
        return "left" in rig.me.message(card.id).text

    await wait_until(read_on, timeout=15, every=0.2)
    text = rig.me.message(card.id).text
    assert "a second" in text
    assert CLOCK.elapsed() - began > 5
    await rig.worker.progress(key, 10_000, 10_000)
    await rig.database.jobs.done(key, CLOCK.now())
    await rig.worker.derive(run.id)
    shown = await rig.until(card.id, "Task #1 · Done", "10,000 read", "took")
    assert shown.buttons == [["Latest 5", "Export", "Coverage"], ["▶️ Start again", "Open task"]]


async def test_sources_are_listed_and_one_failure_is_explained(rig: Rig) -> None:
    run, card = await rig.started("@one_group", "@two_group")
    first, second = await rig.worker.plan(run)
    key = await rig.worker.claim(first.id)
    await rig.worker.progress(key, 500, 500)
    await rig.database.jobs.done(key, CLOCK.now())
    key = await rig.worker.claim(second.id)
    await rig.database.jobs.fail(key, Failure(reason="source_unknown"), CLOCK.now())
    await rig.worker.derive(run.id)
    shown = await rig.until(card.id, "Task #1 · Partly done")
    assert "✓ @one_group · 500" in shown.text
    assert "Nobody has the name @two_group. Check the spelling" in shown.text
    ending = await rig.new("Task #1 is partly done")
    assert ending.reply_to == card.id


async def test_many_failures_are_all_listed_on_pages_behind_a_button(rig: Rig) -> None:
    run, card = await rig.started(*(f"@group_{number:02d}" for number in range(12)))
    for job in await rig.worker.plan(run):
        key = await rig.worker.claim(job.id)
        number = job.source[-2:]
        reason = "source_forbidden" if number == "11" else "source_unknown"
        await rig.database.jobs.fail(key, Failure(reason=reason), CLOCK.now())
    await rig.worker.derive(run.id)
    shown = await rig.until(card.id, "Task #1 · Failed", "@group_03: Nobody has", "… and 8 more")
    assert "@group_04: " not in shown.text
    await rig.press(card, "All failures (12)")
    page = await rig.new("What failed in task #1 · 12 · page 1 of 2")
    assert [f"@group_{number:02d}: " in page.text for number in range(12)] == [True] * 8 + [
        False
    ] * 4
    await rig.press(page, "›")
    shown = await rig.until(page.id, "page 2 of 2", "@group_08: ", "@group_11: The account may not")
    await rig.press(page, "‹")
    await rig.until(page.id, "page 1 of 2", "@group_00: ")


async def test_files_are_counted_beside_messages_and_what_went_otherwise_is_noted(rig: Rig) -> None:
    run, card = await rig.started("@one_group", "@two_group")
    first, second = await rig.worker.plan(run)
    fetching = replace(first, id=f"{first.id}m", step=Step.MEDIA)
    await rig.database.jobs.add([fetching])
    for job, chat in ((first, -1001), (second, -1002)):
        key = await rig.worker.claim(job.id)
        read = Progress(read=500, new=500, total=500)
        assert await rig.database.jobs.progress(
            key, read, chat=chat, top_id=500, moved=True, note=Note.NO_COMMENTS
        )
        await rig.database.jobs.done(key, CLOCK.now())
    key = await rig.worker.claim(fetching.id)
    kept = Progress(total=0, files=7, skipped=Skipped(protected=3, expiring=2, too_large=1))
    assert await rig.database.jobs.progress(key, kept, chat=-1001, top_id=500, moved=True)
    await rig.worker.derive(run.id)
    shown = await rig.until(card.id, "1,000 of 1,000 read", "📎 7 files")
    assert "📎 3 protected, 2 expiring, 1 too large skipped" in shown.text
    assert "✓ @one_group · 500" in shown.text
    assert shown.text.count("· 500") == 2
    assert "Nobody can comment in @one_group, @two_group" in shown.text
    await rig.database.jobs.done(key, CLOCK.now())
    await rig.worker.derive(run.id)
    await rig.until(card.id, "Task #1 · Done", "1,000 read", "📎 7 files")


async def test_a_wait_over_ten_seconds_is_shown_with_its_reason_and_end(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    [job] = await rig.worker.plan(run)
    key = await rig.worker.claim(job.id)
    await rig.worker.wait(key, Wait(why="flood", until=CLOCK.now() + timedelta(seconds=2)))
    await rig.worker.derive(run.id)
    short = await rig.until(card.id, "Task #1 · Running")
    assert "slow down" not in short.text
    await rig.worker.wait(key, Wait(why="flood", until=CLOCK.now() + timedelta(seconds=37)))
    await rig.worker.derive(run.id)
    await rig.until(
        card.id, "Task #1 · Waiting", "Telegram asked the account to slow down", "Goes on at"
    )
    await rig.worker.wait(key, None)
    await rig.worker.derive(run.id)
    await rig.until(card.id, "Task #1 · Running")


async def test_stop_takes_effect_at_once_and_is_answered_once(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news", "@two_group")
    jobs = await rig.worker.plan(run)
    key = await rig.worker.claim(jobs[0].id)
    await rig.worker.derive(run.id)
    await rig.until(card.id, "Running")
    pressed = CLOCK.elapsed()
    assert "Stopping" in await rig.press(card, "Stop")
    await rig.until(card.id, "Stopping…")
    assert CLOCK.elapsed() - pressed < 2
    assert (await rig.worker.get(run.id)).intent is Intent.CANCEL
    await rig.database.jobs.cancel(key, CLOCK.now())
    await rig.worker.derive(run.id)
    await rig.until(card.id, "Task #1 · Stopped")


async def test_retry_begins_the_failed_jobs_again_on_the_same_card(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    await rig.worker.fail(run, "timeout")
    await rig.until(card.id, "Task #1 · Failed", "did not answer in time")
    await rig.new("Task #1 failed")
    await rig.press(card, "Retry")
    await rig.until(card.id, "Task #1 · Queued")
    [job] = await rig.database.jobs.of_run(run.id)
    key = await rig.worker.claim(job.id)
    await rig.worker.progress(key, 10, 10)
    await rig.database.jobs.done(key, CLOCK.now())
    await rig.worker.derive(run.id)
    await rig.until(card.id, "Task #1 · Done")


async def test_a_retry_is_for_what_failed_only(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    await rig.worker.finish(run)
    await rig.until(card.id, "Task #1 · Done")
    assert "Nothing failed" in await _pressed(rig, card.id, f"r:retry:{run.id}")
    assert await rig.worker.state(run.id) is RunState.DONE


async def test_the_hours_before_a_retry_do_not_count(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    await rig.worker.age(run.id, 3 * 3600)
    await rig.worker.fail(run, "timeout")
    await rig.until(card.id, "Task #1 · Failed", "took 3 h")
    await rig.press(card, "Retry")
    [job] = await rig.database.jobs.of_run(run.id)
    await rig.database.jobs.done(await rig.worker.claim(job.id), CLOCK.now())
    await rig.worker.derive(run.id)
    done = await rig.until(card.id, "Task #1 · Done", "took")
    assert "took 3 h" not in done.text


async def test_a_state_derived_before_a_retry_cannot_end_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, card = await rig.started("@harbour_news")
    await rig.worker.fail(run, "timeout")
    await rig.until(card.id, "Task #1 · Failed")
    seen: list[Run] = []
    retry_failed = rig.database.jobs.retry_failed

    async def sweep_and_retry(run_id: str, policy: AccountPolicy | None = None) -> int:
        seen.append(await rig.worker.get(run_id))
        return await retry_failed(run_id, policy)

    monkeypatch.setattr(rig.database.jobs, "retry_failed", sweep_and_retry)
    await rig.press(card, "Retry")
    [before] = seen
    assert before.is_open()
    late = Status(state=RunState.FAILED)
    assert not await rig.database.runs.set_status(before, late, CLOCK.now())
    assert await rig.worker.state(run.id) is RunState.QUEUED


async def test_a_card_counts_nothing_before_there_is_something(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    shown = await rig.until(card.id, "Task #1 · Queued", "Getting ready…")
    assert "0 read" not in shown.text
    assert "stored before" not in shown.text
    [job] = await rig.worker.plan(run)
    key = await rig.worker.claim(job.id)
    await rig.worker.progress(key, 10, 500)
    await rig.worker.derive(run.id)
    shown = await rig.until(card.id, "10 of 500 read", "stored before")
    assert "Getting ready" not in shown.text


async def test_another_account_may_do_what_an_accounts_failure_left(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    await rig.worker.fail(run, "session_revoked", account="Anna")
    await rig.until(card.id, "Task #1 · Failed", "signed out from another device", "telecrew login")
    await rig.press(card, "Choose another account")
    await rig.until(card.id, "Who shall do what failed?")
    await rig.press(card, "Boris #2")
    await rig.until(card.id, "Task #1 · Queued")
    [job] = await rig.database.jobs.of_run(run.id)
    assert job.keys == ("a2",)
    [task], _ = await rig.database.tasks.page()
    assert task.spec.policy.accounts == (2,)


async def test_back_from_the_accounts_to_the_card(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    await rig.worker.fail(run, "session_revoked")
    await rig.new("Task #1 failed")
    await rig.press(card, "Choose another account")
    await rig.until(card.id, "Who shall do what failed?")
    await rig.press(card, "Back")
    await rig.until(card.id, "Task #1 · Failed")
    assert len([m for m in rig.me.messages if "Task #1 failed" in m.text]) == 1


async def test_start_again_gets_a_card_of_its_own_and_never_overlaps(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    assert "running already" in await _pressed(rig, card.id, f"t:start:{run.task}")
    await rig.worker.finish(run)
    await rig.until(card.id, "Done")
    await rig.press(card, "Start again")
    second = await rig.worker.open_run()
    assert second.id != run.id
    shown = await rig.me.wait_for_message(lambda m: m.id > card.id and "Task #1 · Queued" in m.text)
    await rig.worker.finish(second)
    await rig.until(shown.id, "Task #1 · Done")


@pytest.mark.parametrize("state", [RunState.DONE, RunState.FAILED])
async def test_a_short_good_run_ends_quietly_a_failed_one_does_not(
    rig: Rig, state: RunState
) -> None:
    run, card = await rig.started("@harbour_news")
    if state is RunState.DONE:
        await rig.worker.finish(run)
    else:
        await rig.worker.fail(run, "network")
    await wait_until(lambda: _is_shown(rig, run.id))
    endings = [message for message in rig.me.messages if message.reply_to == card.id]
    assert len(endings) == (0 if state is RunState.DONE else 1)


async def test_a_run_over_a_minute_ends_with_one_new_message(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    await rig.worker.age(run.id, 90)
    await rig.worker.finish(run)
    ending = await rig.new("Task #1 is done", "100 read")
    assert ending.reply_to == card.id


async def test_without_a_worker_the_card_says_how_to_start_one(idle: Rig) -> None:
    async with idle.running():
        run, card = await idle.started("@harbour_news")
        await idle.worker.age(run.id, 60)
        await idle.until(card.id, "No collector is running", "telecrew collector", timeout=20)
        await idle.worker.lease()
        await wait_until(lambda: "No collector" not in idle.me.message(card.id).text, timeout=5)


async def _is_shown(rig: Rig, run: str) -> bool:
    return all(one.id != run for one in await rig.database.runs.to_show())


async def _pressed(rig: Rig, message: int, data: str) -> str:
    query = rig.me.press_data(message, data)
    await rig.me.answered(query)
    return query.text
