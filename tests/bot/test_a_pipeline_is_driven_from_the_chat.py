"""From a word to stored messages, by nothing but the chat: real bot, worker and sandbox."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from bot_door import bot_api
from bot_rig import Rig, Worker, settings
from service import make_worker, recruit, stored_ids, working, world_ids

from core.task import Step
from db.client import MongoDatabase
from db.database import Database
from sandbox.entrance import Entrance
from sandbox.seed import SEARCH_BOTS, small_world
from sandbox.server import Sandbox

NAMES = ("python_club", "python_news", "python_door")


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    world = small_world(
        chats=dict.fromkeys(NAMES, 60) | {"secret_circle": 40},
        accounts=2,
        topics=dict.fromkeys(NAMES, ("en", "python")),
        private=("secret_circle",),
        entrances={
            "python_club": Entrance(insiders=()),
            "python_news": Entrance(insiders=()),
            "python_door": Entrance(approval=True, insiders=()),
            "secret_circle": Entrance(invite="SecretHash01", insiders=()),
        },
    )
    async with Sandbox(world) as running:
        yield running


@pytest.fixture
async def rig(
    database: Database,
    mongo_database: MongoDatabase,
    database_name: str,
    mongo_uri: str,
    tmp_path: Path,
    sandbox: Sandbox,
) -> AsyncIterator[Rig]:
    await recruit(database, sandbox, sandbox.world.accounts)
    async with AsyncExitStack() as stack:
        door, url, gateway = await stack.enter_async_context(bot_api())
        token, operator = door.world.control_bot.token, door.world.operator.id
        wanted = settings(url, mongo_uri, database_name, tmp_path, token, [operator])
        by_hand = Worker(database, mongo_database)
        made = Rig(door, url, database, by_hand, wanted, stack, gateway)
        await stack.enter_async_context(working(make_worker(database, sandbox)))
        bots = tuple(bot.username for bot in SEARCH_BOTS)
        await stack.enter_async_context(made.running(search_bots=bots))
        yield made


async def test_a_word_becomes_stored_messages_by_ticking_what_was_found(
    rig: Rig, sandbox: Sandbox
) -> None:
    page = await rig.say("/newtask")
    await rig.tap(page.id, "Find, join and collect")
    await rig.until(page.id, "Words to search for")
    page = await rig.say("python")
    await rig.tap(page.id, "Account")
    await rig.tap(page.id, "Balance automatically")
    await rig.tap(page.id, "Start")
    await rig.tap(page.id, "Choose groups")
    choice = await rig.new("choose groups", "0 ticked")
    run = await rig.worker.open_run()
    groups = {group.source: group.rank for group in await rig.database.found.of_run(run.id)}
    for source in sorted(f"@{name}" for name in NAMES):
        query = rig.me.press_data(choice.id, f"f:on:{run.id}:0:0:{groups[source]}")
        await rig.me.answered(query)
    await rig.tap(choice.id, "Join and collect (3)")
    await rig.tap(choice.id, "Yes, join 3")
    await rig.until(page.id, "2 joined · 1 waiting for an administrator", timeout=25)
    (asked,) = sandbox.world.membership.requests()
    sandbox.society.approve(*asked)
    [waiting] = [
        j for j in await rig.database.jobs.of_run(run.id) if j.wait and j.step is Step.JOIN
    ]
    await rig.database.jobs.wake(waiting.wait.until)
    await rig.until(page.id, "Task #1 · Done", "3 joined", "180 read", timeout=25)
    for name in NAMES:
        assert await stored_ids(rig.database, sandbox, name) == world_ids(sandbox, name)


async def test_an_invite_is_shown_joined_and_collected(rig: Rig, sandbox: Sandbox) -> None:
    page = await rig.say("/newtask t.me/+SecretHash01")
    title = sandbox.world.titled("secret_circle").title
    await rig.until(page.id, f"🔒 {title}", "not joined yet", timeout=15)
    await rig.tap(page.id, "Join and collect")
    await rig.tap(page.id, "Start")
    await rig.until(page.id, "Task #1 · Done", "1 joined", "40 read", timeout=25)
    again = await rig.say("/newtask t.me/+SecretHash01")
    await rig.until(again.id, f"✓ {title}", "joined already", "40 messages", timeout=15)
