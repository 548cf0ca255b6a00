"""Logs are events with fields, in UTC, from all libraries, and never show a secret."""

import io
import json
import logging
import re
import warnings
from collections.abc import Callable, Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from logging_restored import logging_restored

from app.logs import MASK, TALKATIVE, Redactor, configure_logs

TOKEN = "123456789:AAHfQwErTyUiOpAsDfGhJkLzXcVbNm12345"
PASSWORD = "correct-horse"

Read = Callable[[], list[dict[str, object]]]


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    with logging_restored():
        yield


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def read(stream: io.StringIO) -> Read:
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_has_its_fields_its_level_and_the_time_in_utc(
    stream: io.StringIO, read: Read
) -> None:
    configure_logs(format="json", stream=stream)
    structlog.contextvars.bind_contextvars(account=7)
    structlog.get_logger("collector.pacer").warning("job.flooded", seconds=37, title="币圈")
    (event,) = read()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(event.pop("time")))
    assert event == {
        "event": "job.flooded",
        "level": "warning",
        "logger": "collector.pacer",
        "seconds": 37,
        "account": 7,
        "title": "币圈",
    }
    assert "币圈" in stream.getvalue()


def test_the_console_shows_one_line_an_event_without_colours_in_a_file(stream: io.StringIO) -> None:
    configure_logs(stream=stream)
    structlog.get_logger().info("mongod.started", port=27017)
    assert re.search(r"^\S+Z \[info +\] mongod\.started +.*port=27017", stream.getvalue())
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize("name", TALKATIVE)
def test_the_libraries_warn_in_our_format_and_chat_only_when_asked(
    name: str, stream: io.StringIO, read: Read
) -> None:
    configure_logs(format="json", stream=stream)
    logging.getLogger(name).info("update %s handled", 1)
    logging.getLogger(f"{name}.part").warning("retry %s", 2)
    assert [event["event"] for event in read()] == ["retry 2"]
    configure_logs(format="json", level="DEBUG", stream=stream)
    logging.getLogger(name).info("update %s handled", 3)
    assert read()[-1]["event"] == "update 3 handled"


def test_levels_below_the_setting_are_silent(stream: io.StringIO) -> None:
    configure_logs(level="ERROR", stream=stream)
    structlog.get_logger().warning("w")
    logging.getLogger("telethon").warning("w")
    assert stream.getvalue() == ""
    structlog.get_logger().error("e")
    assert stream.getvalue()


def test_warnings_become_events(stream: io.StringIO, read: Read) -> None:
    configure_logs(format="json", stream=stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old thing", stacklevel=1)
    assert "old thing" in str(read()[0]["event"])


@pytest.mark.parametrize("layout", ["json", "console"])
def test_known_secrets_are_masked_wherever_they_stand(layout: str, stream: io.StringIO) -> None:
    configure_logs(format=layout, secrets=[TOKEN, PASSWORD], stream=stream)
    log = structlog.get_logger()
    said = f"said {PASSWORD}"
    log.info(said, url=f"https://host/bot{TOKEN}/getMe", deep={"a": [PASSWORD]})
    logging.getLogger("aiogram").error("failed for %s", TOKEN)
    try:
        int(PASSWORD)
    except ValueError:
        log.exception("edge.failed", error=OSError(PASSWORD))
    text = stream.getvalue()
    assert "ValueError: invalid literal" in text
    assert PASSWORD not in text
    assert TOKEN not in text
    assert text.count(MASK) >= 6


@pytest.mark.parametrize(
    "secret",
    [
        TOKEN,
        "+8613800138000",
        "+1 (555) 010-9999",
        "1" + "Ab-_9" * 70 + "=",
        "gAAAAAB" + "x" * 80,
    ],
)
def test_what_looks_like_a_secret_is_masked(secret: str) -> None:
    shown = Redactor().text(f"before {secret} after")
    assert shown == f"before {MASK} after"


@pytest.mark.parametrize(
    "name", ["api_hash", "auth_key", "code", "password", "phone", "secret", "session", "token"]
)
def test_a_field_with_a_telling_name_is_masked(name: str) -> None:
    redactor = Redactor()
    assert redactor(None, "info", {"event": "e", name: "12345"})[name] == MASK
    assert redactor(None, "info", {"event": "e", "inner": {name: b"1"}})["inner"] == {name: MASK}


def test_addresses_keep_their_host() -> None:
    shown = Redactor().text("mongodb://crew:pa:ss@127.0.0.1:27100/?replicaSet=telecrew")
    assert shown == f"mongodb://{MASK}@127.0.0.1:27100/?replicaSet=telecrew"


@pytest.mark.parametrize(
    "harmless",
    ["1+1 = 2", "-1001234567890123", "2026-01-01T00:00:00.000Z", "https://t.me/name/12345"],
)
def test_ordinary_values_stay(harmless: str) -> None:
    assert Redactor().text(harmless) == harmless


def test_numbers_stay_numbers() -> None:
    event = {"event": "e", "token": 17, "seconds": 1.5, "ok": True, "none": None}
    assert Redactor()(None, "info", dict(event)) == event


@given(st.text(min_size=6), st.text(), st.text())
def test_no_known_secret_survives(secret: str, before: str, after: str) -> None:
    if secret in MASK:
        return
    assert secret not in Redactor([secret]).text(f"{before}|{secret}|{after}").replace(MASK, "")
