"""The doctor finds what is wrong with settings, machine and servers, and says what to do."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from structlog.testing import capture_logs

from app.doctor import Finding, State, examine
from app.doctor.clock import look_at_clock
from app.doctor.configuration import look_at_file, look_at_keys, look_at_settings
from app.doctor.database import judge, look_at_mongodb
from app.doctor.machine import (
    look_at_curl,
    look_at_folder,
    look_at_libraries,
    look_at_module,
    look_at_processor,
    look_at_space,
)
from app.doctor.telegram import look_at_bot_api, look_at_data_centre, look_at_rsa_key
from app.embedded_mongo import EmbeddedMongo
from app.service import tell_risky_default
from app.store import open_store
from core.settings import Settings, SettingsError, load_settings
from db.admin import ServerReport
from db.client import connect

TOKEN = "123456:AAEabcdefghijklmnop"
KEY = Fernet.generate_key().decode()
CLOSED = "127.0.0.1:1"


class BotApi:
    """A server that answers as the Bot API does, with what a test wants it to say."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.webhook = ""
        self.address = ""

    async def answer(self, request: web.Request) -> web.Response:
        now = format_datetime(datetime.now(UTC) - self.ahead, usegmt=True)
        if request.match_info["token"] != f"bot{TOKEN}":
            body = {"ok": False, "error_code": 401, "description": "Unauthorized"}
            return web.json_response(body, status=401)
        replies = {"getMe": {"username": "crew_bot"}, "getWebhookInfo": {"url": self.webhook}}
        body = {"ok": True, "result": replies[request.match_info["method"]]}
        return web.json_response(body, headers={"Date": now})


@pytest.fixture
async def bot_api() -> AsyncIterator[BotApi]:
    api = BotApi()
    application = web.Application()
    application.router.add_get("/{token}/{method}", api.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    api.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield api
    await runner.cleanup()


@pytest.fixture
def rsa_key(tmp_path: Path) -> Path:
    path = tmp_path / "server.pem"
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    path.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.PKCS1))
    return path


def settings_of(**given: object) -> Settings:
    return load_settings(None, **given)


def only(findings: list[Finding]) -> Finding:
    assert len(findings) == 1, findings
    return findings[0]


def ailing(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.state is not State.OK]


async def test_all_is_well_where_all_is_well(
    bot_api: BotApi, rsa_key: Path, mongo_uri: str, tmp_path: Path
) -> None:
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0) as dc:
        port = dc.sockets[0].getsockname()[1]
        settings = settings_of(
            bot_token=TOKEN,
            bot_api_url=bot_api.address,
            admins="1",
            api_id=1,
            api_hash="0" * 32,
            session_keys=KEY,
            mongodb_uri=mongo_uri,
            telegram_dc=f"2@127.0.0.1:{port}",
            telegram_rsa_key=str(rsa_key),
            data_dir=str(tmp_path),
        )
        findings = await examine(settings, env_file=None)
    assert ailing([finding for finding in findings if finding.name != "Disk"]) == []
    names = [finding.name for finding in findings]
    assert names[0] == "Settings"
    for name in ("MongoDB", "Bot API", "Session keys", "Telegram", "Libraries", "Telegram's clock"):
        assert name in names
    shown = str(findings)
    assert not [secret for secret in settings.secrets() if secret in shown]


async def test_a_role_is_examined_for_what_it_needs_alone(mongo_uri: str) -> None:
    settings = settings_of(mongodb_uri=mongo_uri)
    findings = await examine(settings, roles=["bot"], env_file=None)
    assert "Telegram" not in {finding.name for finding in findings}
    missing = [finding.detail for finding in findings if finding.state is State.FAIL]
    assert missing == ["BOT_TOKEN is not set", "ADMINS is not set"]


def test_missing_settings_are_listed_with_where_to_get_them() -> None:
    findings = look_at_settings(settings_of(), ["collector"])
    assert [finding.detail.split()[0] for finding in findings] == [
        "API_ID",
        "API_HASH",
        "SESSION_KEYS",
    ]
    assert all(finding.state is State.FAIL and finding.advice for finding in findings)


def test_a_misspelt_name_in_the_file_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("BOT_TOKN=1\nLANG=de\nMETRICS_PORT=1\n")
    file.chmod(0o600)
    finding = only(look_at_file(file))
    assert "BOT_TOKN" in finding.detail
    assert finding.advice == "Did you mean BOT_TOKEN?"


def test_a_file_of_secrets_that_others_may_read_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.touch(0o644)
    assert only(look_at_file(file)).advice == f"chmod 600 {file}"
    assert look_at_file(tmp_path / "absent") == []


