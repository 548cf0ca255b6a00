"""While MongoDB is away an operator hears within five seconds that what he did is kept, and when it
is back that is done, once. A stranger hears nothing."""

import time

import pytest
from bot_rig import Rig
from structlog.testing import capture_logs
from test_an_update_outlives_its_store import Gate, gate_before, looked_up
from waiting import wait_until

from sandbox.bot_api.person import Seen

PROMISED = 5.0
PRESS = {"en": "Your press is kept", "zh": "你的操作已记下"}
START = {"en": "▶️ Start", "zh": "▶️ 开始"}
UNKNOWN = {"en": "I do not know this command", "zh": "没有这个命令"}
WRITTEN = {"en": "What you wrote is kept", "zh": "你发送的内容已记下"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.outage.PAUSE_SECONDS", 0.05)
    monkeypatch.setattr("db.database.PING_SECONDS", 0.4)


def told(rig: Rig, words: str) -> list[Seen]:
    return [one for one in rig.me.messages if one.by_bot and words in one.text]


async def falls(gate: Gate) -> float:
    gate.fall()
    return time.monotonic()


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_press_a_command_and_a_text(idle: Rig, language: str) -> None:
    await idle.worker.lease()
    await idle.database.operators.ensure_admin(idle.me.id)
    await idle.database.operators.set_language(idle.me.id, language)
    async with gate_before(idle) as gate:
        page = await looked_up(idle)
        began = await falls(gate)
        query = await idle.me.press(page.id, START[language])
        await idle.me.send("/tasks")
        await idle.me.send("/nonsense")
        before = len(idle.stranger.messages)
        await idle.stranger.send("/tasks")
        await idle.me.answered(query)
        await wait_until(lambda: len(told(idle, WRITTEN[language])) == 2, timeout=PROMISED)
        assert time.monotonic() - began < PROMISED
        assert (query.alert, PRESS[language] in query.text) == (True, True)
        assert (await idle.database.tasks.page())[1] == 0
        gate.open()
        await idle.until(page.id, "#1", timeout=15)
        await idle.new(UNKNOWN[language], timeout=15)
        assert (await idle.database.tasks.page())[1] == 1
        assert len(await idle.database.runs.open_runs()) == 1
        assert len(told(idle, WRITTEN[language])) == 2
        assert [one for one in idle.stranger.messages[before:] if one.by_bot] == []


async def test_a_text_in_the_wizard_and_what_a_late_press_was_to_hear(idle: Rig) -> None:
    await idle.worker.lease()
    async with gate_before(idle) as gate:
        page = await looked_up(idle)
        await idle.press(page.id, "What to read")
        await falls(gate)
        await idle.me.send("no such amount")
        await idle.new(WRITTEN["en"], timeout=PROMISED)
        gate.open()
        await idle.new("I did not understand", timeout=15)
        await idle.me.send("1234")
        shown = await idle.me.wait_for_message(lambda m: "1,234" in m.text)
        assert await idle.press(shown.id, "▶️ Start") == ""
        run = await idle.worker.open_run()
        await idle.worker.finish(run)
        card = await idle.until(shown.id, "· Done")
        await idle.worker.db.tasks.set_state(run.task, "deleting")
        await falls(gate)
        query = idle.me.press_data(card.id, f"r:repair:{run.id}")
        await idle.me.answered(query)
        assert PRESS["en"] in query.text
        gate.open()
        await idle.new("This task does not exist any more", timeout=15)


async def test_an_outage_is_one_line_in_the_log_and_its_end_another(idle: Rig) -> None:
    async with gate_before(idle) as gate:
        await idle.say("/tasks")
        await wait_until(idle.handled)
        with capture_logs() as logs:
            await falls(gate)
            await idle.me.send("/tasks")
            await idle.new(WRITTEN["en"], timeout=PROMISED)
            gate.open()
            await wait_until(lambda: "store.again" in [one["event"] for one in logs], timeout=15)
    events = [one["event"] for one in logs]
    assert events.count("store.unavailable") == events.count("store.again") == 1
    assert events.count("away.told") == 1
