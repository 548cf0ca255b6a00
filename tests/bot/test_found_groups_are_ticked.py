from dataclasses import replace

import pytest
from bot_rig import CLOCK, Rig
from waiting import wait_until

from core.chat import ChatKind
from core.found import FoundGroup, Verdict
from core.job import Failure
from core.operator import Role
from core.options import GroupRules, JoinOptions, JoinPolicy
from core.run import Run, RunState
from core.task import Step


def group(run: Run, number: int, **changes: object) -> FoundGroup:
    made = FoundGroup(
        run=run.id,
        task=run.task,
        source=f"@group_{number:02d}",
        rank=number,
        word="poker",
        place="@findbot",
        found_at=CLOCK.now(),
        title=f"Group {number:02d}",
        kind=ChatKind.SUPERGROUP,
        members=10_000 - number * 500,
    )
    return replace(made, **changes)


async def searched(rig: Rig, preset: str, count: int = 12) -> tuple[Run, int]:
    """A run whose searches are over, and its card."""
    page = await rig.say("/newtask")
    await rig.press(page, preset)
    await rig.until(page.id, "Words to search for")
    page = await rig.say("poker")
    await rig.press(page, "Start")
    run = await rig.worker.open_run()
    for job in await rig.worker.plan(run):
        key = await rig.worker.claim(job.id)
        await rig.database.jobs.done(key, CLOCK.now())
    groups = [group(run, number) for number in range(count)]
    await rig.database.found.add([*groups, group(run, 20, source="+Hash01", members=None)])
    await rig.worker.plan(run)
    return await rig.worker.get(run.id), page.id


async def verdicts(rig: Rig, run: Run, verdict: Verdict) -> set[str]:
    return set(await rig.database.found.sources(run.id, verdict))


async def test_an_asking_run_waits_for_the_ticks_of_its_operator(rig: Rig) -> None:
    run, card = await searched(rig, "Find, join and collect")
    assert (run.status.state, run.asks) == (RunState.WAITING, True)
    shown = await rig.until(card, "Task #1 · Waiting", "2 of 2 searches · 13 groups found")
    assert "Press Choose groups" in shown.text
    await rig.tap(card, "Choose groups (13 found)")
    page = await rig.new("choose groups", "13 found · 0 ticked")
    assert "☐ 1. Group 00\n10,000 members · group · “poker” at @findbot" in page.text
    assert "Tick at least one" in await rig.tap(page.id, "Join and collect (0)")
    await rig.tap(page.id, "☐ 1 Group 00")
    await rig.until(page.id, "1 ticked")
    await rig.tap(page.id, "›")
    await rig.until(page.id, "9. Group 08")
    await rig.tap(page.id, "This page")
    await rig.until(page.id, "6 ticked")
    await rig.tap(page.id, "☑ 10 Group 09")
    await rig.until(page.id, "5 ticked")
    await rig.tap(page.id, "Join and collect (5)")
    await rig.until(page.id, "Join 5 groups?")
    await rig.tap(page.id, "Yes, join 5")
    await rig.until(page.id, "Task #1 joins 5 groups")
    chosen = {"@group_00", "@group_08", "@group_10", "@group_11", "+Hash01"}
    assert await verdicts(rig, run, Verdict.CHOSEN) == chosen
    assert await verdicts(rig, run, Verdict.OPEN) == set()
    jobs = await rig.worker.plan(run)
    assert {job.source for job in jobs if job.step is Step.JOIN} == chosen
    await rig.until(card, "🚪 5 to come")


async def test_ticking_all_is_no_answer_yet_and_the_answer_counts_once(rig: Rig) -> None:
    run, card = await searched(rig, "Find, join and collect", count=3)
    await rig.tap(card, "Choose groups")
    page = await rig.new("choose groups")
    await rig.tap(page.id, "All")
    await rig.until(page.id, "4 ticked")
    await rig.worker.plan(run)
    assert (await rig.worker.get(run.id)).asks
    assert not [job for job in await rig.database.jobs.of_run(run.id) if job.step is Step.JOIN]
    rev = (await rig.worker.get(run.id)).rev
    await rig.tap(page.id, "Join and collect (4)")
    queries = [rig.me.press_data(page.id, f"f:go:{run.id}") for _ in range(3)]
    for query in queries:
        await rig.me.answered(query)
    assert [query.text for query in queries[1:]] == 2 * [queries[1].text]
    assert "made already" in queries[1].text
    assert (await rig.worker.get(run.id)).rev == rev + 1
    late = rig.me.press_data(page.id, f"f:off:{run.id}:0:0:1")
    await rig.me.answered(late)
    assert "made already" in late.text
    assert len(await verdicts(rig, run, Verdict.CHOSEN)) == 4


async def test_the_list_is_filtered_by_members(rig: Rig) -> None:
    run, card = await searched(rig, "Find groups", count=20)
    await rig.until(card, "Task #1 · Done", "21 groups found")
    await rig.tap(card, "Found groups (21)")
    page = await rig.new("21 found · 0 ticked")
    for label in ("Any size", "At least 100 members", "At least 1,000 members"):
        await rig.tap(page.id, label)
    await wait_until(lambda: "2. Group 01" not in rig.me.message(page.id).text)
    assert "1. Group 00" in rig.me.message(page.id).text
    assert "›" not in str(rig.me.message(page.id).buttons)
    await rig.tap(page.id, "All")
    await rig.until(page.id, "1 ticked")
    assert await verdicts(rig, run, Verdict.CHOSEN) == {"@group_00"}
    await rig.tap(page.id, "None")
    await rig.until(page.id, "0 ticked")


