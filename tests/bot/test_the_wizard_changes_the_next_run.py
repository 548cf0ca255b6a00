from datetime import timedelta

from bot_rig import CLOCK, Rig, known

from core.run import Run
from core.task import ScheduleKind, Task


async def test_other_sources(rig: Rig) -> None:
    run = await _running(rig, "@harbour_news")
    page = await _edit(rig)
    await rig.tap(page, "Sources (1)")
    await rig.tap(page, "✕ @harbour_news")
    page = (await rig.say("@crypto_talk @tea_talk")).id
    await rig.worker.answer(known("@crypto_talk"), known("@tea_talk"))
    task = await _saved(rig, page, run)
    assert task.spec.sources == ("@crypto_talk", "@tea_talk")
    assert (await rig.worker.get(run.id)).spec.sources == ("@harbour_news",)
    after = await _next(rig, run)
    assert after.spec.sources == ("@crypto_talk", "@tea_talk")
    jobs = await rig.worker.plan(after)
    assert {job.source for job in jobs} == {"@crypto_talk", "@tea_talk"}


async def test_another_schedule(rig: Rig) -> None:
    run = await _running(rig, "@harbour_news")
    page = await _edit(rig)
    await rig.tap(page, "When")
    page = (await rig.say("2h")).id
    await rig.until(page, "Every 2 hours", "Changes count from the next run")
    task = await _saved(rig, page, run)
    assert (task.schedule.kind, task.schedule.every) == (ScheduleKind.EVERY, timedelta(hours=2))
    assert task.next_due is not None
    assert timedelta(minutes=119) < task.next_due - CLOCK.now() <= timedelta(hours=2)
    assert [one.id for one in await rig.database.runs.open_runs()] == [run.id]
    page = await _edit(rig)
    await rig.tap(page, "When")
    await rig.tap(page, "Every day at 09:00")
    task = await _saved(rig, page, run)
    assert task.schedule.kind is ScheduleKind.DAILY


async def test_another_account(rig: Rig) -> None:
    run = await _running(rig, "@harbour_news")
    page = await _edit(rig)
    await rig.tap(page, "Account")
    await rig.tap(page, "Boris #2")
    await rig.until(page, "👤 Boris (#2)")
    task = await _saved(rig, page, run)
    assert task.spec.policy.accounts == (2,)
    assert (await rig.worker.get(run.id)).spec.policy.accounts == (1,)
    assert {job.keys for job in await rig.database.jobs.of_run(run.id)} == {("a1",)}
    after = await _next(rig, run)
    assert {job.keys for job in await rig.worker.plan(after)} == {("a2",)}


async def _running(rig: Rig, source: str) -> Run:
    """A run with a job in the queue."""
    run, _ = await rig.started(source)
    await rig.worker.answer(known(source))
    await rig.worker.plan(run)
    return run


async def _edit(rig: Rig) -> int:
    """Open the editor of the only task; its message."""
    listing = await rig.say("/tasks")
    await rig.tap(listing.id, "#1")
    await rig.tap(listing.id, "Edit")
    page = await rig.me.wait_for_message(lambda m: m.id > listing.id and "Edit task" in m.text)
    assert "Changes count from the next run" in page.text
    return page.id


async def _saved(rig: Rig, page: int, run: Run) -> Task:
    """The task as Save left it."""
    before = await rig.database.tasks.get(run.task)
    assert before is not None
    await rig.tap(page, "Save")
    await rig.until(page, "Task #1 · ")
    task = await rig.database.tasks.get(run.task)
    assert task is not None
    assert task.rev == before.rev + 1
    return task


async def _next(rig: Rig, run: Run) -> Run:
    """End the run, and press Start on the task's card."""
    await rig.worker.finish(run)
    listing = await rig.say("/tasks")
    await rig.tap(listing.id, "#1")
    await rig.tap(listing.id, "Start")
    after = await rig.worker.open_run()
    assert after.id != run.id
    return after
