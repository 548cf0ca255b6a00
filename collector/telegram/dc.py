"""Data centres: Telegram's own, or another server that is named in the settings."""

import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from telethon.crypto import rsa

from collector.telegram.session import AccountSession
from collector.telegram.settings import TelegramSettings
from core.errors import CrewError

_CUSTOM = re.compile(r"(?P<id>\d{1,4})@(?P<host>\[[0-9a-fA-F:.]+\]|[^\s@:\[\]]+):(?P<port>\d{1,5})")


class BadServer(CrewError):
    """The settings name a server, or its key, in a way that cannot be used."""

    reason = "telegram_dc_invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCentre:
    """Where to connect. An IPv6 `host` has no brackets."""

    id: int
    host: str
    port: int


PRODUCTION = DataCentre(id=2, host="149.154.167.51", port=443)
TEST = DataCentre(id=2, host="149.154.167.40", port=443)


def parse_dc(text: str) -> DataCentre:
    """The data centre of `production`, `test` or `ID@HOST:PORT`; raises BadServer."""
    if text in {"production", "test"}:
        return PRODUCTION if text == "production" else TEST
    match = _CUSTOM.fullmatch(text)
    if match is None or not 0 < int(match["port"]) < 65536:
        raise BadServer(f"{text!r} is neither production, test nor ID@HOST:PORT")
    return DataCentre(id=int(match["id"]), host=match["host"].strip("[]"), port=int(match["port"]))


def place(session: AccountSession, settings: TelegramSettings) -> None:
    """Point a session at the server of the settings.

    With Telegram's own servers a session keeps the data centre that its key belongs to; a server
    named by address may have moved since, so there the settings win.
    """
    dc = parse_dc(settings.dc)
    if session.server_address is None or dc not in (PRODUCTION, TEST):
        session.set_dc(dc.id, dc.host, dc.port)


def trust_key(path: Path) -> None:
    """Accept servers that own this RSA key (PEM, PKCS#1 or SubjectPublicKeyInfo)."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise BadServer(f"{path} holds no readable RSA public key") from error
    if not isinstance(key, RSAPublicKey):
        raise BadServer(f"{path} holds a key that is not RSA")
    rsa.add_key(key.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode(), old=False)
