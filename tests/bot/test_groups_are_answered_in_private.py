"""In a group a command is answered in private. Cards that are in a group go on being edited there;
nothing new is written into one, whatever happens to the card or the group."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from bot_rig import CLOCK, Rig
from structlog.testing import capture_logs
from waiting import wait_until

from bot.menu import COMMANDS
from core.run import Card, Run
from core.task import Schedule, TaskSpec
from sandbox.bot_api.gathering import Gathering

HERE = {"en": "I answer here, not in the group", "zh": "我在这里回复"}


@pytest.fixture
def group(idle: Rig) -> Gathering:
    idle.door.limits.enabled = False
    idle.me.chat.started = True
    return idle.door.group("Crew", idle.me.id, idle.stranger.id, supergroup=True)


@pytest.fixture
def basic(idle: Rig) -> Gathering:
    idle.door.limits.enabled = False
    return idle.door.group("Old crew", idle.me.id, idle.stranger.id)


@asynccontextmanager
async def last_release(rig: Rig) -> AsyncIterator[Bot]:
    """Whoever writes into groups, as the bot did."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(rig.url))
    try:
        yield Bot(rig.settings.token, session)
    finally:
        await session.close()


async def card_in(rig: Rig, group: Gathering) -> tuple[Run, int]:
    """The run of a task that lives in the group, and its card there."""
    async with last_release(rig) as bot:
        message = (await bot.send_message(group.id, "Task #1 · Queued")).message_id
    now = CLOCK.now()
    task = await rig.database.tasks.add(
        owner=rig.me.id,
        chat=group.id,
        spec=TaskSpec(sources=("@harbour_news",)),
        schedule=Schedule(),
        next_due=None,
        now=now,
    )
    run = await rig.database.runs.open(
        task, due=now, now=now, card=Card(chat=group.id, message=message)
    )
    assert run is not None
    return run, message


def written(group: Gathering) -> list[int]:
    return [one.id for one in group.messages if one.by_bot]


async def in_group(group: Gathering, message: int, *words: str) -> None:
    await wait_until(lambda: all(word in group.message(message).text for word in words), timeout=20)


async def was_shown(rig: Rig, run: Run) -> Run:
    await wait_until(lambda: _all_shown(rig), timeout=20)
    return await rig.worker.get(run.id)


async def _all_shown(rig: Rig) -> bool:
    return await rig.database.runs.to_show() == []


async def test_each_command_is(rig: Rig, group: Gathering, basic: Gathering) -> None:
    name = rig.door.bot.user["username"]
    for number, command in enumerate((*COMMANDS, "nonsense")):
        language = "zh" if number % 3 else "en"
        await rig.database.operators.set_language(rig.me.id, language)
        text = f"/{command}@{name.upper()}" if number % 2 else f"/{command}"
        here = group if number % 4 < 2 else basic
        before = {one.id for one in rig.me.messages}
        here.say(rig.me.id, text)

        def new(before: set[int] = before) -> list[str]:
            return [m.text for m in rig.me.messages if m.by_bot and m.id not in before]

        await wait_until(lambda new=new: len(new()) >= 2, timeout=20)
        assert HERE[language] in new()[0]
        await wait_until(rig.handled, timeout=20)
    assert written(group) == written(basic) == []


async def test_who_never_began_a_private_chat_hears_nothing_and_the_group_neither(
    rig: Rig, group: Gathering
) -> None:
    """A bot cannot write first."""
    rig.me.chat.started = False
    with capture_logs() as logs:
        group.say(rig.me.id, "/tasks")
        await wait_until(lambda: "telegram.forbidden" in [one["event"] for one in logs], timeout=20)
        await wait_until(rig.handled, timeout=20)
    assert "update.failed" not in [one["event"] for one in logs]
    assert written(group) == []
    assert "Quick start" in (await rig.say("/help")).text


async def test_a_form_that_is_opened_by_a_command_is_gone_on_with_in_private(
    rig: Rig, group: Gathering
) -> None:
    group.say(rig.me.id, "/newtask @harbour_news")
    page = await rig.new("harbour_news")
    await rig.press(page, "Start")
    run = await rig.worker.open_run()
    assert run.card is not None
    assert run.card.chat == rig.me.id
    assert written(group) == []


async def test_a_card_goes_on_being_edited_there(rig: Rig, group: Gathering) -> None:
    run, message = await card_in(rig, group)
    [job] = await rig.worker.plan(run)
    key = await rig.worker.claim(job.id)
    await rig.worker.progress(key, 100, 500)
    await rig.worker.derive(run.id)
    await in_group(group, message, "100 of 500")
    query = group.press(rig.me.id, message, "⏹ Stop")
    await rig.me.answered(query)
    await in_group(group, message, "Stopping…")
    assert written(group) == [message]


async def test_how_it_ended_is_told_in_private(rig: Rig, group: Gathering) -> None:
    run, message = await card_in(rig, group)
    await rig.worker.fail(run, "network")
    await in_group(group, message, "Failed")
    told = await rig.new("Task #1 failed", timeout=20)
    assert told.reply_to is None
    assert (await was_shown(rig, run)).card == Card(chat=group.id, message=message)
    assert len([one for one in rig.me.messages if "Task #1" in one.text]) == 1
    assert written(group) == [message]


