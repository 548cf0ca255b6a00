from bot_rig import Rig, known


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