def test_a_key_given_twice_is_noticed() -> None:
    assert only(look_at_keys(settings_of(session_keys=f"{KEY},{KEY}"))).state is State.WARN
    older = Fernet.generate_key().decode()
    finding = only(look_at_keys(settings_of(session_keys=f"{KEY},{older}")))
    assert (finding.state, finding.detail) == (State.OK, "the newest encrypts, 1 older")


async def test_a_token_that_is_not_accepted(bot_api: BotApi) -> None:
    settings = settings_of(bot_token="1:wrong-but-long-enough", bot_api_url=bot_api.address)
    finding = only(ailing(await look_at_bot_api(settings)))
    assert finding.detail == "the token is not accepted"
    assert "@BotFather" in finding.advice
    assert "wrong-but-long" not in str(finding)


async def test_a_bot_api_that_does_not_answer() -> None:
    settings = settings_of(bot_token=TOKEN, bot_api_url=f"http://{CLOSED}")
    finding = only(await look_at_bot_api(settings))
    assert finding.state is State.FAIL
    assert "does not answer" in finding.detail
    assert TOKEN not in str(finding)


async def test_a_webhook_that_somebody_set(bot_api: BotApi) -> None:
    bot_api.webhook = "https://elsewhere/"
    settings = settings_of(bot_token=TOKEN, bot_api_url=bot_api.address)
    assert "webhook" in only(ailing(await look_at_bot_api(settings))).detail


@pytest.mark.parametrize(("seconds", "state"), [(60, State.FAIL), (10, State.WARN)])
async def test_a_clock_that_is_ahead(bot_api: BotApi, seconds: int, state: State) -> None:
    bot_api.ahead = timedelta(seconds=seconds)
    settings = settings_of(bot_token=TOKEN, bot_api_url=bot_api.address)
    finding = only(ailing(await look_at_bot_api(settings)))
    assert (finding.name, finding.state) == ("Telegram's clock", state)
    assert "set-ntp" in finding.advice


def test_a_clock_that_is_behind() -> None:
    finding = look_at_clock("Some clock", -300)
    assert (finding.state, finding.detail) == (State.FAIL, "this machine is 300 s behind it")


async def test_a_data_centre_that_cannot_be_reached(tmp_path: Path) -> None:
    settings = settings_of(telegram_dc=f"2@{CLOSED}", telegram_rsa_key=str(tmp_path / "absent"))
    address, key = await look_at_data_centre(settings)
    assert (address.state, key.state) == (State.FAIL, State.FAIL)
    assert CLOSED in address.detail
    assert "No such file" in key.detail