async def test_what_its_buttons_bring_comes_in_private(rig: Rig, group: Gathering) -> None:
    run, message = await card_in(rig, group)
    await rig.worker.finish(run)
    await in_group(group, message, "Done")
    for button in [label for row in group.message(message).buttons for label in row]:
        if button not in [label for row in group.message(message).buttons for label in row]:
            continue
        query = group.press(rig.me.id, message, button)
        await wait_until(lambda query=query: query.answered, timeout=20)
        await wait_until(rig.handled, timeout=20)
    assert written(group) == [message]


def lose(group: Gathering, message: int, by: int) -> Gathering:
    group.chat.posts[message].deleted = True
    return group


def take_out(group: Gathering, message: int, by: int) -> Gathering:
    group.take_bot_out(by)
    return group


def migrate(group: Gathering, message: int, by: int) -> Gathering:
    return group.migrate(by)


MISHAPS: dict[str, Callable[[Gathering, int, int], Gathering]] = {
    "the card is deleted": lose,
    "the bot is taken out": take_out,
    "the group becomes a supergroup": migrate,
}


@pytest.mark.parametrize("mishap", MISHAPS)
async def test_what_cannot_be_edited_there_goes_on_in_private(
    rig: Rig, group: Gathering, basic: Gathering, mishap: str
) -> None:
    group = basic if mishap == "the group becomes a supergroup" else group
    run, message = await card_in(rig, group)
    [job] = await rig.worker.plan(run)
    key = await rig.worker.claim(job.id)
    await in_group(group, message, "@harbour_news")
    now = MISHAPS[mishap](group, message, rig.me.id)
    await rig.worker.progress(key, 100, 500)
    await rig.worker.derive(run.id)
    card = await rig.new("100 of 500", timeout=20)
    await rig.worker.db.jobs.done(key, CLOCK.now())
    await rig.worker.derive(run.id)
    await rig.until(card.id, "Done", timeout=20)
    kept = await was_shown(rig, run)
    assert kept.card == Card(chat=rig.me.id, message=card.id)
    assert [one.id for one in rig.me.messages if "Task #1" in one.text] == [card.id]
    assert set(written(group)) | set(written(now)) <= {message}
    task = await rig.database.tasks.get(run.task)
    assert task is not None
    assert task.chat == now.id
    refused = [call for call in rig.calls() if call.error]
    assert len(refused) <= 2, refused


async def test_the_next_run_of_its_task_has_its_card_in_private(rig: Rig, group: Gathering) -> None:
    run, message = await card_in(rig, group)
    await rig.worker.finish(run)
    await in_group(group, message, "Done")
    task = await rig.database.tasks.get(run.task)
    assert task is not None
    now = CLOCK.now()
    again = await rig.database.runs.open(task, due=now, now=now)
    assert again is not None
    card = await rig.new("Task #1 · Queued", timeout=20)
    await rig.worker.fail(again, "network")
    await rig.until(card.id, "Failed", timeout=20)
    assert (await rig.new("Task #1 failed", timeout=20)).reply_to == card.id
    assert written(group) == [message]


async def test_a_form_that_was_open_there_is_gone_on_with_there(
    idle: Rig, group: Gathering, monkeypatch: pytest.MonkeyPatch
) -> None:
    await idle.worker.lease()
    with monkeypatch.context() as as_it_was:
        as_it_was.setattr("bot.polling.meant_for_us", lambda update, _: update)
        as_it_was.setattr("bot.groups.NEW", ())
        async with idle.running():
            group.say(idle.me.id, "/newtask")
            await wait_until(lambda: written(group), timeout=20)
            await wait_until(idle.handled, timeout=20)
    [page] = written(group)
    async with idle.running():
        for name in ("@harbour_news", "@harbour_logs"):
            group.say(idle.me.id, name, reply_to=page)
            await in_group(group, page, name)
        query = group.press(idle.me.id, page, "▶️ Start")
        await idle.me.answered(query)
        run = await idle.worker.open_run()
        await in_group(group, page, "Task #1")
        await idle.worker.fail(run, "network")
        await idle.new("Task #1 failed", timeout=20)
    assert run.spec.sources == ("@harbour_news", "@harbour_logs")
    assert run.card == Card(chat=group.id, message=page)
    assert written(group) == [page]


async def test_a_flood_of_a_group_delays_nobody_in_private(rig: Rig, group: Gathering) -> None:
    run, message = await card_in(rig, group)
    await in_group(group, message, "@harbour_news")
    rig.door.flood_next("editMessageText", 25)
    [job] = await rig.worker.plan(run)
    await rig.worker.progress(await rig.worker.claim(job.id), 100, 500)
    await rig.worker.derive(run.id)
    await wait_until(lambda: any(one.error for one in rig.calls("editMessageText")), timeout=20)
    assert "Quick start" in (await rig.say("/help")).text
    assert "100 of 500" not in group.message(message).text
