"""Auth keys: what each may do, whose it is, and which connection speaks with it."""

from dataclasses import dataclass, field
from hashlib import sha1
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.mtproto.connection import Connection


@dataclass(slots=True)
class SignIn:
    """An unfinished one. `password_of`: the account whose two-step password is still to come."""

    phone: str = ""
    code_hash: str = ""
    password_of: int | None = None


@dataclass(slots=True)
class Session:
    """Messages of one client run; numbers the server's answers."""

    id: int
    answers: int = 0

    def next_seq(self, *, content: bool) -> int:
        number = self.answers * 2 + content
        self.answers += content
        return number


@dataclass(slots=True, eq=False)
class AuthKey:
    """`error`: what every call gets once the key has lost its account."""

    data: bytes
    salt: int
    account: int | None = None
    error: str | None = None
    sign_in: SignIn = field(default_factory=SignIn)
    sessions: dict[int, Session] = field(default_factory=dict)
    newest: "Connection | None" = None
    device: str = ""
    id: bytes = b""

    def __post_init__(self) -> None:
        self.id = sha1(self.data, usedforsecurity=False).digest()[12:]

    @property
    def aux_hash(self) -> bytes:
        return sha1(self.data, usedforsecurity=False).digest()[:8]

    def session(self, session_id: int) -> tuple[Session, bool]:
        """(session, is it new)."""
        known = self.sessions.get(session_id)
        if known is not None:
            return known, False
        while len(self.sessions) >= 64:
            del self.sessions[next(iter(self.sessions))]
        made = self.sessions[session_id] = Session(session_id)
        return made, True


class Keyring:
    def __init__(self) -> None:
        self._keys: dict[bytes, AuthKey] = {}

    def add(self, key: AuthKey) -> None:
        self._keys[key.id] = key

    def get(self, key_id: bytes) -> AuthKey | None:
        return self._keys.get(key_id)

    def forget(self, key: AuthKey) -> None:
        self._keys.pop(key.id, None)

    def of(self, account: int) -> list[AuthKey]:
        return [key for key in self._keys.values() if key.account == account]

    def revoke(self, account: int, error: str) -> int:
        """Signs the account out everywhere; its keys answer with `error` from now on."""
        revoked = self.of(account)
        for key in revoked:
            key.account, key.error = None, error
        return len(revoked)
