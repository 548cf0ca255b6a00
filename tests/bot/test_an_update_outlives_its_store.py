"""A store that goes away while an update is handled loses nothing: the update begins anew."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from bot_rig import Rig
from gate import Gate
from structlog.testing import capture_logs
from waiting import wait_until

from db.client import connect, database_of
from db.database import Database
from sandbox.bot_api.person import Seen

SELECTION_MS = 200
"""How long the driver looks for a server before it gives up; seconds in a service."""
NEW_TASK = b"insert\0\6\0\0\0tasks\0"
"""How the command that stores a task begins on the line."""
NEW_FORM = b"dialog_data\0"
"""What only the command holds that keeps a form; it is on the screen then."""


@asynccontextmanager
async def gate_before(rig: Rig) -> AsyncIterator[Gate]:
    """A bot that runs behind a gate."""
    gate = Gate(rig.settings.mongo_uri)
    async with asyncio.TaskGroup() as lines:
        server = await asyncio.start_server(
            lambda reader, writer: lines.create_task(gate.serve(reader, writer)), "127.0.0.1", 0
        )
        uri = gate.instead_of(rig.settings.mongo_uri, server.sockets[0].getsockname()[1])
        async with connect(uri, timeout_ms=SELECTION_MS) as client, server:
            database = Database(database_of(client, rig.settings.mongo_db))
            async with replace(rig, database=database).running(mongo_uri=uri):
                yield gate
            gate.fall()
            await asyncio.sleep(0)  # an aborted line closes in the next round


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.outage.PAUSE_SECONDS", 0.05)


async def falls_twice(gate: Gate) -> None:
    """Cut a command and its repetition, which the driver does by itself."""
    await wait_until(lambda: gate.falls == 1)
    gate.open(trap=gate.trap)
    await wait_until(lambda: gate.falls == 2, timeout=10)


async def looked_up(rig: Rig) -> Seen:
    """The wizard before Start, with nothing left to come that would ask the store."""
    page = await rig.say("/newtask @harbour_news")
    await rig.worker.answer()
    return await rig.until(page.id, "Harbour News")


@pytest.mark.usefixtures("impatient")
async def test_a_press_in_the_middle_of_which_it_goes_away_makes_one_task(idle: Rig) -> None:
    await idle.worker.lease()
    async with gate_before(idle) as gate:
        page = await looked_up(idle)
        gate.open(trap=NEW_TASK)
        with capture_logs() as logs:
            query = await idle.me.press(page.id, "▶️ Start")
            await wait_until(lambda: gate.falls == 1)
            await asyncio.sleep(SELECTION_MS / 1000 * 3)
            assert not query.answered
            gate.open()
            await idle.until(page.id, "· Queued")
            await idle.me.answered(query)
    assert query.text == ""
    assert [log["event"] for log in logs].count("update.begins_anew") == 1
    assert (await idle.database.tasks.page())[1] == 1
    assert len(await idle.database.runs.open_runs()) == 1


@pytest.mark.usefixtures("impatient")
async def test_a_form_that_is_shown_is_kept_when_it_comes_back(idle: Rig) -> None:
    await idle.worker.lease()
    async with gate_before(idle) as gate:
        gate.open(trap=NEW_FORM)
        page = await idle.say("/newtask @harbour_news")
        await falls_twice(gate)
        query = await idle.me.press(page.id, "▶️ Start")
        gate.open()
        await idle.until(page.id, "· Queued")
        await idle.me.answered(query)
    assert query.text == ""
    assert (await idle.database.tasks.page())[1] == 1


@pytest.mark.usefixtures("impatient")
async def test_a_form_whose_store_stays_away_is_opened_anew(
    idle: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.AWAY_SECONDS", 0.0)
    async with gate_before(idle) as gate:
        gate.open(trap=NEW_FORM)
        lost = await idle.say("/newtask @harbour_news")
        await falls_twice(gate)
        gate.open()
        found = await idle.me.wait_for_message(lambda m: m.id > lost.id and "harbour" in m.text)
        assert "/newtask opens a new one" in await idle.press(lost.id, "▶️ Start")
        assert await idle.press(found.id, "▶️ Start") == ""
        await idle.until(found.id, "· Queued")


@pytest.mark.usefixtures("impatient")
async def test_one_that_it_leaves_again_and_again_is_answered(idle: Rig) -> None:
    await idle.worker.lease()
    async with gate_before(idle) as gate:
        page = await looked_up(idle)
        gate.open(trap=NEW_TASK)
        query = await idle.me.press(page.id, "▶️ Start")
        for fall in (1, 2, 3):
            await wait_until(lambda fall=fall: gate.falls == fall)
            await asyncio.sleep(SELECTION_MS / 1000 * 3)
            gate.open(trap=NEW_TASK if fall < 3 else None)
        await idle.me.answered(query)
        if "database does not answer" not in query.text:
            await idle.new("database does not answer", timeout=20)
        assert (await idle.database.tasks.page())[1] == 0
        assert await idle.press(page.id, "▶️ Start") == ""
        await idle.until(page.id, "· Queued")
