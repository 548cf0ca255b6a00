"""Whatever stands in a setting, a file of settings or a folder: one sentence and status 1, or it
works; never a traceback, and nothing is made where nothing was asked for."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner, Result

from app.cli import app
from bench.nursery import Nursery
from bench.soak.service import environment
from core.settings import Settings, SettingsError, load_settings
from sandbox.seed import small_world
from sandbox.server import Sandbox

NAMES = sorted(Settings.model_fields)
ANYTHING = {"webhook_secret", "language"}
"""Settings for which no text is wrong: of the second, systems say what they like."""

WRONG = (
    *("?", "no such thing", "-1", "1e400", "nan", "inf", "9" * 400, "0x1F", "１２x", "1;2"),
    *("http://", "http://[::1", "http://host:99999", "http://a b/", "ftp://host", "mongodb://"),
    *("mongodb://h:port", "mongodb+srv://a,b", "2@:1", "2@h:0", "0@h:1", "2@h h:1", "../.."),
    *("history=1", "history=1/0", "=", ",", "[]", "{}", "None", "true,", "/\x07", "local"),
    *("a\x00b", "\ud800", "\n\n x", "\x1b[31mred", "\u202eetirw"),
)
READERS = ["accounts list", "export @a", "doctor", "login", "run", "bot", "collector"]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal on which no table breaks a line."""
    monkeypatch.setattr("app.terminal._console", Console(width=300))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def telecrew(words: str, **settings: str) -> Result:
    """The command line in this process, for what ends before a loop runs for long."""
    return CliRunner().invoke(app, words.split(), env=dict(settings))


def refused(result: Result) -> str:
    """What a command said that could not begin."""
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result.output


def said_of(name: str, value: str) -> str:
    """What is said of a value; empty where it is right."""
    try:
        load_settings(None, **{name: value})
    except SettingsError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", NAMES)
def test_each_wrong_value_is_told_in_one_line_that_says_what_is_expected(name: str) -> None:
    told = [said for value in WRONG if (said := said_of(name, value))]
    for said in told:
        assert said.startswith(f"{name.upper()} ")
        assert "expected: " in said
        assert said.isprintable()
    assert told or name in ANYTHING


TEXTS = st.text(max_size=40) | st.sampled_from(WRONG) | st.from_regex(r"\d+")


@given(st.sampled_from(NAMES), TEXTS)
def test_any_text_is_a_setting_or_a_sentence(name: str, text: str) -> None:
    said = said_of(name, text)
    assert not said or said.startswith(f"{name.upper()} ")


@pytest.mark.parametrize("name", sorted(set(NAMES) - ANYTHING))
@pytest.mark.usefixtures("here")
def test_each_command_ends_at_a_wrong_setting(name: str) -> None:
    value = {"data_dir": "a\x07b", "telegram_rsa_key": "a\x07b"}.get(name, "no such ☃ thing")
    for words in READERS:
        told = refused(telecrew(words, **{name.upper(): value}))
        assert told.startswith(f"{name.upper()} ")


@pytest.mark.parametrize("words", READERS)
def test_a_file_that_was_named_and_is_not_there_is_an_error(words: str, here: Path) -> None:
    for wrong, why in (("gone.env", "is not there"), (".", "is a folder")):
        told = refused(telecrew(f"{words} --env-file {wrong}"))
        assert why in told
        assert wrong in told
    (here / "bytes.env").write_bytes(b"BOT_TOKEN=\xff\xfe")
    assert "UTF-8" in refused(telecrew(f"{words} --env-file bytes.env"))
    assert sorted(path.name for path in here.iterdir()) == ["bytes.env"]


def test_a_folder_in_the_place_of_the_usual_file_is_told(here: Path) -> None:
    (here / ".env").mkdir()
    assert ".env is a folder" in refused(telecrew("collector"))


def test_a_file_made_by_an_editor_of_windows_is_read(here: Path) -> None:
    file = here / "other.env"
    file.write_bytes(b"\xef\xbb\xbfMONGODB_DB=from_file\r\nLOG_LEVEL=debug\r\n")
    settings = load_settings(file)
    assert (settings.mongodb_db, settings.log_level) == ("from_file", "DEBUG")


