"""No piece of a secret of six characters or more leaves a process by its output or its log.

Ways out: what `init`, `doctor` and all other commands say while settings, servers and networks are
broken in each way; tracebacks; what libraries put into errors and logs; DEBUG.
"""

import asyncio
import io
import json
import logging
import re
import ssl
import sys
import time
import timeit
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import aiohttp
import pytest
import structlog
from aiogram.exceptions import ClientDecodeError, TelegramNetworkError
from aiogram.methods import GetMe
from aiohttp import web
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from logging_restored import logging_restored
from multidict import CIMultiDict, CIMultiDictProxy
from pymongo.errors import BulkWriteError, DuplicateKeyError, InvalidURI
from service import ended, recruit, start
from telethon.errors import TypeNotFoundError
from yarl import URL

from app.doctor import State, examine
from app.doctor.database import look_at_mongodb
from app.health import Health
from app.init import write_settings
from app.logs import configure_logs
from app.unforeseen import traceback_of
from bench.nursery import Nursery
from bench.soak.service import environment
from collector.telegram.vault import SessionVault
from core.mongo_uri import MongoUri, UriFault
from core.redaction import MASK, PIECE, Redaction, without_contents
from core.run import RunState
from core.settings import Settings, SettingsError, load_settings, secrets_of
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

BARE_TOKEN = "AAHk3yT0k3n_s3cr3t-pi3c3s0fit12345"
TOKEN = f"7123456789:{BARE_TOKEN}"
HASH = "8e1f0a5c3b7d9264e8f1c0a53b7d9264"
KEY = Fernet.generate_key().decode()
PASSWORD = "Zq!7/w:rd?hörn@Xk#42&vv%"
LOGIN_PASSWORD = "corr3ct.h0rse-battery"
PHONE = "+8613800138742"
PROXY = "s0ckspassw0rd"
SECRETS = {
    "bot_token": TOKEN,
    "api_hash": HASH,
    "session_keys": KEY,
    "mongodb_uri": f"mongodb://crew:{quote_plus(PASSWORD)}@127.0.0.1:9/?tls=false",
    "webhook_secret": "w3bh00k-s3cret",
    "bot_api_url": f"http://user:{PROXY}@127.0.0.1:9",
}
BARE = (BARE_TOKEN, HASH, KEY, PASSWORD, "w3bh00k-s3cret", PROXY, LOGIN_PASSWORD, PHONE[1:])


def pieces_in(text: str, secrets: Iterable[str] = BARE) -> list[str]:
    """Each piece of a secret, plain or percent-encoded, that a text shows."""
    shown = text.lower()
    found = []
    for secret in secrets:
        for form in {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}:
            lower = form.lower()
            cut = (lower[at : at + PIECE] for at in range(len(lower) - PIECE + 1))
            found += [piece for piece in cut if piece in shown]
    return found


def loaded(given: dict[str, str]) -> tuple[str, Settings | None]:
    """The settings, or what is said of them."""
    try:
        return "", load_settings(None, **given)
    except SettingsError as error:
        return f"{error} {error.__cause__}", None


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_a_secret_in_the_place_of_another_setting_is_not_shown(name: str) -> None:
    for secret in (TOKEN, HASH, KEY, f"{KEY},{KEY[:20]}", SECRETS["mongodb_uri"], PHONE):
        for text in (secret, f" {secret}x", f"{secret}\n{secret}", secret[:-1], secret * 9):
            told, settings = loaded({**SECRETS, name: text})
            assert pieces_in(told) == []
            assert pieces_in(f"{settings} {settings!r}", [PASSWORD]) == []


BROKEN_URIS = (
    "mongodb://crew:{}@127.0.0.1:9/",
    "mongodb://crew:{}",
    "mongodb://crew:{}@",
    "mongodb://crew:{}@host:port/",
    "mongodb://{}@127.0.0.1:9",
    "mongodb://:{}@127.0.0.1:9",
    "mongodb:crew:{}@127.0.0.1",
    "mongodb+srv://crew:{}@nowhere.invalid/",
    "mongodb+srv://crew:{}@nowhere.invalid:27017/",
    "mongodb://crew:{}@127.0.0.1:9/a b",
    "mongodb://crew:{}@127.0.0.1:9/?authMechanism=NONE",
    "mongodb://crew:{}@127.0.0.1:9/?authMechanism=MONGODB-X509",
    "mongodb://crew:{}@127.0.0.1:9/?tls=true&tlsCAFile=/nonexistent",
    "mongodb://crew:{}@127.0.0.1:9/?tls=true&tlsCertificateKeyFile=/dev/null",
    "mongodb://127.0.0.1:9/?tls=true&tlsCertificateKeyFilePassword={}",
    "mongodb://127.0.0.1:9/?proxyHost=h&proxyUsername=u&proxyPassword={}",
    "mongodb://127.0.0.1:9/?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:{}",
    "mongodb://127.0.0.1:9/?authMechanismProperties={}",
    "mongodb://crew:{}@[::1/",
    "mongodb://crew:{}@127.0.0.1:99999/",
    "mongodb://crew:{}@127.0.0.1:9,/?directConnection=true&replicaSet=a",
    "mongodb://crew:{}@ho%st/",
    "{}",
    "http://crew:{}@127.0.0.1:9/",
)
ENCODINGS: tuple[Callable[[str], str], ...] = (str, quote, quote_plus)


