"""An update of anybody but an operator costs no command of MongoDB and no call of the Bot API."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from aiogram.types import Update
from bot_rig import Rig
from every_update import (
    ANONYMOUS,
    BODIES,
    CHANNEL_BOT,
    KINDS,
    OTHER_BOT,
    SERVICE,
    Json,
    every_update,
    person,
)
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandListener
from structlog.testing import capture_logs
from waiting import wait_until

from bot.app import ControlBot
from db.client import database_of
from db.database import Database

REMOVED = 991
PEOPLE: dict[str, Json] = {
    "stranger": person(990),
    "removed operator": person(REMOVED),
    "anonymous administrator": ANONYMOUS,
    "channel": CHANNEL_BOT,
    "another bot": OTHER_BOT,
    "Telegram itself": SERVICE,
}


class Tap(CommandListener):
    """What is sent to MongoDB, but for what is sent at rest."""

    def __init__(self) -> None:
        self.caught: list[str] = []

    def started(self, event: Any) -> None:
        of = event.command.get(event.command_name)
        looks_for_runs = event.command_name == "find" and of == "runs"
        looks_for_operators = of == "operators" and event.command.get("filter") == {}
        if not (event.command_name == "getMore" or looks_for_runs or looks_for_operators):
            self.caught.append(f"{event.command_name} {of}")

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...


@pytest.fixture
async def tapped(idle: Rig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Rig, Tap]]:
    """A running bot whose clients of MongoDB are listened to, and that knows whom it forgot."""
    tap, uri = Tap(), idle.settings.mongo_uri
    listened: dict[str, Any] = {"tz_aware": True, "event_listeners": [tap]}
    monkeypatch.setattr("bot.app.fsm_client", lambda _: AsyncMongoClient(uri, **listened))
    client = AsyncIOMotorClient(uri, **listened)
    database = Database(database_of(client, idle.settings.mongo_db))
    await database.operators.ensure_admin(REMOVED)
    rig = replace(idle, database=database)
    async with AsyncExitStack() as stack:
        stack.callback(client.close)
        rig.bot = bot = await stack.enter_async_context(rig.running())
        await wait_until(lambda: bot._known.get(REMOVED))
        await rig.worker.raw["operators"].delete_one({"_id": REMOVED})
        await wait_until(lambda: bot._known.get(REMOVED) is None)
        await wait_until(lambda: len(rig.calls("setMyCommands")) == 3)
        await rig.say("/help")
        await wait_until(lambda: len(rig.door.bot.updates) == 0)
        yield rig, tap


async def test_of_every_kind_in_every_chat(tapped: tuple[Rig, Tap]) -> None:
    rig, tap = tapped
    assert set(BODIES) == set(KINDS)
    calls, updates = len(rig.calls()), list(every_update(PEOPLE))
    assert len(updates) == len(KINDS) * 4 * len(PEOPLE)
    tap.caught.clear()
    with capture_logs() as logs:
        for number, (kind, _, _, update) in enumerate(updates):
            assert getattr(Update.model_validate({"update_id": number, **update}), kind)
            rig.door.inject(update, unasked=True)
        await wait_until(lambda: len(rig.door.bot.updates) == 0, timeout=30)
    assert tap.caught == []
    assert len(rig.calls()) == calls
    ignored = [one["user"] for one in logs if one["event"] == "stranger.ignored"]
    assert sorted(ignored) == sorted(
        {PEOPLE[who]["id"] for who in PEOPLE if not PEOPLE[who]["is_bot"]}
    )


async def test_of_an_operator_other_kinds_than_it_asks_for_cost_nothing_either(
    tapped: tuple[Rig, Tap],
) -> None:
    rig, tap = tapped
    tap.caught.clear()
    for kind, _, _, update in every_update({"operator": person(rig.me.id)}):
        if kind not in {"message", "callback_query"}:
            rig.door.inject(update, unasked=True)
    await wait_until(lambda: len(rig.door.bot.updates) == 0, timeout=30)
    assert tap.caught == []


async def test_what_people_say_to_each_other_in_a_group_costs_nothing(
    tapped: tuple[Rig, Tap],
) -> None:
    rig, tap = tapped
    group = rig.door.group("Crew", rig.me.id, rig.stranger.id, reads_all=True)
    tap.caught.clear()
    for text in ("good morning", "/tasks@other_bot", "see @harbour_news"):
        group.say(rig.me.id, text)
        group.say(rig.stranger.id, text)
    group.say(rig.me.id, "me too", reply_to=1)
    group.migrate(rig.stranger.id)
    await wait_until(lambda: len(rig.door.bot.updates) == 0)
    assert tap.caught == []


async def test_a_new_operator_is_answered_though_he_wrote_at_once(
    tapped: tuple[Rig, Tap], monkeypatch: pytest.MonkeyPatch
) -> None:
    """He writes before the bot can have heard of him."""
    rig, _ = tapped
    monkeypatch.setattr("bot.known.NEW_SECONDS", 60.0)
    await rig.stranger.send("/help")
    await wait_until(lambda: len(rig.door.bot.updates) == 0)
    assert not [one for one in rig.stranger.messages if one.by_bot]
    await rig.database.operators.ensure_admin(rig.stranger.id)
    await rig.stranger.wait_for_message(lambda m: "Quick start" in m.text, 20)


async def test_who_is_removed_is_out_at_once(tapped: tuple[Rig, Tap]) -> None:
    """Even while the bot still knows him."""
    rig, _ = tapped
    bot = rig.bot
    assert isinstance(bot, ControlBot)
    known = bot._known.get(rig.me.id)
    assert known is not None
    await rig.worker.raw["operators"].delete_one({"_id": rig.me.id})
    await wait_until(lambda: bot._known.get(rig.me.id) is None)
    bot._known.know(known)
    before = len(rig.calls())
    await rig.me.send("/help")
    await wait_until(lambda: bot._known.get(rig.me.id) is None)
    assert len(rig.calls()) == before