@pytest.mark.parametrize("empty", ["", " ", "\t"])
@pytest.mark.parametrize("name", ["MONGODB_DB", "mongodb_db", "Mongodb_Db"])
def test_an_empty_variable_is_unset_and_hides_what_the_file_has(
    name: str, empty: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = here / ".env"
    file.write_text("MONGODB_DB=from_file\nLOG_LEVEL=\nMETRICS_HOST=  \nADMINS\n\nDATA_DIR=''\n")
    settings = load_settings(file)
    assert settings.mongodb_db == "from_file"
    assert settings.metrics_host == "127.0.0.1"
    assert (settings.admins, settings.data_dir) == ((), Path("data"))
    monkeypatch.setenv(name, empty)
    assert load_settings(file).mongodb_db == "telecrew"


@pytest.mark.parametrize("words", ["accounts list", "export @a", "version", "--help"])
def test_a_command_that_looks_makes_nothing_in_a_wrong_folder(words: str, here: Path) -> None:
    result = telecrew(words)
    assert list(here.iterdir()) == []
    if words not in ("version", "--help"):
        told = " ".join(refused(result).split())
        assert "telecrew login" in told
        assert "--env-file" in told


@pytest.mark.usefixtures("wide")
def test_a_doctor_starts_a_mongodb_elsewhere_where_there_is_none(here: Path) -> None:
    told = telecrew("doctor").output
    assert "the embedded one" in told
    assert list(here.iterdir()) == []


@pytest.mark.usefixtures("wide")
def test_a_doctor_looks_at_the_file_that_was_named(here: Path) -> None:
    (here / ".env").write_text("BOT_TOKEM=1\n")
    (here / "other.env").write_text("API_HASCH=1\nMONGODB_URI=mongodb://127.0.0.1:9\nADMINS=7\n")
    told = telecrew("doctor --env-file other.env").output
    assert "other.env sets API_HASCH" in told
    assert "nobody answers at 127.0.0.1:9" in told
    assert "ADMINS is not set" not in told
    assert "BOT_TOKEM" not in told


def test_init_asks_nothing_where_it_could_not_write(here: Path) -> None:
    (here / "file").touch()
    (here / "link").symlink_to("nowhere")
    for place in ("gone/.env", "file/.env", "file", "link"):
        told = refused(telecrew(f"init --env-file {place}"))
        assert "Bot token" not in told
    assert sorted(path.name for path in here.iterdir()) == ["file", "link"]


# What only a process that has begun can notice.


@pytest.fixture
def taken() -> Iterator[str]:
    """A port that somebody has."""
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield str(listening.getsockname()[1])


async def test_what_shows_only_at_the_start_is_told_in_a_sentence_too(
    mongo_uri: str, database_name: str, nursery: Nursery, tmp_path: Path, taken: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "no.pem").write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    cases = {
        "METRICS_HOST 'nowhere.invalid'": {"METRICS_HOST": "nowhere.invalid", "METRICS_PORT": "9"},
        "METRICS_HOST '203.0.113.9'": {"METRICS_HOST": "203.0.113.9", "METRICS_PORT": "9"},
        "the port is in use": {"METRICS_PORT": taken},
        "Not a directory": {"DATA_DIR": str(tmp_path / "file" / "data")},
        "no.pem": {"TELEGRAM_RSA_KEY": str(tmp_path / "no.pem")},
        "TELEGRAM_RSA_KEY is not set": {"TELEGRAM_RSA_KEY": ""},
    }
    async with Sandbox(small_world(chats={"a": 1}, accounts=1)) as sandbox:
        given = environment(sandbox, mongo_uri, database_name, tmp_path)
        for expected, wrong in cases.items():
            role = "login" if "pem" in expected else "collector"
            status, told = await ended(nursery, role, given | wrong, tmp_path)
            assert status == 1, told
            assert expected in " ".join(told.split())
            assert "Traceback" not in told


async def ended(nursery: Nursery, role: str, env: dict[str, str], folder: Path) -> tuple[int, str]:
    """What a process ends with, and says."""
    out = folder / "out"
    with out.open("wb") as file:
        process = await nursery.spawn(
            "app.cli", role, env=env, folder=folder, streams=(None, file.fileno(), file.fileno())
        )
        try:
            status = await asyncio.wait_for(process.wait(), 60)
        finally:
            process.kill()
    return status, out.read_text()


def test_keys_of_the_right_length_and_nothing_else_are_keys() -> None:
    good = Fernet.generate_key().decode()
    assert load_settings(None, session_keys=f"{good}, {good}").session_keys
    for wrong in (good[:-1], good + "A", good[1:], "ключ" * 11, f"{good};{good}"):
        with pytest.raises(SettingsError, match="SESSION_KEYS has a wrong value"):
            load_settings(None, session_keys=wrong)