@pytest.mark.parametrize("uri", BROKEN_URIS)
@pytest.mark.parametrize("encode", ENCODINGS, ids=lambda one: one.__name__)
async def test_no_broken_address_of_mongodb_shows_its_password(
    uri: str, encode: Callable[[str], str], tmp_path: Path
) -> None:
    """By whatever a doctor, a service and a command do with it."""
    text = uri.format(encode(PASSWORD))
    said, settings = loaded({"mongodb_uri": text, "data_dir": str(tmp_path)})
    assert pieces_in(said) == []
    if settings is not None:
        findings = await look_at_mongodb(settings, timeout_ms=300)
        assert findings[0].state is State.FAIL
        assert pieces_in(str(findings)) == []


@given(st.text(min_size=PIECE, max_size=30), st.sampled_from(BROKEN_URIS))
def test_whatever_is_wrong_with_an_address_its_secrets_are_known(password: str, uri: str) -> None:
    """So that the last line of defence, the mask, hides them wherever they come from."""
    text = uri.format(password)
    hidden = Redaction(secrets_of({"mongodb_uri": text}))
    try:
        MongoUri.parse(text)
    except UriFault:
        shown = hidden.text(f"Bad thing: {password}").replace(MASK, "")
        assert pieces_in(shown, re.split(r"[\s:/?#@&=,;\[\]]+", password)) == []


@pytest.mark.parametrize(
    "words",
    [
        ("doctor",),
        ("accounts", "list"),
        ("export", "@a"),
        ("login", PHONE),
        ("run",),
        ("bot",),
        ("collector",),
    ],
    ids=" ".join,
)
async def test_no_command_shows_a_secret_whatever_is_broken(
    words: tuple[str, ...], nursery: Nursery, tmp_path: Path
) -> None:
    broken = [
        {"MONGODB_URI": f"mongodb://crew:{PASSWORD}@127.0.0.1:9/"},
        {"MONGODB_URI": f"mongodb+srv://crew:{quote_plus(PASSWORD)}@nowhere.invalid/"},
    ]
    for settings in broken:
        env = {name.upper(): text for name, text in SECRETS.items()} | {
            "API_ID": "1",
            "ADMINS": "1",
            "DATA_DIR": str(tmp_path / "data"),
            "LOG_LEVEL": "DEBUG",
            **settings,
        }
        status, told = await run(nursery, *words, env=env, folder=tmp_path)
        assert status == 1, told
        assert pieces_in(told) == []
        assert "Traceback" not in told


async def run(nursery: Nursery, *words: str, env: dict[str, str], folder: Path) -> tuple[int, str]:
    """What a command ends with, and all that it says."""
    out = folder / "out"
    with out.open("wb") as file:
        process = await nursery.spawn(
            "app.cli", *words, env=env, folder=folder, streams=(None, file.fileno(), file.fileno())
        )
        try:
            status = await asyncio.wait_for(process.wait(), 100)
        finally:
            process.kill()
    return status, out.read_text()