def test_a_file_that_is_no_public_rsa_key(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    for text in (
        b"not a key",
        curve.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        b"-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n",
    ):
        file.write_bytes(text)
        assert look_at_rsa_key(file).state is State.FAIL


def test_both_forms_of_a_public_rsa_key_are_read(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    for form in (PublicFormat.PKCS1, PublicFormat.SubjectPublicKeyInfo):
        file.write_bytes(public.public_bytes(Encoding.PEM, form))
        assert look_at_rsa_key(file).state is State.OK


async def test_a_mongodb_that_nobody_serves() -> None:
    uri = f"mongodb://crew:hunter22@{CLOSED}/"
    finding = only(await look_at_mongodb(settings_of(mongodb_uri=uri), timeout_ms=200))
    assert (finding.state, finding.detail) == (State.FAIL, f"nobody answers at {CLOSED}")


async def test_a_mongodb_that_refuses_the_password(mongo_uri: str) -> None:
    wrong = "mongodb://telecrew:wrong@" + mongo_uri.rpartition("@")[2]
    finding = only(await look_at_mongodb(settings_of(mongodb_uri=wrong)))
    assert finding.state is State.FAIL
    assert "refuses the user or the password" in finding.detail


async def test_an_embedded_mongodb_is_started_and_stopped_again(tmp_path: Path) -> None:
    findings = await look_at_mongodb(settings_of(data_dir=str(tmp_path)))
    assert ailing(findings) == []
    assert "made for trying" in findings[0].detail
    assert "MONGODB_URI" in findings[0].advice
    assert "replica set telecrew" in findings[1].detail


async def test_an_embedded_mongodb_that_cannot_start(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    finding = only(await look_at_mongodb(settings_of(data_dir=str(file))))
    assert finding.state is State.FAIL
    assert "cannot be written" in finding.detail
    assert "DATA_DIR" in finding.advice


@pytest.mark.parametrize(
    ("change", "uri", "complaint"),
    [
        ({"version": "5.0.31"}, "mongodb://h/", "too old"),
        *(
            ({"version": version, "unzips": True}, "mongodb://h/", "without a password")
            for version in ("6.0.26", "7.0.27", "7.3.4", "8.0.16", "8.1.0", "8.2.2-rc1", "6.3")
        ),
        ({"set_name": None}, "mongodb://h/", "not a replica set"),
        ({"write_concern": 1}, "mongodb://h/", "the server's default is w=1"),
        ({}, "mongodb://h/?w=1", "MONGODB_URI says w=1"),
        ({}, "mongodb://h/?replicaSet=a&W=0", "MONGODB_URI says W=0"),
        ({}, "mongodb://h/?journal=false", "MONGODB_URI says journal=false"),
        ({"writable": False}, "mongodb://h/", "no writes"),
    ],
)
def test_what_a_server_lacks_is_told(change: dict[str, object], uri: str, complaint: str) -> None:
    sound = {
        "version": "8.0.4",
        "set_name": "rs0",
        "writable": True,
        "write_concern": "majority",
        "local_time": datetime.now(UTC),
    }
    finding = only(judge(ServerReport(**{**sound, **change}), uri))
    assert complaint in finding.detail
    assert finding.advice
    assert only(judge(ServerReport(**sound), "mongodb://h/?w=majority")).state is State.OK


@pytest.mark.parametrize("version", ["6.0.27", "7.0.28", "8.0.17", "8.2.3", "8.3.0", "9.0.0"])
def test_a_mended_server_may_take_compressed_messages(version: str) -> None:
    report = ServerReport(
        version=version,
        set_name="rs0",
        writable=True,
        write_concern="majority",
        local_time=datetime.now(UTC),
        unzips=True,
    )
    assert only(judge(report, "mongodb://h/")).state is State.OK


async def test_a_server_that_confirms_writes_too_early_fails(tmp_path: Path) -> None:
    async with EmbeddedMongo(tmp_path) as mongo, connect(mongo.uri) as client:
        early = {"w": 1, "wtimeout": 0}
        await client.admin.command("setDefaultRWConcern", 1, defaultWriteConcern=early)
        settings = settings_of(mongodb_uri=mongo.uri)
        finding = only(ailing(await look_at_mongodb(settings)))
        with capture_logs() as told:
            async with open_store(settings) as store:
                await tell_risky_default(store)
    assert finding.state is State.FAIL
    assert "w=1" in finding.detail
    assert "setDefaultRWConcern" in finding.advice
    assert [(one["event"], one["w"]) for one in told] == [("mongo.risky_default", 1)]


@pytest.mark.parametrize("option", ["w=1", "w=0", "journal=false"])
async def test_the_service_does_not_write_where_writes_are_unsafe(
    mongo_uri: str, option: str
) -> None:
    settings = settings_of(mongodb_uri=f"{mongo_uri}&{option}")
    finding = only(ailing(await look_at_mongodb(settings)))
    assert finding.state is State.FAIL
    assert option in finding.advice
    with pytest.raises(SettingsError, match=f"Remove {option}"):
        async with open_store(settings):
            pass


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert only(look_at_folder(tmp_path / "file" / "data")).state is State.FAIL
    assert look_at_folder(tmp_path / "new" / "data")[0].state is State.OK
    assert not (tmp_path / "new").exists()


def test_a_disk_that_is_nearly_full(tmp_path: Path) -> None:
    much = 2**80
    assert look_at_space(tmp_path, little=much, too_little=much).state is State.FAIL
    assert look_at_space(tmp_path, little=much, too_little=0).state is State.WARN
    assert look_at_space(tmp_path, little=0, too_little=0).state is State.OK


def test_missing_libraries_are_named() -> None:
    assert "libcurl4" in look_at_curl("libcurl.so.99").advice
    finding = look_at_module("no_such_module", "install it", fatal=False)
    assert (finding.state, finding.advice) == (State.WARN, "install it")


async def test_the_libraries_of_this_machine_are_there() -> None:
    findings = await look_at_libraries(embedded=True)
    assert any("mongod" in finding.detail for finding in findings)
    assert [finding for finding in findings if finding.state is State.FAIL] == []
    assert len(await look_at_libraries(embedded=False)) < len(findings)


def test_a_processor_without_avx_is_noticed(tmp_path: Path) -> None:
    cpu_info = tmp_path / "cpuinfo"
    cpu_info.write_text(f"flags\t\t: fpu sse sse2{os.linesep}")
    assert look_at_processor(cpu_info, "x86_64").state is State.WARN
    assert look_at_processor(cpu_info, "aarch64").state is State.OK
    cpu_info.write_text("flags\t\t: fpu sse avx avx2\n")
    assert look_at_processor(cpu_info, "x86_64").state is State.OK
