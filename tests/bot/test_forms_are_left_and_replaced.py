"""Every page of the form: Cancel, Back and a newer form, in a new task and in an edit."""

import pytest
from bot_rig import CLOCK, Rig, known
from waiting import wait_until

from bot.features.earlier import views as earlier_views
from bot.features.earlier.service import Leftover
from bot.features.newtask import pool
from bot.features.newtask.dialog import PAGES
from bot.features.newtask.draft import Draft
from bot.i18n import LANGUAGES, Locales
from core.chat import Chat, ChatKind
from core.message import Message
from sandbox.bot_api.person import Seen

CHAT = Chat(id=-1001, kind=ChatKind.SUPERGROUP, title="Harbour News", username="harbour_news")
HARMFUL = ("t:del:", "t:del2:", "t:del3:", "t:del4:", "t:stop:", "r:stop:", "e:del:", "e:del2:")


def data_of(shown: Seen) -> list[list[str]]:
    rows = shown.raw["reply_markup"]["inline_keyboard"]
    return [[one["callback_data"] for one in row] for row in rows]


async def go(rig: Rig, form: int, action: str) -> str:
    """A press in the form, of a button that need not be on its present page."""
    prefix = data_of(rig.me.message(form))[-1][0].rpartition("\x1d")[0]
    query = rig.me.press_data(form, f"{prefix}\x1dc:{action}")
    await rig.me.answered(query)
    return query.text


async def to(rig: Rig, form: int, page: str) -> None:
    """Turn to a page, and wait until it is shown."""
    before = rig.me.message(form).text
    await go(rig, form, f"to:{page}")
    if page != "review":
        await wait_until(lambda: rig.me.message(form).text != before)


async def new_form(rig: Rig) -> Seen:
    form = await rig.say("/newtask @harbour_news")
    await rig.worker.answer(known("@harbour_news"))
    return await rig.until(form.id, "Harbour News")


async def edit_form(rig: Rig) -> Seen:
    listing = await rig.say("/tasks")
    await rig.press(listing, "#1")
    await rig.until(listing.id, "Task #1 ·")
    before = {message.id for message in rig.me.messages}
    await rig.press(listing, "Edit")
    form = await rig.me.wait_for_message(lambda m: m.id not in before and "Edit task" in m.text)
    await rig.worker.answer(known("@harbour_news"))
    return await rig.until(form.id, "Harbour News")


async def test_each_page_has_a_way_back_and_cancel_closes_it(rig: Rig) -> None:
    rig.door.limits.enabled = False
    for page in PAGES:
        form = await new_form(rig)
        await to(rig, form.id, page)
        shown = rig.me.message(form.id)
        labels = [label for row in shown.buttons for label in row]
        assert shown.buttons[-1] == ["Cancel"], page
        if page != "review":
            assert "‹ Back" in labels, page
            await rig.press(form.id, "‹ Back")
            await wait_until(
                lambda form=form, shown=shown: rig.me.message(form.id).text != shown.text
            )
            await to(rig, form.id, page) if page != "steps" else None
        await rig.tap(form.id, "Cancel")
        closed = await rig.until(form.id, "Closed. Nothing was started.")
        assert not closed.buttons
    assert (await rig.database.tasks.page())[1] == 0


async def test_each_page_of_an_edit_says_that_nothing_was_changed(rig: Rig) -> None:
    rig.door.limits.enabled = False
    run, _ = await rig.started("@harbour_news")
    await rig.worker.answer()
    await rig.worker.finish(run)
    [before], _ = await rig.database.tasks.page()
    for place, page in enumerate(PAGES):
        form = await edit_form(rig)
        await to(rig, form.id, page)
        if place % 2:
            await rig.tap(form.id, "Cancel")
        else:
            said = await rig.say("/cancel")
            assert "Nothing was changed" in said.text
        closed = await rig.until(form.id, "Closed. Nothing was changed")
        assert not closed.buttons
    [after], _ = await rig.database.tasks.page()
    assert after == before


async def test_each_page_says_that_a_newer_form_replaced_it(rig: Rig) -> None:
    rig.door.limits.enabled = False
    form = await new_form(rig)
    for page in PAGES:
        await to(rig, form.id, page)
        newer = await new_form(rig)
        old = await rig.until(
            form.id, "replaced by the newer one below", "Nothing of it was started"
        )
        assert not old.buttons
        assert newer.id > form.id
        form = newer
    await rig.press(form, "Start")
    run = await rig.worker.open_run()
    card = await rig.until(form.id, "Task #1")
    await new_form(rig)
    await rig.worker.finish(run)
    assert (await rig.until(card.id, "Task #1 · Done")).buttons


async def test_an_edit_that_is_replaced_says_that_nothing_was_changed(rig: Rig) -> None:
    run, _ = await rig.started("@harbour_news")
    await rig.worker.answer()
    await rig.worker.finish(run)
    edit = await edit_form(rig)
    other = await edit_form(rig)
    await rig.until(edit.id, "replaced by the newer one", "Nothing of it was changed")
    await new_form(rig)
    await rig.until(other.id, "replaced by the newer one", "Nothing of it was changed")