async def test_a_bug_is_told_by_a_traceback_without_secrets(tmp_path: Path) -> None:
    """What nobody foresaw, with an error that holds every secret."""
    boom = (
        "import os, app.cli, app.accounts\n"
        "async def boom(_): raise RuntimeError(' '.join(os.environ.values()))\n"
        "app.accounts.show_accounts = boom\n"
        "app.cli.main()\n"
    )
    env = {name.upper(): text for name, text in SECRETS.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", boom, "accounts", "list"),
        env={"PYTHONPATH": str(Path(__file__).parents[2]), **env},
        cwd=tmp_path,
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert b"RuntimeError" in told
    assert pieces_in(told.decode()) == []


@dataclass
class Door:
    """A server that answers every call in one way."""

    answer: Callable[[web.Request], web.StreamResponse]
    address: str = ""


def html(status: int) -> Callable[[web.Request], web.Response]:
    """A page that shows the address that was asked for, as error pages do."""
    return lambda request: web.Response(
        status=status, content_type="text/html", text=f"<h1>{request.url}</h1> {request.path}"
    )


def told(status: int = 200, **body: Any) -> Callable[[web.Request], web.Response]:
    return lambda request: web.json_response(
        {name: str(request.url) if value is ... else value for name, value in body.items()},
        status=status,
    )


def raw(text: str, **more: Any) -> Callable[[web.Request], web.Response]:
    return lambda _: web.Response(text=text, content_type="application/json", **more)


def hang_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def onward(request: web.Request) -> web.Response:
    raise web.HTTPFound(f"http://127.0.0.1:9{request.path}?to={request.url}")


FOREIGN_ANSWERS = {
    "html": (html(200), "text/html, which is not JSON"),
    "html of a gateway": (html(502), "text/html, which is not JSON (status 502)"),
    "html, not found": (html(404), "which is not JSON (status 404)"),
    "html, unauthorized": (html(401), "which is not JSON (status 401)"),
    "nothing": (raw(""), "answers with nothing"),
    "nothing, 500": (raw("", status=500), "answers with nothing (status 500)"),
    "redirect": (onward, "sends us on to 127.0.0.1:9 (status 302)"),
    "half of JSON": (raw('{"ok": tru'), "application/json, which is not JSON"),
    "a list": (raw("[1]"), "JSON that is not of the Bot API"),
    "other JSON": (told(error="x"), "JSON that is not of the Bot API"),
    "deep JSON": (raw("[" * 100_000), "which is not JSON"),
    "hangs up": (hang_up, "does not answer"),
}
BOT_API_ANSWERS = {
    "unauthorized": (told(401, ok=False, description=...), "token"),
    "not found": (told(404, ok=False, description=...), "token"),
    "flood": (told(429, ok=False, description=...), "429"),
    "broken": (told(500, ok=False, description=...), "500"),
    "no result": (told(ok=True), "who the bot is"),
    "odd result": (told(ok=True, result=["x"]), "who the bot is"),
}
ANSWERS = FOREIGN_ANSWERS | BOT_API_ANSWERS


@asynccontextmanager
async def door(
    answer: Callable[[web.Request], web.StreamResponse], tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    async def handle(request: web.Request) -> web.StreamResponse:
        return answer(request)

    application = web.Application()
    application.router.add_route("*", "/{rest:.*}", handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@dataclass
class Script:
    """Answers of a person at a terminal, and what was said to him."""

    answers: list[str]
    said: list[str] = field(default_factory=list)

    def ask(self, question: str, *, secret: bool = False) -> str:
        self.said.append(question)
        if not self.answers:
            raise EOFError(question)
        return self.answers.pop(0)

    def say(self, text: str) -> None:
        self.said.append(text)


async def trial(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """What `init` and `doctor` say of a server."""
    monkeypatch.setenv("BOT_API_URL", address)
    script = Script([TOKEN] * 3)
    try:
        await write_settings(tmp_path / ".env", script)
    except (SettingsError, EOFError) as error:
        script.said.append(str(error))
    assert not (tmp_path / ".env").exists()
    given = {"bot_token": TOKEN, "mongodb_uri": "mongodb://127.0.0.1:9/?tls=maybe"}
    findings = await examine(load_settings(None, **given), roles=("bot",), env_file=None)
    own = [finding for finding in findings if finding.name == "Bot API"]
    return "\n".join(script.said), "\n".join(f"{one.detail} {one.advice}" for one in own)


@pytest.mark.parametrize("case", ANSWERS)
async def test_init_and_doctor_say_what_answers_and_show_no_token(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, expected = ANSWERS[case]
    async with door(answer) as address:
        for said in await trial(address, tmp_path, monkeypatch):
            assert expected in said
            assert pieces_in(said) == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:9", "does not answer"),
        ("http://nowhere.invalid", "cannot be looked up"),
        (f"http://user:{PROXY}@127.0.0.1:9", "does not answer"),
    ],
)
async def test_a_server_that_is_not_there_is_named_without_the_token(
    address: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for said in await trial(address, tmp_path, monkeypatch):
        assert expected in said
        assert pieces_in(said) == []


async def test_tls_where_there_is_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with door(html(200)) as address:
        wrong = address.replace("http:", "https:")
        for said in await trial(wrong, tmp_path, monkeypatch):
            assert "no TLS there" in said
            assert pieces_in(said) == []


class Inbox:
    """A Bot API whose updates a test writes."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.write: Callable[[str], list[dict[str, Any]]] = lambda _: []
        self.sent = False

    def answer(self, request: web.Request) -> web.Response:
        if request.path.endswith("getMe"):
            return web.json_response({"ok": True, "result": {"username": "crew_bot"}})
        new, self.sent = ([] if self.sent else self.write(self.number())), True
        return web.json_response({"ok": True, "result": new})

    def number(self) -> str:
        line = next(said for said in self.script.said if "write this number" in said)
        return line.partition("in Telegram: ")[2][:6]


def wrote(update: int, sender: int, text: str, **other: Any) -> dict[str, Any]:
    message = {
        "chat": {"id": sender, "type": "private"},
        "from": {"id": sender, "is_bot": False, "first_name": "X"},
        "text": text,
        **other,
    }
    return {"update_id": update, "message": message}


async def admin_of(
    write: Callable[[str], list[dict[str, Any]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float = 120,
) -> str:
    monkeypatch.setattr("app.init.LISTEN_SECONDS", seconds)
    script = Script([TOKEN, "12345", HASH, ""])
    inbox = Inbox(script)
    inbox.write = write
    async with door(inbox.answer) as address:
        monkeypatch.setenv("BOT_API_URL", address)
        await write_settings(tmp_path / ".env", script)
    return str(load_settings(tmp_path / ".env").admins[0])


async def test_the_admin_is_who_writes_the_number_not_who_writes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(number: str) -> list[dict[str, Any]]:
        other = str(int(number) ^ 1)
        group = {"chat": {"id": -5, "type": "group"}}
        return [
            wrote(1, 11, "hello"),
            wrote(2, 12, other),
            wrote(3, 13, f"is it {number}?"),
            wrote(4, 14, number, **group),
            wrote(5, 15, number, **{"from": {"id": 15, "is_bot": True}}),
            {"update_id": 6, "message": None},
            {"update_id": 7},
            *(wrote(10 + guess, 16, str(guess)) for guess in range(3)),
            wrote(20, 16, number),
            wrote(21, 42, f" {number}\n"),
        ]

    assert await admin_of(write, tmp_path, monkeypatch) == "42"


async def test_without_the_number_nobody_is_admin_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match="Nobody wrote"):
        await admin_of(lambda _: [wrote(1, 11, "/start")], tmp_path, monkeypatch, seconds=0.2)
    assert not (tmp_path / ".env").exists()


@pytest.fixture
def restored() -> Iterator[None]:
    """Logging as it was, after a test that configures it."""
    with logging_restored():
        yield


def library_errors() -> list[Exception]:
    """Errors of libraries with what they are known to carry."""
    url = URL(f"http://host/bot{TOKEN}/getMe")
    headers: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())
    request = aiohttp.RequestInfo(url, "GET", headers, url)
    document = {"text": "a message that somebody wrote", "session": b"gAAAAsealed", "_id": 1}
    return [
        aiohttp.ContentTypeError(request, (), message=f"no JSON at {url}"),
        aiohttp.ClientResponseError(request, (), status=500, message=str(url)),
        aiohttp.InvalidURL(url),
        aiohttp.TooManyRedirects(request, ()),
        TelegramNetworkError(method=GetMe(), message=f"cannot reach {url}"),
        ClientDecodeError("no", ValueError("x"), {"text": document["text"]}),
        InvalidURI(f"Bad database name {quote_plus(PASSWORD)}"),
        BulkWriteError({"writeErrors": [{"index": 0, "code": 1, "op": document}]}),
        DuplicateKeyError("E11000", 11000, document),
        TypeNotFoundError(0x12345678, b"\x01a message that somebody wrote"),
        OSError(f"socks5://user:{PROXY}@127.0.0.1"),
        ValueError(f"{HASH.upper()} {PHONE[1:]} {LOGIN_PASSWORD!r} {KEY}"),
        UnicodeEncodeError("ascii", PASSWORD, 9, 10, "ordinal not in range"),
    ]


KNOWN = (*SECRETS.values(), PASSWORD, LOGIN_PASSWORD, PHONE, PROXY)
CONTENTS = ("somebody wrote", "sealed")


@pytest.mark.parametrize("layout", ["json", "console"])
@pytest.mark.parametrize("error", library_errors(), ids=lambda error: type(error).__name__)
@pytest.mark.usefixtures("restored")
def test_no_error_of_a_library_shows_a_secret_in_the_log(error: Exception, layout: str) -> None:
    stream = io.StringIO()
    configure_logs(format=layout, secrets=KNOWN, stream=stream)
    log = structlog.get_logger("app")
    log.error("edge", error=error, text=str(error), also=[error], exc_info=error)
    logging.getLogger("telethon").error("Unhandled %s", error, exc_info=error)
    shown = stream.getvalue()
    assert type(error).__name__ in shown
    assert pieces_in(shown) == []
    assert [content for content in CONTENTS if content in shown] == []
    assert pieces_in(traceback_of(error, Redaction(KNOWN))) == []


LETTERS = "abcxyzABCXYZ@:/%&;=#?+ '\"\\<>_-~$éñß币圈😀\n\t"
FORMS: tuple[Callable[[str], str], ...] = (
    *(str, quote, quote_plus, str.swapcase, lambda text: repr(text)[1:-1]),
    *(lambda text: ascii(text)[1:-1], lambda text: json.dumps(text)[1:-1]),
)


@given(
    st.text(LETTERS, min_size=PIECE, max_size=40),
    st.sampled_from(FORMS),
    st.integers(0, 30),
    st.text("0123456789", max_size=9),
)
def test_no_piece_of_a_known_secret_survives_in_any_form(
    secret: str, form: Callable[[str], str], cut: int, beside: str
) -> None:
    if form is str.swapcase and not secret.isascii():
        return
    whole = form(secret)
    masked = Redaction([secret]).text(f"{beside}|{whole[cut:]}|{beside}").replace(MASK, "|")
    assert pieces_in(masked, [whole]) == []


@pytest.mark.parametrize(
    "unit",
    [
        *("1-", "://", "://a:", "://a:b@", "gAAAA-", "+1 ", "123456", "123456:", "/bot1:", "x"),
        *(", full error: ", "remaining data b'", "input_value=x", "Content: ", "A" * 42 + "="),
    ],
)
def test_the_mask_takes_time_in_proportion_to_the_text(unit: str) -> None:
    """Eight times the text takes not much more than eight times as long; a square would be 64."""
    redaction = Redaction(KNOWN)

    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        work = lambda: redaction.text(without_contents(text))  # noqa: E731
        return min(timeit.repeat(work, timer=time.process_time, number=1, repeat=5))

    assert seconds(320_000) < 32 * max(seconds(40_000), 0.002)


async def test_health_shows_whoever_asks_no_secret() -> None:
    health = Health(Redaction(KNOWN))

    async def fails() -> str:
        return f"MongoDB does not answer: {SECRETS['mongodb_uri']}"

    health.add("mongodb", fails)
    health.add_notes(lambda: [f"account of {PHONE}"])
    assert pieces_in(f"{await health.report()} {health.notes()}") == []


async def test_debug_shows_no_message_and_no_session(
    database: Database, mongo_uri: str, database_name: str, nursery: Nursery, tmp_path: Path
) -> None:
    """A service that signs nobody in, reads a chat and stores it, and says all that it can."""
    world = small_world(chats={"alpha_chat": 120}, accounts=1)
    vault = SessionVault([KEY])
    async with Sandbox(world) as sandbox:
        (account,) = await recruit(database, sandbox, world.accounts, seal=vault.seal)
        settings = {
            **environment(sandbox, mongo_uri, database_name, tmp_path),
            "SESSION_KEYS": KEY,
            "LOG_LEVEL": "DEBUG",
            "PACE": "off",
        }
        log = tmp_path / "log"
        with log.open("wb") as file:
            process = await nursery.spawn(
                "app.cli",
                *("run", "--no-env-file"),
                env=settings,
                folder=tmp_path,
                streams=(None, file.fileno(), file.fileno()),
            )
            try:
                run_of = await start(database, "@alpha_chat")
                assert await ended(database, run_of, timeout=60) == [RunState.DONE]
                process.terminate()
                assert await asyncio.wait_for(process.wait(), 30) == 0
            finally:
                process.kill()
        sealed = await database.accounts.session(account.id)
        shown = log.read_text()
        marked = -1_000_000_000_000 - world.chat("alpha_chat").id
        texts = [one.text async for one in database.messages.stream(marked, "")]
        token, api_hash = world.control_bot.token, sandbox.api_hash
    assert sealed is not None
    assert "page.stored" in shown
    assert len(texts) > 100
    assert [text for text in texts if len(text or "") > PIECE and str(text) in shown] == []
    assert sealed.decode()[:20] not in shown
    secrets = [*re.split("(?i)telecrew", token.partition(":")[2]), api_hash, KEY]
    assert pieces_in(shown, secrets) == []
