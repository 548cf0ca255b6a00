"""Whatever takes the account that listens away: it is told once, and another can be chosen."""

from datetime import UTC, datetime

import pytest
from bot_rig import CLOCK, Rig
from waiting import wait_until

from bot.features.runs import deaf
from bot.features.runs.steps import Unheard
from core.account import READING_STATES, Account, AccountState
from core.chat import Chat, ChatKind
from core.job import Progress, Wait
from core.message import Message
from core.run import Intent, Run, RunState, Status
from core.subscription import Post
from core.task import AccountPolicy, TaskSpec

CHAT = Chat(
    id=-1_001_000_000_777, kind=ChatKind.SUPERGROUP, title="Harbour", username="harbour_news"
)
LOSSES = {
    "session_revoked": (AccountState.LOST, "Session lost"),
    "key_duplicated": (AccountState.LOST, "Session lost"),
    "key_invalid": (AccountState.LOST, "Session lost"),
    "banned": (AccountState.BANNED, "Banned by Telegram"),
    "never_signed_in": (AccountState.SIGNED_OUT, "Not signed in"),
    "paused": (AccountState.PAUSED, "Paused"),
    "resting": (AccountState.RESTING, "Resting"),
}
"""Ways for an account to be lost for listening, with what is said of it."""


def test_every_state_in_which_nobody_listens_is_walked() -> None:
    assert {state for state, _ in LOSSES.values()} == set(AccountState) - READING_STATES


async def listening(rig: Rig) -> tuple[Run, int]:
    page = await rig.say("/newtask @harbour_news")
    await rig.press(page, "What to do")
    await rig.press(page, "Listen to new messages")
    await rig.until(page.id, "🧭 Listen to new messages")
    await rig.press(page, "Start")
    run = await rig.worker.open_run()
    [job] = await rig.worker.plan(run)
    await rig.database.chats.save(CHAT)
    await open_listener(rig, job.id, account=1)
    await rig.worker.derive(run.id)
    await hear(rig, run, reader=1)
    await rig.until(page.id, "Task #1 · Listening", "1 of 1 chats live")
    return run, page.id


async def open_listener(rig: Rig, job: str, *, account: int) -> None:
    """What the job of a listener leaves behind."""
    key = await rig.worker.claim(job, account)
    jobs, subscriptions = rig.database.jobs, rig.database.subscriptions
    assert await jobs.progress(key, Progress(), chat=CHAT.id, top_id=500, moved=True)
    await jobs.done(key, CLOCK.now())
    for begun in await subscriptions.begun([job.partition(":")[0]]):
        await subscriptions.want(begun)
        await subscriptions.allow(begun)


async def hear(rig: Rig, run: Run, *, reader: int | None) -> None:
    [one] = await rig.database.subscriptions.of_run(run.id)
    wait = None if reader is not None else Wait(why="no_reader")
    assert await rig.database.subscriptions.give(one, Post(reader=reader), live=True, wait=wait)


def alarms(rig: Rig) -> list[int]:
    shown = [one for one in rig.me.messages if one.by_bot and "does not hear" in one.text]
    return [one.id for one in shown]


async def test_each_loss_is_told_once_and_another_account_takes_over(rig: Rig) -> None:
    run, card = await listening(rig)
    for told, (reason, (state, says)) in enumerate(LOSSES.items()):
        account = 1 + told % 2
        name, other = (("Anna (#1)", "Boris"), ("Boris (#2)", "Anna"))[account - 1]
        await rig.database.accounts.set_state(account, state, reason=reason)
        await hear(rig, run, reader=None)
        await wait_until(lambda told=told: len(alarms(rig)) == told + 1, 20)
        alarm = rig.me.message(alarms(rig)[-1])
        assert f"{name}: {says}" in alarm.text, reason
        assert f"{other} (#{3 - account}) can listen instead" in alarm.text
        assert alarm.id > card
        await rig.until(card, "Task #1 · Hears nothing", "🔇 Nothing of @harbour_news is heard")
        assert "🔇 Hears nothing" in (await rig.say("/tasks")).text
        before = {one.id for one in rig.me.messages}
        await rig.press(alarm.id, "Choose another account")
        choice = await rig.me.wait_for_message(
            lambda m, before=before: m.id not in before and "Who shall do" in m.text
        )
        await rig.press(choice.id, f"{other} #{3 - account}")
        [job] = await rig.database.jobs.of_run(run.id)
        assert job.keys == (f"a{3 - account}",)
        await open_listener(rig, job.id, account=3 - account)
        await rig.worker.derive(run.id)
        [one] = await rig.database.subscriptions.of_run(run.id)
        assert [want.keys for want in one.wants] == [(f"a{3 - account}",)]
        await hear(rig, run, reader=3 - account)
        await wait_until(lambda: "1 of 1 chats live" in newest_card(rig))
        listing = await rig.say("/tasks")
        assert "Listening" in listing.text
        assert "🔇" not in listing.text
        [task], _ = await rig.database.tasks.page()
        assert task.spec.policy == AccountPolicy.pinned(3 - account)
        await rig.database.accounts.set_state(account, AccountState.READY)
        found = await rig.worker.get(run.id)
        card = found.card.message if found.card else card
        await wait_until(lambda: hears_again(rig, run))
    assert len(alarms(rig)) == len(LOSSES)


