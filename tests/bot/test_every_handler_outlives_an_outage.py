"""Every command, every kind of press and every text: whoever waits for MongoDB hears within five
seconds that it is kept, and once it is back each is carried out, once."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from aiogram.types import Update
from bot_rig import CLOCK, Rig
from gate import Gate
from structlog.testing import capture_logs
from waiting import wait_until

from bot.away import ASK_AFTER
from bot.features.found.router import TICKS
from bot.menu import COMMANDS
from core.chat import Chat, ChatKind
from core.message import Message
from core.run import Intent, Run
from db.client import connect, database_of
from db.database import Database
from sandbox.bot_api.person import Query, Seen

PROMISED = 5.0
PRESS, WRITTEN = "Your press is kept", "What you wrote is kept"
FEATURES = Path(__file__).parents[2] / "bot" / "features"
REGISTERED = re.compile(r'F\.data(?:\.startswith\(| == )"([^"]+)"')
LOST = Chat(id=-1009, kind=ChatKind.SUPERGROUP, title="Lost Harbour")
OUTAGES = {"cut": Gate.fall, "held": Gate.hold}
"""Lines that break and are refused; and a mongod that is stopped."""
SOME = 25
"""What is done at once."""


def kinds() -> set[str]:
    """What the data of a press begins with, as the routers ask for it."""
    routers = [file.read_text(encoding="utf-8") for file in FEATURES.glob("*/router.py")]
    return {*TICKS, *(kind for text in routers for kind in REGISTERED.findall(text))}


@dataclass
class Done:
    """Which updates were handled to their end, and how often."""

    times: Counter[int]


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Done:
    monkeypatch.setattr("db.outage.PAUSE_SECONDS", 0.05)
    monkeypatch.setattr("db.database.PING_SECONDS", 0.4)
    told, feed = Done(Counter()), Dispatcher.feed_update

    async def feed_update(self: Dispatcher, bot: Bot, update: Update, **given: Any) -> Any:
        answer = await feed(self, bot, update, **given)
        told.times[update.update_id] += 1
        return answer

    monkeypatch.setattr(Dispatcher, "feed_update", feed_update)
    return told


@asynccontextmanager
async def behind_a_gate(rig: Rig) -> AsyncIterator[Gate]:
    rig.door.limits.enabled = False
    gate = Gate(rig.settings.mongo_uri)
    async with asyncio.TaskGroup() as lines:
        server = await asyncio.start_server(
            lambda reader, writer: lines.create_task(gate.serve(reader, writer)), "127.0.0.1", 0
        )
        uri = gate.instead_of(rig.settings.mongo_uri, server.sockets[0].getsockname()[1])
        async with connect(uri, timeout_ms=200) as client, server:
            database = Database(database_of(client, rig.settings.mongo_db))
            async with replace(rig, database=database).running(mongo_uri=uri):
                yield gate
            gate.fall()
            await asyncio.sleep(0)


@dataclass
class House:
    """A finished run, an open one to be stopped, a task to be deleted, one to be paused, a chat of
    an earlier task, and the wizard."""

    over: Run
    stopped: Run
    gone: Run
    paused: Run
    page: Seen

    def presses(self) -> dict[str, str]:
        """Of each kind that changes something the data; all others are about what is not there."""
        real = {
            "t:start:": self.over.task,
            "t:pause:": self.paused.task,
            "r:stop:": self.stopped.id,
            "t:del2:": self.gone.task,
            "e:keep:": str(LOST.id),
            "a:default:": "2",
            "l:": "en",
        }
        whole = {"h:help", "new", "a:list"}
        return {
            one: one if one in whole else one + real.get(one, "none") for one in sorted(kinds())
        }


async def furnished(rig: Rig) -> House:
    await rig.database.chats.save(LOST)
    lost = [Message(chat=LOST.id, box="", id=n, date=CLOCK.now()) for n in range(1, 4)]
    await rig.database.messages.add_new(lost)
    await rig.database.build_claims(CLOCK.now())
    runs = []
    for name in ("over", "stopped", "gone", "paused"):
        before = {run.id for run in await rig.database.runs.open_runs()}
        await rig.started(f"@{name}")
        runs += [run for run in await rig.database.runs.open_runs() if run.id not in before]
    await rig.worker.finish(runs[0])
    await rig.worker.fail(runs[2], "source_private")
    page = await rig.say("/newtask @harbour_news")
    await wait_until(rig.handled)
    return House(*runs, page)


def notices(rig: Rig) -> int:
    return sum(one.by_bot and WRITTEN in one.text for one in rig.me.messages)


async def everything(rig: Rig, house: House) -> int:
    """Do all that an operator can do, some at once, each told in time; how many that was."""
    presses = ["▶️ Start", *house.presses().values()]
    for some in turns(presses, SOME):
        began = time.monotonic()
        queries = [await pressed(rig, house.page.id, data) for data in some]
        await wait_until(lambda mine=queries: all(one.answered for one in mine), PROMISED)
        assert time.monotonic() - began < PROMISED
        assert all(one.alert and PRESS in one.text for one in queries)
    commands = [f"/{command}" for command in COMMANDS]
    texts = ["@another_chat", *commands, "/nonsense", "a text without a place"]
    for number, some in enumerate(turns(texts, SOME)):
        began = time.monotonic()
        for text in some:
            await rig.me.send(text)
        told = number * SOME + len(some)
        await wait_until(lambda told=told: notices(rig) == told, PROMISED)
        assert time.monotonic() - began < PROMISED
    assert notices(rig) == len(texts)
    return len(presses) + len(texts)


def turns(every: list[str], size: int) -> list[list[str]]:
    return [every[start : start + size] for start in range(0, len(every), size)]


async def pressed(rig: Rig, page: int, data: str) -> Query:
    if data == "▶️ Start":
        return await rig.me.press(page, data)
    return rig.me.press_data(page, data)


async def untouched(house: House, database: Database) -> None:
    assert (await database.tasks.page())[1] == 4
    assert len(await database.runs.open_runs()) == 2
    assert not any(one.is_default and one.id == 2 for one in await database.accounts.all())
    paused = await database.runs.get(house.paused.id)
    assert paused is not None
    assert paused.intent is Intent.GO


async def carried_out_once(rig: Rig, house: House) -> None:
    database = rig.database
    again = [one for one in await database.runs.open_runs() if one.task == house.over.task]
    assert len(again) == 1
    stopped = await database.runs.get(house.stopped.id)
    assert stopped is not None
    assert stopped.intent is Intent.CANCEL
    assert await database.tasks.get(house.gone.task) is None
    paused = await database.runs.get(house.paused.id)
    assert paused is not None
    assert paused.intent is Intent.PAUSE
    assert [one.id for one in await database.accounts.all() if one.is_default] == [2]
    assert (await database.tasks.page())[1] == 4, "one was deleted, and one made"
    assert sum("Quick start" in one.text for one in rig.me.messages if one.by_bot) == 1


@pytest.mark.timeout(180)
@pytest.mark.parametrize("outage", ["held"])
async def test_each_is_told_and_done_once(idle: Rig, done: Done, outage: str) -> None:
    await idle.worker.lease()
    async with behind_a_gate(idle) as gate:
        house = await furnished(idle)
        assert len(kinds()) > 40
        done.times.clear()
        OUTAGES[outage](gate)
        count = await everything(idle, house)
        written = notices(idle)
        assert done.times.total() == 0
        await untouched(house, idle.database)
        gate.open()
        await wait_until(lambda: len(done.times) == count, timeout=60)
        await wait_until(lambda: deleted(idle, house), timeout=20)
        assert set(done.times.values()) == {1}
        assert notices(idle) == written
        await carried_out_once(idle, house)


async def deleted(rig: Rig, house: House) -> bool:
    return await rig.database.tasks.get(house.gone.task) is None


@pytest.mark.timeout(120)
@pytest.mark.parametrize("outage", ["cut"])
async def test_what_is_done_later_in_an_outage_is_told_as_soon(
    idle: Rig, done: Done, outage: str
) -> None:
    """Others were told before; the bot asks for updates more rarely then."""
    await idle.database.operators.ensure_admin(idle.stranger.id)
    async with behind_a_gate(idle) as gate:
        OUTAGES[outage](gate)
        await idle.me.send("/tasks")
        await wait_until(lambda: notices(idle) == 1, timeout=PROMISED)
        for number in range(2):
            began = time.monotonic()
            await idle.stranger.send("/queue")
            await wait_until(
                lambda n=number: sum(WRITTEN in m.text for m in idle.stranger.messages) == n + 1,
                timeout=PROMISED,
            )
            assert time.monotonic() - began < PROMISED
        gate.open()
        await wait_until(lambda: len(done.times) == 3, timeout=60)
    assert set(done.times.values()) == {1}


async def test_who_waits_for_something_else_or_for_a_moment_hears_nothing(
    idle: Rig, done: Done
) -> None:
    async with behind_a_gate(idle) as gate:
        idle.door.delay_next("sendMessage", ASK_AFTER + 1)
        with capture_logs() as logs:
            await idle.say("/start")
            await wait_until(idle.handled)
            gate.fall()
            await idle.me.send("/help")
            await asyncio.sleep(ASK_AFTER / 2)
            gate.open()
            await idle.new("Quick start", timeout=30)
    assert "away.told" not in [one["event"] for one in logs]
    assert notices(idle) == 0
    assert set(done.times.values()) == {1}
