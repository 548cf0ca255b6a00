"""Sessions and phones at rest: encrypted, and bound to the account that they belong to."""

import base64
import binascii
import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from core.errors import WorkerUnfit


class BadKeys(WorkerUnfit):
    """`SESSION_KEYS` is empty or holds something that is no Fernet key; the keys are not told."""

    reason = "session_keys_invalid"


class Unsealable(WorkerUnfit):
    """None of the keys opens it, or it belongs to another account. The account is not lost."""

    reason = "session_unreadable"


class SessionVault:
    """Seals with the first key, opens with any: newest first, so keys can be changed one by one."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise BadKeys(
                "SESSION_KEYS is empty: `telecrew init` makes a key; keep it, without it every "
                "account must sign in again"
            )
        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in keys])
        except (ValueError, binascii.Error):
            raise BadKeys("SESSION_KEYS holds something that is no Fernet key") from None

    def __repr__(self) -> str:
        return "SessionVault()"

    @staticmethod
    def new_key() -> str:
        """A fresh key for `SESSION_KEYS`."""
        return Fernet.generate_key().decode()

    def seal(self, telegram_id: int, session: bytes) -> bytes:
        """The session of the account with this Telegram id, fit to be stored."""
        fields = {"account": telegram_id, "session": base64.b64encode(session).decode()}
        return self._fernet.encrypt(json.dumps(fields).encode())

    def open(self, telegram_id: int, sealed: bytes) -> bytes:
        """The session; raises Unsealable, for the session of another account too."""
        try:
            fields = json.loads(self._fernet.decrypt(sealed))
        except (InvalidToken, ValueError):
            raise Unsealable("no key of SESSION_KEYS opens this session") from None
        if not isinstance(fields, dict) or fields.get("account") != telegram_id:
            raise Unsealable("this session belongs to another account")
        return base64.b64decode(fields["session"])

    def seal_phone(self, phone: str) -> bytes:
        """A phone number, fit to be stored."""
        return self._fernet.encrypt(b"phone:" + phone.encode())

    def open_phone(self, sealed: bytes) -> str:
        """The phone number; raises Unsealable."""
        try:
            plain = self._fernet.decrypt(sealed)
        except InvalidToken:
            raise Unsealable("no key of SESSION_KEYS opens this phone") from None
        if not plain.startswith(b"phone:"):
            raise Unsealable("this is no phone")
        return plain.removeprefix(b"phone:").decode()


def mask_phone(phone: str) -> str:
    """A phone as it may be shown: its first two digits and its last two."""
    digits = "".join(filter(str.isdigit, phone))
    if len(digits) < 7:
        return "•" * len(digits)
    return f"+{digits[:2]}{'•' * (len(digits) - 4)}{digits[-2:]}"