def newest_card(rig: Rig) -> str:
    return [one.text for one in rig.me.messages if "chats live" in one.text][-1]


async def hears_again(rig: Rig, run: Run) -> bool:
    """Whether the bot noticed it."""
    return (await rig.worker.get(run.id)).deaf == ()


async def test_a_restarted_bot_does_not_tell_it_again(idle: Rig) -> None:
    await idle.worker.lease()
    async with idle.running():
        run, card = await listening(idle)
        await idle.database.accounts.set_state(1, AccountState.LOST, reason="session_revoked")
        await hear(idle, run, reader=None)
        await wait_until(lambda: len(alarms(idle)) == 1, 20)
    async with idle.running():
        await idle.database.accounts.set_state(2, AccountState.LOST, reason="banned")
        await idle.until(card, "Hears nothing", "No other account can listen there now")
        assert "Choose another" not in str(idle.me.message(card).buttons)
        assert len(alarms(idle)) == 1


async def test_who_is_put_out_of_a_chat_is_told_at_once(rig: Rig) -> None:
    run, card = await listening(rig)
    [one] = await rig.database.subscriptions.of_run(run.id)
    await rig.database.subscriptions.refuse(one.id, 1, "source_forbidden")
    [one] = await rig.database.subscriptions.of_run(run.id)
    await rig.database.subscriptions.give(one, Post(), live=True, wait=one.wait)
    alarm = await rig.new("does not hear everything", "The account may not read @harbour_news")
    assert ["Choose another account"] in alarm.buttons
    await rig.until(card, "Hears nothing")


async def test_a_reader_that_changes_over_is_no_alarm(rig: Rig) -> None:
    run, card = await listening(rig)
    await hear(rig, run, reader=None)
    await rig.until(card, "Hears nothing")
    await hear(rig, run, reader=1)
    await rig.until(card, "Task #1 · Listening")
    assert alarms(rig) == []


async def test_stopping_says_how_much_came(rig: Rig) -> None:
    run, card = await listening(rig)
    batch = [Message(chat=CHAT.id, box="", id=n, date=CLOCK.now()) for n in range(495, 511)]
    await rig.database.messages.add_new(batch)
    await rig.worker.age(run.id, 100)
    await rig.press(card, "Stop")
    await rig.worker.derive(run.id)
    await rig.until(card, "Task #1 · Stopped", "👂 10 came while it listened")
    await rig.new("Task #1 was stopped", "10 new stay stored")


def account(number: int, state: AccountState = AccountState.READY) -> Account:
    return Account(
        id=number,
        name=f"Account {number}",
        username=None,
        telegram_id=number,
        phone="",
        state=state,
        is_default=False,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("source", "policy", "members", "instead"),
    [
        ("@one", AccountPolicy.pinned(1), (), (2, 3)),
        ("@one", AccountPolicy.pool(1, 2), (), (3,)),
        ("@one", AccountPolicy(), (), ()),
        ("+invite", AccountPolicy.pinned(1), (), ()),
        ("+invite", AccountPolicy.pinned(1), (1, 3), (3,)),
        ("-1005", AccountPolicy.pinned(1), (2, 4), (2,)),
        ("-1005", AccountPolicy(), (2, 4), ()),
    ],
)
def test_only_who_can_read_the_chat_is_offered(
    source: str, policy: AccountPolicy, members: tuple[int, ...], instead: tuple[int, ...]
) -> None:
    crew = {number: account(number) for number in (1, 2, 3)}
    crew[4] = account(4, AccountState.LOST)
    run = Run(
        id="r",
        task="t",
        number=1,
        owner=1,
        spec=TaskSpec(sources=(source,), policy=policy),
        due=CLOCK.now(),
        intent=Intent.GO,
        status=Status(state=RunState.RUNNING),
        rev=1,
        planned=True,
        created_at=CLOCK.now(),
    )
    silent = [Unheard(source=source, why="no_reader", chat=-5)]
    assert deaf.others(run, silent, crew, {-5: members}) == instead