async def test_a_form_whose_message_is_gone_is_replaced_all_the_same(rig: Rig) -> None:
    form = await new_form(rig)
    rig.me.chat.posts[form.id].deleted = True
    newer = await new_form(rig)
    await rig.press(newer, "Start")
    await rig.worker.open_run()


async def test_ticks_survive_back(rig: Rig) -> None:
    form = await new_form(rig)
    await rig.tap(form.id, "Account")
    await rig.tap(form.id, "Several accounts…")
    await rig.tap(form.id, "☐ Anna #1")
    await rig.tap(form.id, "☐ Boris #2")
    await wait_until(lambda: "☑ Boris #2" in str(rig.me.message(form.id).buttons))
    await rig.tap(form.id, "Back")
    await rig.tap(form.id, "✓ Several accounts (2)")
    await wait_until(lambda: "☑ Anna #1" in str(rig.me.message(form.id).buttons))
    await rig.tap(form.id, "Back")
    await rig.tap(form.id, "Back")
    await rig.until(form.id, "👤 Anna (#1), Boris (#2)")
    await rig.tap(form.id, "Start")
    assert (await rig.worker.open_run()).spec.policy.accounts == (1, 2)


@pytest.mark.parametrize(
    ("before", "account", "chosen"),
    [
        (Draft(account=1), 1, ()),
        (Draft(account=1, ticked=(1, 2)), None, (1, 2)),
        (Draft(account=1, ticked=(2,)), 2, ()),
        (Draft(ticked=(1, 2)), None, (1, 2)),
        (Draft(pool=(1, 2), ticked=(1, 2)), None, (1, 2)),
        (Draft(pool=(1, 2), ticked=(1, 2, 3)), None, (1, 2, 3)),
        (Draft(pool=(1, 2), ticked=()), None, (1, 2)),
        (Draft(), None, ()),
    ],
)
def test_what_is_ticked_counts_when_its_page_is_left(
    before: Draft, account: int | None, chosen: tuple[int, ...]
) -> None:
    after = pool.kept(before)
    assert (after.account, after.pool) == (account, chosen)


async def test_messages_are_deleted_only_after_a_question_with_their_number(rig: Rig) -> None:
    run, card = await rig.started("@harbour_news")
    assert alone(data_of(rig.me.message(card.id)))
    await rig.worker.finish(run)
    await rig.database.chats.save(CHAT)
    batch = [Message(chat=CHAT.id, box="", id=n, date=CLOCK.now()) for n in range(1, 1_235)]
    await rig.database.messages.add_new(batch)
    page = await rig.say("/tasks")
    await rig.press(page, "#1")
    await rig.until(page.id, "Task #1 ·")
    assert alone(data_of(rig.me.message(page.id)))
    await rig.press(page, "Delete")
    shown = await rig.until(page.id, "Delete task #1?", "1,234 messages of Harbour News")
    assert alone(data_of(shown))
    await rig.press(page, "Delete with 1,234 messages")
    shown = await rig.until(page.id, "with 1,234 messages?", "cannot be undone")
    assert alone(data_of(shown))
    assert await rig.database.tallies.of_chat(CHAT.id) == 1_234
    await rig.press(page, "Back")
    await rig.until(page.id, "Delete task #1?")
    await rig.press(page, "Delete with 1,234 messages")
    await rig.tap(page.id, "Yes, delete 1,234 messages")
    await rig.until(page.id, "so are the messages")
    assert await rig.database.tallies.of_chat(CHAT.id) == 0


async def test_a_button_of_an_older_message_asks_again_too(rig: Rig) -> None:
    run, _ = await rig.started("@harbour_news")
    await rig.worker.finish(run)
    await rig.database.chats.save(CHAT)
    await rig.database.messages.add_new([Message(chat=CHAT.id, box="", id=1, date=CLOCK.now())])
    page = await rig.say("/tasks")
    query = rig.me.press_data(page.id, f"t:del3:{run.task}")
    await rig.me.answered(query)
    await rig.until(page.id, "with 1 messages?")
    assert await rig.database.tasks.get(run.task) is not None


def alone(rows: list[list[str]]) -> bool:
    """Whether each button that ends or deletes something has a row of its own."""
    return all(len(row) == 1 for row in rows for one in row if one.startswith(HARMFUL))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kept", [True, False])
def test_deleting_what_earlier_tasks_left_stands_alone(language: str, *, kept: bool) -> None:
    left = Leftover(chat=CHAT, messages=5, tasks=(), kept=kept)
    for view in (earlier_views.page, earlier_views.confirm):
        rows = [[one.action for one in row] for row in view(Locales().of(language), left).rows]
        assert alone(rows)
