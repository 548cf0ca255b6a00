"""`telecrew` as people and scripts use it: processes of its own, a sandbox, standard input."""

import asyncio
import csv
import io
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import pytest
from service import ended, make_worker, recruit, start, working, world_ids

from bench.nursery import Nursery
from collector.telegram.vault import SessionVault
from core.account import AccountState
from core.chat import Chat, ChatKind
from core.export import ExportFormat
from core.message import Message
from core.run import RunState
from core.undecoded import Undecoded
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

PASSWORD = "correct horse"
WHEN = datetime(2026, 1, 31, tzinfo=UTC)
HASH = "0123456789abcdef0123456789abcdef"


@dataclass
class Done:
    """A command that ended."""

    status: int
    out: str
    err: str


class Shell:
    """Runs `telecrew` with these settings in the environment."""

    def __init__(self, nursery: Nursery, settings: dict[str, str], folder: Path) -> None:
        self._nursery = nursery
        self._settings = settings
        self._folder = folder

    async def __call__(self, *words: str, typed: str = "", **settings: str) -> Done:
        with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
            given.write(typed.encode())
            given.seek(0)
            process = await self._nursery.spawn(
                "app.cli",
                *words,
                env={**kept(), **self._settings, **settings},
                folder=self._folder,
                streams=(given.fileno(), out.fileno(), err.fileno()),
            )
            try:
                status = await asyncio.wait_for(process.wait(), 60)
            finally:
                process.kill()
            return Done(status, read(out), read(err))


def kept() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    world = small_world(chats={"alpha_chat": 120}, accounts=2, passwords={2: PASSWORD})
    async with Sandbox(world) as running:
        yield running


@pytest.fixture
def shell(
    sandbox: Sandbox, mongo_uri: str, database_name: str, tmp_path: Path, nursery: Nursery
) -> Shell:
    settings = {
        **sandbox.environment(),
        "MONGODB_URI": mongo_uri,
        "MONGODB_DB": database_name,
        "DATA_DIR": str(tmp_path / "data"),
        "SESSION_KEYS": SessionVault.new_key(),
        "PACE": "off",
        "COLUMNS": "200",
    }
    return Shell(nursery, settings, tmp_path)


async def test_login_takes_phone_code_and_password_from_a_script(
    shell: Shell, sandbox: Sandbox, database: Database
) -> None:
    one, two = sandbox.world.accounts
    plain = await shell("login", f"+{one.phone}", typed=f"{one.login_code}\n")
    assert (plain.status, plain.err) == (0, "")
    assert "account #1" in plain.out
    secret = await shell("login", typed=f"+{two.phone}\n{two.login_code}\n{PASSWORD}\n")
    assert "account #2" in secret.out
    assert PASSWORD not in secret.out + secret.err
    assert [account.state for account in await database.accounts.all()] == [
        AccountState.READY,
        AccountState.READY,
    ]
    listed = await shell("accounts", "list")
    assert one.name in listed.out
    assert "(default)" in listed.out
    assert (one.phone or "") not in listed.out


async def test_login_explains_each_refusal_and_asks_again(shell: Shell, sandbox: Sandbox) -> None:
    two = sandbox.world.accounts[1]
    typed = f"+1\n+{two.phone}\n00000\n{two.login_code}\nwrong\n{PASSWORD}\n"
    done = await shell("login", typed=typed)
    assert done.status == 0, done.err
    for advice in ("country code", "The code is wrong", "two-step password is wrong"):
        assert advice in done.out


async def test_login_that_runs_out_of_answers_says_what_was_expected(shell: Shell) -> None:
    done = await shell("login")
    assert done.status == 1
    assert "Phone number" in done.err
    assert "Traceback" not in done.err


async def test_login_without_a_key_says_how_to_make_one(shell: Shell) -> None:
    done = await shell("login", "+1", SESSION_KEYS="")
    assert done.status == 1
    assert "SESSION_KEYS" in done.err
    assert "telecrew init" in done.err


async def test_export_writes_every_message_as_json_lines_and_as_csv(
    shell: Shell, sandbox: Sandbox, database: Database, tmp_path: Path
) -> None:
    await collect(database, sandbox)
    lines = await shell("export", "@alpha_chat", "--out", "alpha.jsonl")
    assert lines.status == 0, lines.err
    exported = [json.loads(line) for line in (tmp_path / "alpha.jsonl").read_text().splitlines()]
    assert [message["id"] for message in exported] == world_ids(sandbox, "alpha_chat")
    table = await shell("export", "t.me/Alpha_Chat", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(table.out.removeprefix("\ufeff"))))
    assert [int(row["id"]) for row in rows] == world_ids(sandbox, "alpha_chat")
    assert not (tmp_path / "alpha.jsonl.partial").exists()


