"""Auth keys: what each may do, whose it is, and which connection speaks with it."""

from dataclasses import dataclass, field
from hashlib import sha1
from typing import Protocol

from sandbox.mtproto.journal import Journal

HOME = 2
"""The data centre of every account."""

_WITH_ANSWERS = 4
"""The newest sessions of a key, whose unconfirmed answers are kept."""


@dataclass(slots=True)
class SignIn:
    """An unfinished one. `password_of`: the account whose two-step password is still to come."""

    phone: str = ""
    code_hash: str = ""
    password_of: int | None = None


@dataclass(slots=True)
class Session:
    """Messages of one client run; numbers the server's answers. `layer`: the one that the client
    said it speaks."""

    id: int
    answers: int = 0
    layer: int | None = None
    journal: Journal = field(default_factory=Journal)

    def next_seq(self, *, content: bool) -> int:
        number = self.answers * 2 + content
        self.answers += content
        return number


@dataclass(slots=True, eq=False)
class AuthKey:
    """`error`: what every call gets once the key has lost its account. `connections`: how many
    have spoken with it; the last of them is the one that may. `dc`: the data centre that knows it,
    another one than the account's own after an authorization was imported."""

    data: bytes
    salt: int
    account: int | None = None
    error: str | None = None
    sign_in: SignIn = field(default_factory=SignIn)
    sessions: dict[int, Session] = field(default_factory=dict)
    connections: int = 0
    device: str = ""
    dc: int = HOME
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
        for older in tuple(self.sessions.values())[:-_WITH_ANSWERS]:
            older.journal.forget_answers()
        made = self.sessions[session_id] = Session(session_id)
        return made, True


class KeyStore(Protocol):
    """Where keys outlive the process. A key is kept before its owner is told anything."""

    def keys(self) -> list[AuthKey]: ...

    def keep(self, key: AuthKey) -> None: ...

    def drop(self, key: AuthKey) -> None: ...


class Keyring:
    """Without a store keys live as long as the process."""

    def __init__(self, store: KeyStore | None = None) -> None:
        self._store = store
        self._keys: dict[bytes, AuthKey] = {}
        for key in store.keys() if store else ():
            self._keys[key.id] = key

    def add(self, key: AuthKey) -> None:
        self._keys[key.id] = key
        self._keep(key)

    def get(self, key_id: bytes) -> AuthKey | None:
        return self._keys.get(key_id)

    def forget(self, key: AuthKey) -> None:
        self._keys.pop(key.id, None)
        if self._store:
            self._store.drop(key)

    def belongs(self, key: AuthKey, account: int | None, error: str | None = None) -> None:
        """Whose the key is from now on, or with what it is refused."""
        key.account, key.error = account, error
        self._keep(key)

    def of(self, account: int) -> list[AuthKey]:
        return [key for key in self._keys.values() if key.account == account]

    def revoke(self, account: int, error: str) -> int:
        """Signs the account out everywhere; its keys answer with `error` from now on."""
        revoked = self.of(account)
        for key in revoked:
            self.belongs(key, None, error)
        return len(revoked)

    def _keep(self, key: AuthKey) -> None:
        if self._store and key.id in self._keys:
            self._store.keep(key)
