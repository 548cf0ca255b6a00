"""A wrong or missing setting is named, with what was given (no secrets) and what is expected."""

import re
from base64 import urlsafe_b64encode
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from core.job import Family
from core.pace import Pace, parse_pace
from core.pacing import CAREFUL
from core.settings import NEEDS, Settings, SettingsError, load_settings

ROOT = Path(__file__).parents[2]
KEY = urlsafe_b64encode(bytes(range(32))).decode()
GOOD = {
    "bot_token": "123456:AAEabcdefghijklmnop",
    "admins": "42, 7",
    "api_id": "1",
    "api_hash": "0123456789abcdef0123456789abcdef",
    "session_keys": f"{KEY},{Fernet.generate_key().decode()}",
}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("name", "wrong", "expected"),
    [
        ("ADMINS", "me", "user ids"),
        ("ADMINS", "-5", "user ids"),
        ("API_ID", "abc", "number"),
        ("BOT_API_URL", "api.telegram.org", "address"),
        ("DATA_DIR", 5, "folder"),
        ("LEASE_SECONDS", "0.2", "seconds"),
        ("LOG_FORMAT", "xml", "console or json"),
        ("LOG_LEVEL", "LOUD", "DEBUG"),
        ("METRICS_PORT", "70000", "65535"),
        ("MONGODB_DB", "a b", "letters"),
        ("PACE", "history=30", "calls/seconds"),
        ("PACE", "history=0/5", "calls/seconds"),
        ("PACE", "swimming=1/5", "calls/seconds"),
        ("PACE", "history=nan/5", "calls/seconds"),
        ("SEARCH_BOTS", "@a b", "usernames"),
        ("TELEGRAM_DC", "moon", "ID@HOST:PORT"),
        ("TELEGRAM_DC", "2@host", "ID@HOST:PORT"),
        ("TELEGRAM_DC", "2@host:0", "ID@HOST:PORT"),
        ("TIME_ZONE", "Mars/Olympus", "Asia/Shanghai"),
        ("WORKER_ACCOUNTS", "0", "from 1"),
    ],
)
def test_the_message_names_the_setting_what_was_given_and_what_is_expected(
    name: str, wrong: object, expected: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(None, **{name: wrong})
    message = str(caught.value)
    assert message.startswith(f"{name} is ")
    assert str(wrong).split(",")[0] in message
    assert expected in message.partition("expected:")[2]
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("BOT_TOKEN", "tokenwithoutcolon"),
        ("API_HASH", "nothexadecimal"),
        ("SESSION_KEYS", "tooshort"),
        ("SESSION_KEYS", f"{KEY},{KEY[:-3]}"),
        ("MONGODB_URI", "http://crew:hunter2@host/"),
    ],
)
def test_a_wrong_secret_is_named_and_not_shown(name: str, secret: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(None, **{name: secret})
    assert str(caught.value).startswith(f"{name} has a wrong value")
    assert secret not in str(caught.value)
    assert caught.value.__cause__ is None


def test_all_wrong_settings_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(None, METRICS_PORT="x", PACE="y", ADMINS="z,9")
    named = [line.split()[0] for line in str(caught.value).splitlines()]
    assert sorted(named) == ["ADMINS", "METRICS_PORT", "PACE"]


def test_each_role_asks_for_what_it_needs_and_says_where_to_get_it() -> None:
    settings = load_settings(None)
    with pytest.raises(SettingsError) as caught:
        settings.require_for("bot", "collector")
    lines = str(caught.value).splitlines()
    assert [line.split()[0] for line in lines] == [*NEEDS["bot"], *NEEDS["collector"]]
    assert "@BotFather" in lines[0]
    assert "my.telegram.org" in lines[2]
    assert "telecrew init" in lines[-1]


def test_a_role_with_all_it_needs_is_content() -> None:
    load_settings(None, **GOOD).require_for("bot", "collector")


def test_another_server_needs_its_public_key() -> None:
    settings = load_settings(None, **GOOD, telegram_dc="2@127.0.0.1:8443")
    settings.require_for("bot")
    with pytest.raises(SettingsError, match=r"^TELEGRAM_RSA_KEY is not set: .*PEM"):
        settings.require_for("collector")


def test_values_arrive_in_their_types() -> None:
    settings = load_settings(
        None,
        **GOOD,
        telegram_dc="4@[::1]:443",
        time_zone="Asia/Shanghai",
        search_bots="@abcd, efgh",
    )
    assert settings.admins == (42, 7)
    assert (settings.telegram_dc.id, settings.telegram_dc.host) == (4, "::1")
    assert settings.time_zone == ZoneInfo("Asia/Shanghai")
    assert settings.search_bots == ("abcd", "efgh")
    assert settings.session_keys[0].get_secret_value() == KEY


def test_no_secret_shows_in_the_text_of_the_settings() -> None:
    settings = load_settings(None, **GOOD, mongodb_uri="mongodb://crew:hun%3Ater2@host/")
    assert "hun:ter2" in settings.secrets()
    shown = f"{settings!r} {settings}"
    assert not [secret for secret in settings.secrets() if secret in shown]
    assert "hun%3Ater2" not in shown


def test_the_environment_wins_over_the_file_and_an_empty_value_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text("LOG_LEVEL=debug\nMETRICS_PORT=\nMONGODB_DB=from_file\nNOT_OURS=1\n")
    monkeypatch.setenv("MONGODB_DB", "from_environment")
    settings = load_settings(file)
    assert settings.log_level == "DEBUG"
    assert settings.metrics_port == 0
    assert settings.mongodb_db == "from_environment"


@pytest.mark.parametrize(
    ("given_by_system", "spoken"),
    [("zh_CN:zh", "zh"), ("de:zh_TW:en", "zh"), ("de", "en"), ("en_US:en", "en"), ("C", "en")],
)
def test_the_language_that_systems_set_is_understood(given_by_system: str, spoken: str) -> None:
    assert load_settings(None, language=given_by_system).language == spoken


def test_a_misspelt_override_is_an_error() -> None:
    with pytest.raises(TypeError, match="bot_tokn"):
        load_settings(None, bot_tokn="1")


def test_the_example_names_every_setting_and_its_default(tmp_path: Path) -> None:
    text = (ROOT / ".env.example").read_text()
    assignment = re.compile(r"^(?:# )?([A-Z_]+)=(.*)$", re.MULTILINE)
    given_in_file = dict(assignment.findall(text))
    assert sorted(given_in_file) == sorted(name.upper() for name in Settings.model_fields)
    file = tmp_path / ".env"
    file.write_text("".join(f"{name}={value}\n" for name, value in given_in_file.items()))
    assert load_settings(file) == load_settings(None)
    assert load_settings(ROOT / ".env.example") == load_settings(None)


def test_the_example_names_every_family_of_calls() -> None:
    assert f"families: {', '.join(Family)}" in (ROOT / ".env.example").read_text()


def test_a_custom_pace_changes_only_what_it_names() -> None:
    allowed = parse_pace("history=60/30").allowances()
    assert allowed[Family.HISTORY].rate == 2
    assert allowed[Family.RESOLVE] == CAREFUL[Family.RESOLVE]
    assert parse_pace("off").allowances() == {}
    assert parse_pace("careful").allowances() == CAREFUL


@given(st.text())
def test_any_text_is_a_pace_or_a_value_error(text: str) -> None:
    try:
        pace = parse_pace(text)
    except ValueError:
        return
    assert isinstance(pace, Pace)
    assert all(budget.rate > 0 for budget in pace.allowances().values())