async def test_export_of_a_basic_group_writes_what_each_account_numbered_for_itself(
    shell: Shell, database: Database
) -> None:
    await database.chats.save(Chat(id=-77, kind=ChatKind.GROUP, title="Friends"))
    told = {"a1": [1, 2, 4], "a2": [3, 8]}
    for box, ids in told.items():
        new = [Message(chat=-77, box=box, id=number, date=WHEN) for number in ids]
        await database.messages.add_new(new)
    done = await shell("export", "-77")
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [(line["box"], line["id"]) for line in lines] == [
        (box, number) for box, ids in told.items() for number in ids
    ]
    assert "5/5" in done.err
    assert "-77 (Friends)" in (await shell("export", "@nobody_knows")).err


async def test_export_says_how_many_messages_are_not_in_it(
    shell: Shell, database: Database
) -> None:
    await database.chats.save(Chat(id=-77, kind=ChatKind.GROUP, title="Friends"))
    lost = [("a1", 3, None), ("a2", 4, None), ("a2", 5, WHEN), ("a2", 6, WHEN - timedelta(days=9))]
    for box, number, date in lost:
        kept = Undecoded(
            chat=-77, box=box, id=number, raw=b"?", why="5eed0bad", decoder="1", date=date
        )
        await database.undecoded.keep([kept], WHEN)
    told = "4 stored messages are left out"
    for kind in ExportFormat:
        done = await shell("export", "-77", "--format", kind)
        assert told in " ".join(done.err.split())
        assert "left out" not in done.out
    since = (WHEN - timedelta(days=1)).strftime("%Y-%m-%d")
    done = await shell("export", "-77", "--since", since)
    assert "3 stored messages are left out" in " ".join(done.err.split())
    await database.undecoded.forget(-77)
    assert "left out" not in (await shell("export", "-77")).err


async def test_export_of_an_unknown_chat_names_the_known_ones(
    shell: Shell, sandbox: Sandbox, database: Database
) -> None:
    await collect(database, sandbox)
    done = await shell("export", "@nothing_like_it")
    assert done.status == 1
    assert "@alpha_chat" in done.err


async def test_init_checks_each_answer_and_writes_a_file_that_works(
    shell: Shell, sandbox: Sandbox, tmp_path: Path
) -> None:
    token = sandbox.world.control_bot.token
    typed = f"wrong\n{token}\nabc\n12345\n{HASH}\nme\n5\n"
    plain = {"BOT_TOKEN": "", "ADMINS": "", "API_ID": "", "API_HASH": "", "SESSION_KEYS": ""}
    done = await shell("init", typed=typed, **plain)
    assert done.status == 0, done.err + done.out
    written = (tmp_path / ".env").read_text()
    assert f"BOT_TOKEN={token}" in written
    assert "ADMINS=5" in written
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    again = await shell("init", typed=typed, **plain)
    assert again.status == 1
    assert "exists already" in again.err
    assert (tmp_path / ".env").read_text() == written


async def test_doctor_ends_with_one_when_something_is_to_mend(shell: Shell) -> None:
    well = await shell("doctor")
    assert well.status == 0, well.out + well.err
    ill = await shell("doctor", BOT_API_URL="http://127.0.0.1:9")
    assert ill.status == 1
    assert "failed" in ill.out


@pytest.mark.parametrize("command", ["run", "bot", "collector"])
async def test_a_service_that_cannot_start_says_which_setting_is_missing(
    shell: Shell, command: str
) -> None:
    done = await shell(command, BOT_TOKEN="", API_ID="")
    assert done.status == 1
    assert "is not set" in done.err
    assert "Traceback" not in done.err


async def test_a_wrong_setting_is_named_before_anything_starts(tmp_path: Path) -> None:
    """By the installed command itself."""
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("telecrew"),
        "run",
        cwd=tmp_path,
        env=kept() | {"PACE": "fast"},
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert told.startswith(b"PACE is 'fast'")


async def collect(database: Database, sandbox: Sandbox) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    async with working(make_worker(database, sandbox)):
        assert await ended(database, await start(database, "@alpha_chat")) == [RunState.DONE]


async def test_places_and_ports_that_cannot_be_used_are_told_without_a_traceback(
    shell: Shell, sandbox: Sandbox, database: Database
) -> None:
    await collect(database, sandbox)
    nowhere = await shell("export", "@alpha_chat", "--out", "/nonexistent/folder/x.jsonl")
    assert nowhere.status == 1
    assert "/nonexistent/folder" in nowhere.err
    taken = await shell("sandbox", "--port", sandbox.bot_api_url.rpartition(":")[2])
    assert taken.status == 1
    assert "The port is in use" in taken.err
    assert "Traceback" not in nowhere.err + taken.err
