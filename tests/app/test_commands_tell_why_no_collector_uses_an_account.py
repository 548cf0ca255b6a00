"""`accounts list`, `doctor` and `/readyz` tell of accounts that no collector can open or reach."""

from datetime import UTC, datetime

import aiohttp
import pytest
from rich.console import Console

from app.accounts import show_accounts
from app.doctor.crew import look_at_crew
from app.doctor.finding import State
from app.health import Health
from app.metrics import Metrics
from app.observability import serve_observability
from collector.telegram.vault import SessionVault
from core.setback import Scope, Setback
from core.settings import Settings, load_settings
from core.worker import Load
from db.accounts import SignedIn
from db.database import Database

KEY, OTHER = SessionVault.new_key(), SessionVault.new_key()
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SETBACK = Setback(scope=Scope.OWN, why="session_unreadable", accounts=(1,))


@pytest.fixture
async def crew(database: Database) -> Database:
    for number in (1, 2):
        sealed = SessionVault([KEY]).seal(number, b"session")
        await database.accounts.signed_in(
            SignedIn(
                telegram_id=number, name=f"Account {number}", username=None, phone="+9 *** 1",
                phone_secret=b"", session=sealed,
            ),
            NOW,
        )  # fmt: skip
    return database


def settings(mongo_uri: str, name: str, keys: str) -> Settings:
    return load_settings(None, MONGODB_URI=mongo_uri, MONGODB_DB=name, SESSION_KEYS=keys)


async def fails(database: Database) -> None:
    await database.workers.begin("w1", host="harbour", version="1")
    await database.workers.beat("w1", Load(room=5), [SETBACK])


async def test_the_doctor_opens_each_session(
    crew: Database, mongo_uri: str, database_name: str
) -> None:
    [good] = await look_at_crew(settings(mongo_uri, database_name, f"{OTHER},{KEY}"))
    assert good.state is State.OK
    [bad] = await look_at_crew(settings(mongo_uri, database_name, OTHER))
    assert bad.state is State.FAIL
    assert "Account 1 (#1), Account 2 (#2)" in bad.detail
    assert "SESSION_KEYS" in bad.advice


async def test_the_doctor_tells_what_the_collectors_tell(
    crew: Database, mongo_uri: str, database_name: str
) -> None:
    await fails(crew)
    [told] = await look_at_crew(settings(mongo_uri, database_name, KEY))
    assert told.state is State.WARN
    assert "no collector can open this session (harbour)" in told.detail


async def test_the_list_does_not_call_it_ready(
    crew: Database, mongo_uri: str, database_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fails(crew)
    console = Console(record=True, width=300)
    monkeypatch.setattr("app.terminal._console", console)
    await show_accounts(settings(mongo_uri, database_name, KEY))
    text = console.export_text()
    first, second = text.splitlines()[1:3]
    assert "no collector can open this session (harbour): session_unreadable" in first
    assert "ready" not in first
    assert "ready" in second


@pytest.mark.parametrize(
    ("notes", "status"), [([], "ok"), (["cannot reach Telegram's data centre 4"], "degraded")]
)
async def test_a_note_does_not_make_it_unready(notes: list[str], status: str) -> None:
    health = Health()
    health.add_notes(lambda: notes)
    async with (
        serve_observability(host="127.0.0.1", port=0, metrics=Metrics(), health=health) as port,
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/readyz") as answer,
    ):
        assert answer.status == 200
        body = await answer.json()
    assert body["status"] == status
    assert body.get("notes", []) == notes
