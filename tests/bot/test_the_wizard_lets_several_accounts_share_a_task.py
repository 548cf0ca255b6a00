from datetime import UTC, datetime

import pytest
from bot_rig import CLOCK, Rig

from bot.errors import BotError
from bot.features.newtask import pool, views
from bot.features.newtask.draft import Draft
from bot.i18n import LANGUAGES, Locales
from core.account import Account, AccountState
from core.task import AccountPolicy


async def test_ticked_accounts_do_the_task_and_an_edit_keeps_them(rig: Rig) -> None:
    await rig.database.accounts.add_signed_out(name="Carol", phone="+1 •••", now=CLOCK.now())
    page = await rig.say("/newtask @harbour_news")
    await rig.tap(page.id, "Account")
    await rig.tap(page.id, "Several accounts…")
    await rig.tap(page.id, "☐ Anna #1")
    await rig.tap(page.id, "☐ Boris #2")
    assert "telecrew login" in await rig.tap(page.id, "☐ 🚫 Carol #3")
    await rig.tap(page.id, "Use the 2 ticked")
    await rig.until(page.id, "New task", "👤 Anna (#1), Boris (#2)")
    await rig.tap(page.id, "Account")
    await rig.tap(page.id, "✓ Several accounts (2)")
    await rig.tap(page.id, "Back")
    await rig.tap(page.id, "Back")
    await rig.tap(page.id, "Start")
    run = await rig.worker.open_run()
    assert run.spec.policy == AccountPolicy.pool(1, 2)
    [job] = await rig.worker.plan(run)
    assert job.keys == ("a1", "a2")
    await rig.worker.finish(run)
    edit = await _edit(rig)
    await rig.until(edit, "👤 Anna (#1), Boris (#2)")
    await rig.tap(edit, "Save")
    await rig.until(edit, "Task #1 · Done", "👤 Anna (#1), Boris (#2)")
    assert await _policy(rig) == AccountPolicy.pool(1, 2)


async def test_one_that_is_ticked_alone_is_chosen_and_balancing_ends_a_pool(rig: Rig) -> None:
    page = await rig.say("/newtask @harbour_news")
    await rig.tap(page.id, "Account")
    await rig.tap(page.id, "Several accounts…")
    await rig.tap(page.id, "☐ Boris #2")
    await rig.tap(page.id, "Use the 1 ticked")
    await rig.until(page.id, "👤 Boris (#2)")
    await rig.tap(page.id, "Account")
    await rig.tap(page.id, "Several accounts…")
    await rig.tap(page.id, "☐ Anna #1")
    await rig.tap(page.id, "Use the 2 ticked")
    await rig.until(page.id, "👤 Anna (#1), Boris (#2)")
    for number in (1, 2):
        await rig.database.accounts.set_state(number, AccountState.LIMITED)
    await rig.tap(page.id, "Account")
    await rig.tap(page.id, "Balance automatically")
    await rig.until(page.id, "👤 Balance automatically", "No account can work now")


async def test_a_pool_that_is_lost_cannot_start(rig: Rig) -> None:
    await rig.worker.account("Carol", number=3)
    page = await rig.say("/newtask @harbour_news")
    await rig.tap(page.id, "Account")
    await rig.tap(page.id, "Several accounts…")
    await rig.tap(page.id, "☐ Boris #2")
    await rig.tap(page.id, "☐ Carol #3")
    for number in (2, 3):
        await rig.database.accounts.set_state(number, AccountState.LOST)
    await rig.tap(page.id, "Use the 2 ticked")
    await rig.until(page.id, "None of the chosen accounts can work now")
    assert "is lost" in await rig.tap(page.id, "Start")
    assert await rig.database.runs.open_runs() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_large_crew_is_shown_page_by_page(language: str) -> None:
    texts = Locales().of(language)
    crew = [_account(number) for number in range(1, 121)]
    draft = Draft(pool=(1, 2), ticked=(1, 2))
    seen = set()
    for shown in range(12):
        for screen in (
            pool.page(texts, draft, crew, shown),
            views.account(texts, crew, draft, shown),
        ):
            buttons = [one for row in screen.rows for one in row]
            assert len(buttons) <= 20
            assert all(len(one.action.encode()) <= 50 for one in buttons)
            seen |= {one.action for one in buttons}
    assert {f"acc:{number}" for number in range(1, 121)} <= seen
    assert {f"tk:on:{number}" for number in range(3, 121)} | {"tk:off:1", "tk:off:2"} <= seen


def test_nobody_and_everybody_are_refused() -> None:
    with pytest.raises(BotError) as caught:
        pool.used(Draft())
    assert caught.value.key == "wizard-pool-nobody"
    full = Draft(ticked=tuple(range(pool.MOST)))
    with pytest.raises(BotError) as caught:
        pool.ticked(full, pool.MOST, on=True)
    assert caught.value.key == "wizard-pool-too-many"


async def _edit(rig: Rig) -> int:
    """Open the editor of the only task; its message."""
    listing = await rig.say("/tasks")
    await rig.tap(listing.id, "#1")
    await rig.tap(listing.id, "Edit")
    return (await rig.new("Edit task")).id


async def _policy(rig: Rig) -> AccountPolicy:
    [task], _ = await rig.database.tasks.page()
    return task.spec.policy


def _account(number: int) -> Account:
    return Account(
        id=number,
        name="名" * 64,
        username=None,
        telegram_id=number,
        phone="",
        state=AccountState.READY if number % 2 else AccountState.RESTING,
        is_default=number == 1,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
