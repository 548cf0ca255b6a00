"""The address of a MongoDB: its parts, and which of them are secret."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote_plus

SCHEMES = ("mongodb", "mongodb+srv")
HIGHEST_PORT = 65_535
SECRET_OPTIONS = frozenset(
    {"tlscertificatekeyfilepassword", "proxypassword", "authmechanismproperties"}
)
ENCODE = (
    "a user or password in it has to be percent-encoded: %3A for a colon, %2F for a slash, %40 for "
    "an @, %25 for a percent sign"
)

_HOST = re.compile(r"[^\s:/?#@\[\]]+|\[[0-9A-Fa-f:.]+(?:%\w+)?\]")
_ENCODED = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*")
_NO_NAME = re.compile(r'[/ "$]')
_SIGNS = re.compile(r"[\s:/?#@&=,;\[\]]+")


class UriFault(ValueError):
    """The text is no address of a MongoDB; the message says why and shows nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MongoUri:
    """An address that was understood. `login` as it stands there, encoded; `options` in their order
    as they stand there, with names in any case.
    """

    scheme: str
    login: str
    hosts: tuple[str, ...]
    database: str
    options: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """UriFault for what is no address."""
        scheme, found, rest = text.strip().partition("://")
        if not found or scheme.lower() not in SCHEMES:
            raise UriFault("it begins with mongodb:// or mongodb+srv://")
        ahead, _, query = rest.partition("?")
        authority, _, database = ahead.partition("/")
        login, _, hosts = authority.rpartition("@")
        if "@" in database:
            raise UriFault(ENCODE)
        if _NO_NAME.search(unquote_plus(database)):
            raise UriFault('the name of a database has no spaces and none of the signs / " $')
        _check_login(login, given="@" in authority)
        return cls(
            scheme=scheme.lower(),
            login=login,
            hosts=tuple(_hosts(hosts, srv=scheme.lower() != SCHEMES[0])),
            database=database,
            options=tuple(_options(query)),
        )

    def option(self, name: str) -> str | None:
        """The last value of an option, in lower case; None where it is not said."""
        values = [value for one, value in self.options if one.lower() == name]
        return values[-1].lower() if values else None

    @property
    def place(self) -> str:
        """The hosts with their ports: all of it that may be shown."""
        return ",".join(self.hosts)

    def with_options(self, options: list[tuple[str, str]]) -> str:
        """The address with other options."""
        login = f"{self.login}@" if self.login else ""
        query = "&".join(f"{name}={value}" for name, value in options)
        address = f"{self.scheme}://{login}{self.place}/{self.database}"
        return f"{address}?{query}" if query else address


def secrets_in(text: str) -> tuple[str, ...]:
    """What of an address nobody may see: a password; of one that is not understood, everything,
    since nobody can tell what is what."""
    rest = text.partition("://")[2] or text
    try:
        uri = MongoUri.parse(text)
    except UriFault:
        return (rest, *filter(None, _SIGNS.split(rest)))
    password = uri.login.partition(":")[2]
    hidden = [value for name, value in uri.options if name.lower() in SECRET_OPTIONS]
    values = [word.partition(":")[2] or word for value in hidden for word in value.split(",")]
    return tuple(filter(None, (password, *values)))


def _check_login(login: str, *, given: bool) -> None:
    user, _, password = login.partition(":")
    if ":" in password or "@" in login or not _ENCODED.fullmatch(login):
        raise UriFault(ENCODE)
    if given and not user:
        raise UriFault("there is no user before the @")


def _hosts(text: str, *, srv: bool) -> Iterator[str]:
    hosts = text.split(",")
    if srv and (len(hosts) > 1 or ":" in text):
        raise UriFault("mongodb+srv:// takes one name without a port")
    for host in hosts:
        name, port = _split_port(host)
        if not _HOST.fullmatch(name) or ("%" in name and not _may_encode(name)):
            raise UriFault(f"a host is missing or is none; {ENCODE}")
        if port is not None and not _is_port(port):
            raise UriFault(f"a port is a number up to {HIGHEST_PORT}; {ENCODE}")
        yield host


def _split_port(host: str) -> tuple[str, str | None]:
    if host.startswith("["):
        name, end, rest = host.partition("]")
        return name + end, rest.removeprefix(":") if rest else None
    name, colon, port = host.rpartition(":")
    return (name, port) if colon else (host, None)


def _may_encode(host: str) -> bool:
    return host.endswith(".sock") or host.startswith("[")


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) <= HIGHEST_PORT


def _options(query: str) -> Iterator[tuple[str, str]]:
    for word in filter(None, re.split(r"[&;]", query)):
        name, equals, value = word.partition("=")
        if not (name and equals) or "=" in value:
            raise UriFault("behind the ? stand options as name=value, with & between them")
        yield name, value
