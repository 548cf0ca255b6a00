"""Data centres: Telegram's own, or another server that is named in the settings."""

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
from core.errors import WorkerUnfit


class BadServer(WorkerUnfit):
    """The settings name a server, or its key, in a way that cannot be used."""

    reason = "telegram_dc_invalid"


def place(session: AccountSession, settings: TelegramSettings) -> None:
    """Point a session at the server of the settings.

    With Telegram's own servers a session keeps the data centre that its key belongs to; a server
    named by address may have moved since, so there the settings win.
    """
    dc = settings.dc
    if session.server_address is None or dc.kind == "custom":
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