async def test_what_a_search_alone_found_becomes_the_sources_of_a_new_task(rig: Rig) -> None:
    _, card = await searched(rig, "Find groups", count=2)
    await rig.tap(card, "Found groups (3)")
    page = await rig.new("3 found")
    assert "Tick at least one" in await rig.tap(page.id, "Collect these (0)")
    await rig.tap(page.id, "1 Group 00")
    await rig.until(page.id, "1 ticked")
    await rig.tap(page.id, "Collect these (1)")
    wizard = await rig.new("New task", "🧭 Collect history", "@group_00")
    await rig.press(wizard, "Start")
    await rig.until(wizard.id, "Task #2")
    await rig.tap(page.id, "3 Group 20")
    await rig.until(page.id, "2 ticked")
    await rig.tap(page.id, "Collect these (2)")
    await rig.new("New task", "🧭 Join and collect", "t.me/+Hash01")


async def test_what_rules_chose_is_shown_with_the_reason(rig: Rig) -> None:
    run, card = await searched(rig, "Find, join and collect", count=2)
    judged = [
        group(run, 0, verdict=Verdict.CHOSEN),
        group(run, 1, verdict=Verdict.EXCLUDED, rule="members"),
    ]
    await rig.database.found.judge(judged)
    options = JoinOptions(policy=JoinPolicy.AUTO, rules=GroupRules(members=9_900))
    spec = replace(run.spec, join=options)
    await rig.worker.raw["runs"].update_one(
        {"_id": run.id}, {"$set": {"spec.join.policy": spec.join.policy}}
    )
    await rig.tap(card, "Choose groups")
    page = await rig.new("found groups", "3 found · 1 chosen")
    assert "✓ 1. Group 00" in page.text
    assert "✗ 2. Group 01" in page.text
    assert "too few members" in page.text
    query = rig.me.press_data(page.id, f"f:on:{run.id}:0:0:1")
    await rig.me.answered(query)
    assert "rules of the task chose" in query.text


async def test_who_may_only_look_ticks_nothing(rig: Rig) -> None:
    run, card = await searched(rig, "Find, join and collect", count=2)
    await rig.tap(card, "Choose groups")
    page = await rig.new("choose groups")
    await rig.worker.raw["operators"].update_one(
        {"_id": rig.me.id}, {"$set": {"role": Role.VIEWER}}
    )
    for data in (f"on:{run.id}:0:0:1", f"all:{run.id}:0:0", f"go:{run.id}", f"take:{run.id}"):
        query = rig.me.press_data(page.id, f"f:{data}")
        await rig.me.answered(query)
        assert "may look" in query.text
    assert await verdicts(rig, run, Verdict.OPEN) == {"@group_00", "@group_01", "+Hash01"}
    await rig.tap(page.id, "Refresh")


@pytest.mark.parametrize("data", ["f:list:gone:0:0", "f:on:gone:0:0:x", "f:go:gone", "f:xx:1"])
async def test_a_stale_or_strange_button_is_answered(rig: Rig, data: str) -> None:
    page = await rig.say("/start")
    query = rig.me.press_data(page.id, data)
    await rig.me.answered(query)
    assert query.text


async def test_each_step_is_on_the_card_and_what_failed_is_tried_again(rig: Rig) -> None:
    run, card = await searched(rig, "Find, join and collect", count=3)
    await rig.database.found.tick_all(run.id, ticked=True)
    await rig.database.found.drop_open(run.id)
    await rig.database.runs.chosen(run.id, CLOCK.now())
    joins = [job for job in await rig.worker.plan(run) if job.step is Step.JOIN]
    for job in joins:
        key = await rig.worker.claim(job.id)
        if job.source == "@group_00":
            await rig.database.jobs.fail(key, Failure(reason="chat_full"), CLOCK.now())
        else:
            await rig.database.jobs.done(key, CLOCK.now())
    for job in await rig.worker.plan(run):
        if job.step is Step.HISTORY:
            key = await rig.worker.claim(job.id)
            await rig.worker.progress(key, 100, 100)
            await rig.database.jobs.done(key, CLOCK.now())
    await rig.worker.plan(run)
    shown = await rig.until(card, "Task #1 · Partly done", "🚪 3 joined · 1 failed", "300 read")
    assert "@group_00: @group_00 is full" in shown.text
    await rig.tap(card, "Retry")
    again = [job for job in await rig.worker.plan(run) if job.source == "@group_00"]
    assert [job.step for job in again] == [Step.JOIN]
    key = await rig.worker.claim(again[0].id)
    await rig.database.jobs.done(key, CLOCK.now())
    jobs = await rig.worker.plan(run)
    assert {job.step for job in jobs if job.source == "@group_00"} == {Step.JOIN, Step.HISTORY}
