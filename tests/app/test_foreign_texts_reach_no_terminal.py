"""Names, titles and answers from outside leave by the terminal, the log, exports and the chat as
texts only: each way out with each kind of hostile text."""

import ast
import csv
import io
import json
import logging
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from aiogram.methods import AnswerCallbackQuery, SendDocument, SendMessage
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from hostile import HOSTILE, SEEN, TURNING, harmless
from logging_restored import logging_restored

from app.logs import configure_logs
from bench.nursery import Nursery
from bot.formatting import shorten
from bot.i18n import LANGUAGES, Html, Locales
from bot.session import CardEdit, disarmed
from core.chat import Chat, ChatKind
from core.export import ExportFormat, body
from core.message import Media, Message, Sender
from db.accounts import SignedIn
from db.database import Database

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = HOSTILE | SEEN
STORABLE = {kind: text for kind, text in KINDS.items() if kind != "halves"}
"""What MongoDB takes: UTF-8."""


TERMINALS: tuple[dict[str, str], ...] = (
    {},
    {"FORCE_COLOR": "1"},
    {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
)
"""The second obeys codes, the third one knows few signs."""


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What the log is written to; logging is as it was afterwards."""
    with logging_restored():
        yield io.StringIO()


def test_only_one_module_writes_to_the_terminal() -> None:
    """So that there is one door. The version is ours, and the bytes of an export are its own."""
    writers = {
        f"{path.relative_to(ROOT)}: {ast.unparse(node.func)}"
        for room in ("app", "core", "db", "collector", "bot")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and is_writing(ast.unparse(node.func))
    }
    assert writers == {
        "app/terminal.py: Console",
        "app/terminal.py: _console.print",
        "app/terminal.py: _errors.print",
        "app/cli.py: typer.echo",
        "app/cli.py: sys.stderr.write",
        "app/unforeseen.py: sys.stderr.write",
    }


def is_writing(name: str) -> bool:
    return name in {"print", "Console", "typer.echo"} or name.endswith(
        ("console.print", "errors.print", "stdout.write", "stderr.write")
    )


async def test_commands_show_names_as_they_are_and_obey_nothing_in_them(
    database: Database, mongo_uri: str, database_name: str, nursery: Nursery, tmp_path: Path
) -> None:
    for number, text in enumerate(STORABLE.values(), start=1):
        await database.accounts.signed_in(
            SignedIn(
                telegram_id=number,
                name=text,
                username=None,
                phone="+99 *** 1",
                phone_secret=b"",
                session=b"",
            ),
            NOW,
        )
        await database.chats.save(Chat(id=-100 - number, kind=ChatKind.GROUP, title=text))
    await database.messages.add_new([Message(chat=-101, box="a1", id=1, date=NOW, text="x")])
    env = {"MONGODB_URI": mongo_uri, "MONGODB_DB": database_name, "COLUMNS": "250"}
    for words, status in (
        (("accounts", "list"), 0),
        (("export", "-101"), 0),
        (("export", "[/b]\x1b[31m"), 1),
        (("doctor",), 1),
    ):
        for more in TERMINALS if words[0] == "accounts" else TERMINALS[:1]:
            ended, told = await telecrew(nursery, *words, env=env | more, folder=tmp_path)
            assert ended == status, told
            assert "Traceback" not in told
            assert "\u202e" not in told
            if not more:
                harmless(told, lines=True)
            if words[0] == "accounts" and not more:
                assert all(text in told for text in SEEN.values())


async def telecrew(
    nursery: Nursery, *words: str, env: dict[str, str], folder: Path
) -> tuple[int, str]:
    out = folder / "out"
    with out.open("wb") as file:
        process = await nursery.spawn(
            "app.cli", *words, env=env, folder=folder, streams=(None, file.fileno(), file.fileno())
        )
        status = await process.wait()
    return status, out.read_text()


@pytest.mark.parametrize("layout", ["console", "json"])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_log_line_stays_a_line(text: str, layout: str, stream: io.StringIO) -> None:
    configure_logs(format=layout, stream=stream)
    log = structlog.get_logger("app")
    log.warning("a.title", title=text, several=[text], deep={text: text}, error=ValueError(text))
    logging.getLogger("aiogram").warning("said %s", text)
    lines = stream.getvalue().removesuffix("\n").split("\n")
    assert len(lines) == 2
    for line in lines:
        harmless(line, lines=False)
        if layout == "json":
            assert json.loads(line)["level"] == "warning"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_an_error_forges_no_event(text: str, stream: io.StringIO) -> None:
    """What is no line of ours stands further in than all that are."""
    configure_logs(stream=stream)
    forged = f"{text}\n2026-01-01T00:00:00.000Z [info     ] account.fine"
    structlog.get_logger("app").error("edge", exc_info=ValueError(forged))
    harmless(stream.getvalue(), lines=True)
    begun = [line for line in stream.getvalue().splitlines() if not line.startswith("    ")]
    assert len(begun) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", KINDS.values(), ids=KINDS)
def test_a_chat_shows_a_name_as_one_line_without_tricks(language: str, text: str) -> None:
    texts = Locales().of(language)
    for shown in (
        texts("account-name", name=text, number="1"),
        texts.plain("account-name", name=text, number="1"),
        shorten(text, 24),
    ):
        harmless(shown, lines=False)
        assert shown
    assert "<script>" not in texts("account-name", name=text, number="1")
    assert texts("account-name", name=Html("<b>a</b>\nb"), number="1").count("\n") == 1


@pytest.mark.parametrize("text", KINDS.values(), ids=KINDS)
def test_whatever_is_sent_to_a_chat_goes_by_one_door(text: str) -> None:
    button = InlineKeyboardButton(text=text, callback_data="a")
    markup = InlineKeyboardMarkup(inline_keyboard=[[button]])
    for method in (
        SendMessage(chat_id=1, text=f"a\n{text}", reply_markup=markup),
        CardEdit(chat_id=1, message_id=1, text=f"a\n{text}", reply_markup=markup),
        AnswerCallbackQuery(callback_query_id="1", text=f"a\n{text}"),
        SendDocument(chat_id=1, document="x", caption=f"a\n{text}"),
    ):
        sent = disarmed(method)
        assert type(sent) is type(method)
        harmless(str(getattr(sent, "text", "")) + str(getattr(sent, "caption", "")), lines=True)
        if getattr(sent, "reply_markup", None):
            harmless(sent.reply_markup.inline_keyboard[0][0].text, lines=False)
    assert disarmed(plain := SendMessage(chat_id=1, text="a\nb")) is plain


@pytest.mark.parametrize("text", KINDS.values(), ids=KINDS)
def test_exports_hold_no_code_and_lose_no_message(text: str) -> None:
    message = Message(
        chat=-1,
        box="",
        id=7,
        date=NOW,
        text=text,
        sender=Sender(id=1, name=text),
        media=Media(kind="document", name=text),
    )
    lines = body(ExportFormat.JSONL, [message]).decode()
    assert json.loads(lines)["text"] == text
    assert lines.count("\n") == 1
    assert not set(lines) & TURNING
    kinds = {unicodedata.category(sign) for sign in lines.removesuffix("\n")}
    assert not kinds & {"Cc", "Cs", "Zl", "Zp"}
    table = body(ExportFormat.CSV, [message]).decode()
    harmless(table.replace("\r\n", "\n"), lines=True)
    assert len(list(csv.reader(io.StringIO(table)))) == 1
