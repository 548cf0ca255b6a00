"""MongoDB: the operator's own or the embedded one."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from app.doctor.clock import look_at_clock
from app.doctor.finding import Finding, State, bad, good, poor
from app.doctor.machine import can_be_made
from app.doctor.release import look_at_release
from app.doctor.store import look_at_chats
from app.embedded_mongo import EmbeddedMongo, MongoFailure
from app.store import RISKY
from core.mongo_options import insecure, left_aside, refusals
from core.mongo_uri import MongoUri, secrets_in
from core.redaction import Redaction
from core.settings import Settings, SettingsError
from db import admin
from db.address import address_for_driver
from db.admin import ServerReport

OLDEST_VERSION = 6
FOR_TRYING = Finding(
    name="MongoDB",
    state=State.OK,
    detail="the embedded one, made for trying: one server, no support, one machine",
    advice="For data that matters run a MongoDB of your own and set MONGODB_URI.",
)
VERSION = re.compile(r"\d+")
MENDED = {(6, 0): 27, (7, 0): 28, (8, 0): 17, (8, 2): 3}
"""The first release of each series that keeps its memory to itself (CVE-2025-14847)."""
KEEP_MEMORY = (
    "Upgrade it (6.0.27, 7.0.28, 8.0.17, 8.2.3 and later are mended), or start it with "
    "`--networkMessageCompressors snappy,zstd`. If it is the embedded one, stop every telecrew "
    "process on this DATA_DIR and start them again."
)
SET_MAJORITY = (
    "In mongosh, as an administrator: db.adminCommand({setDefaultRWConcern: 1, "
    'defaultWriteConcern: {w: "majority"}}). With an arbiter in the set, put a member that '
    "holds data in its place first."
)


async def look_at_mongodb(settings: Settings, *, timeout_ms: int = 5_000) -> list[Finding]:
    """Whether it answers, keeps what it was given, and has the right time."""
    uri = settings.mongodb_uri.get_secret_value()
    if uri:
        try:
            address_for_driver(uri)
        except SettingsError as error:
            return [_at_fault(line) for line in str(error).splitlines()]
        findings = await _look(uri, settings.mongodb_db, timeout_ms)
        return [*findings, *look_at_address(MongoUri.parse(uri))]
    try:
        async with _embedded(settings.data_dir) as mongo:
            return [FOR_TRYING, *await _look(mongo.uri, settings.mongodb_db, timeout_ms)]
    except MongoFailure as failure:
        what, _, advice = str(failure).partition(". ")
        return [bad("MongoDB", what, advice)]


@asynccontextmanager
async def _embedded(data_dir: Path) -> AsyncIterator[EmbeddedMongo]:
    """The one in `data_dir`; where there is none yet, one elsewhere, so that nothing is made."""
    embedded = EmbeddedMongo(data_dir)
    if embedded.founded or not can_be_made(data_dir):
        async with embedded:
            yield embedded
        return
    with TemporaryDirectory(prefix="telecrew-doctor-") as folder:
        async with EmbeddedMongo(Path(folder)) as trial:
            yield trial


def _at_fault(line: str) -> Finding:
    what, _, advice = line.partition(". ")
    return bad("MongoDB", what, advice or "Look at MONGODB_URI.")


def look_at_address(uri: MongoUri) -> list[Finding]:
    """What of an address is not done, and what in it makes the way to the server open to others."""
    found = []
    if aside := left_aside(uri):
        advice = "Remove it from MONGODB_URI; Telecrew works without it."
        found += [poor("MongoDB", f"left aside in MONGODB_URI: {line}", advice) for line in aside]
    if weak := insecure(uri):
        detail = f"{', '.join(weak)}: whoever stands between here and there can read everything"
        found.append(poor("MongoDB", detail, "Name the server's authority with tlsCAFile instead."))
    return found


async def _look(uri: str, name: str, timeout_ms: int) -> list[Finding]:
    """At the server, and at what is in it where it answers well."""
    findings = await _inspect(uri, name, timeout_ms)
    if any(finding.state is State.FAIL for finding in findings):
        return findings
    return [*findings, *await look_at_chats(uri, name)]


async def _inspect(uri: str, database: str, timeout_ms: int) -> list[Finding]:
    place = MongoUri.parse(uri).place
    try:
        report = await admin.inspect(uri, timeout_ms=timeout_ms)
    except admin.Unreachable:
        advice = "Is it running, and does the network let us through? Look at MONGODB_URI."
        return [bad("MongoDB", f"nobody answers at {place}", advice)]
    except admin.AccessRefused:
        advice = "Look at the user, the password and authSource in MONGODB_URI."
        return [bad("MongoDB", f"{place} refuses the user or the password", advice)]
    except SettingsError as error:
        return [_at_fault(str(error))]
    except admin.AdminError as error:
        said = Redaction(secrets_in(uri)).text(str(error))
        return [bad("MongoDB", f"{place}: {said}", "Look at MONGODB_URI.")]
    offset = (datetime.now(UTC) - report.local_time).total_seconds()
    release = await look_at_release(uri, database)
    return [*judge(report, uri), look_at_clock("MongoDB's clock", offset), *release]


def judge(report: ServerReport, uri: str) -> list[Finding]:
    """What the server's report means for us."""
    findings = []
    if int(report.version.split(".", maxsplit=1)[0]) < OLDEST_VERSION:
        advice = f"Use MongoDB {OLDEST_VERSION} or newer."
        findings.append(bad("MongoDB", f"version {report.version} is too old", advice))
    if report.set_name is None:
        advice = (
            "Make it a replica set (one node will do): changes are seen at once, crashes undone."
        )
        findings.append(poor("MongoDB", "it is not a replica set", advice))
    if report.unzips and not _is_mended(report.version):
        detail = (
            f"whoever reaches {report.version} can read its memory, without a password "
            "(CVE-2025-14847)"
        )
        findings.append(bad("MongoDB", detail, KEEP_MEMORY))
    findings += _look_at_writes(report, uri)
    if not report.writable:
        advice = "Wait for an election, or name the whole replica set in MONGODB_URI."
        findings.append(bad("MongoDB", "it takes no writes now", advice))
    whole = f"version {report.version}, replica set {report.set_name}"
    return findings or [good("MongoDB", whole)]


def _is_mended(version: str) -> bool:
    major, minor, patch = (int(one) for one in (*VERSION.findall(version), "0", "0")[:3])
    if (major, minor) in MENDED:
        return patch >= MENDED[major, minor]
    return (major, minor) > max(MENDED)


def _look_at_writes(report: ServerReport, uri: str) -> list[Finding]:
    found = [_at_fault(line) for line in refusals(MongoUri.parse(uri))]
    if str(report.write_concern) in RISKY:
        default = f"the server's default is w={report.write_concern}"
        detail = f"{default}: writes are not confirmed by a majority"
        found.append(bad("MongoDB", detail, SET_MAJORITY))
    return found
