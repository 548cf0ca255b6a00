"""The types of the settings: how each text of the environment becomes a value."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, SecretStr

from core import mongo_uri
from core.data_centre import DataCentre, parse_data_centre
from core.pace import Pace, parse_pace

BOT_TOKEN = re.compile(r"\d+:[\w-]{10,}")
API_HASH = re.compile(r"[0-9a-f]{32}")
USERNAME = re.compile(r"[A-Za-z]\w{3,31}")
FERNET_KEY_BYTES = 32
KEY = re.compile(r"[A-Za-z0-9_+/-]{43}=")
DATABASE = re.compile(r"[A-Za-z0-9_-]{1,60}")
HOST = re.compile(r"[A-Za-z0-9._:%-]{1,253}")


def _words(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(word for part in value.split(",") if (word := part.strip()))


def _usernames(value: object) -> object:
    words = _words(value)
    if not isinstance(words, tuple):
        return words
    names = tuple(str(word).removeprefix("@") for word in words)
    if not all(USERNAME.fullmatch(name) for name in names):
        raise ValueError("not a username")
    return names


def _token(text: str) -> SecretStr:
    if text.strip() and not BOT_TOKEN.fullmatch(text.strip()):
        raise ValueError("not a token")
    return SecretStr(text.strip())


def _hash(text: str) -> SecretStr:
    if text.strip() and not API_HASH.fullmatch(text.strip().lower()):
        raise ValueError("not a hash")
    return SecretStr(text.strip().lower())


def _keys(value: object) -> object:
    words = _words(value)
    for word in words if isinstance(words, tuple) else ():
        text = word.get_secret_value() if isinstance(word, SecretStr) else str(word)
        if not KEY.fullmatch(text) or len(base64.urlsafe_b64decode(text)) != FERNET_KEY_BYTES:
            raise ValueError("not a key")
    return words


def _web_address(text: str) -> str:
    address = text.strip()
    parts = urlsplit(address)
    if address and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValueError("not a web address")
    if not address.isprintable() or " " in address or parts.port == 0 or set("?#") & set(address):
        raise ValueError("not the address of a server")
    return address.rstrip("/")


def _mongodb_uri(text: str) -> SecretStr:
    if text.strip():
        mongo_uri.MongoUri.parse(text)
    return SecretStr(text.strip())


def _language(text: str) -> str:
    """Systems set LANGUAGE too, as `zh_CN:zh` or `de`: the first that we speak, else English."""
    spoken = (word.strip().lower()[:2] for word in text.split(":"))
    return next((word for word in spoken if word in ("en", "zh")), "en")


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text.strip())
    except (KeyError, OSError) as error:
        raise ValueError("not a time zone") from error


def _path(text: str) -> Path | None:
    try:
        return Path(_printable(text)).expanduser() if text.strip() else None
    except RuntimeError as error:
        raise ValueError("nobody's home") from error


def _folder(text: str) -> Path:
    return Path(_printable(text))


def _printable(text: str) -> str:
    if not text.strip().isprintable():
        raise ValueError("no path")
    return text.strip()


def _database(text: str) -> str:
    name = text.strip()
    if not DATABASE.fullmatch(name) or name.lower() in ("config", "local"):
        raise ValueError("no name of a database")
    return name


def _host(text: str) -> str:
    """An address or a name; brackets around an address of IPv6 are left out."""
    host = text.strip().removeprefix("[").removesuffix("]")
    if not HOST.fullmatch(host):
        raise ValueError("no address")
    return host


def _from_text(parse: Callable[[str], object]) -> BeforeValidator:
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)


HIGHEST_USER = 2**52
MOST = 1_000_000

Whole = Annotated[int, Field(ge=1, le=MOST)]
Port = Annotated[int, Field(ge=0, le=65_535)]
Token = Annotated[SecretStr, _from_text(_token)]
ApiHash = Annotated[SecretStr, _from_text(_hash)]
Keys = Annotated[tuple[SecretStr, ...], BeforeValidator(_keys)]
UserIds = Annotated[
    tuple[Annotated[int, Field(gt=0, le=HIGHEST_USER)], ...], BeforeValidator(_words)
]
Usernames = Annotated[tuple[str, ...], BeforeValidator(_usernames)]
WebAddress = Annotated[str, _from_text(_web_address)]
MongoUri = Annotated[SecretStr, _from_text(_mongodb_uri)]
DatabaseName = Annotated[str, _from_text(_database)]
FilePath = Annotated[Path, _from_text(_folder)]
Host = Annotated[str, _from_text(_host)]
OptionalPath = Annotated[Path | None, _from_text(_path)]
Centre = Annotated[DataCentre, _from_text(parse_data_centre)]
PaceOf = Annotated[Pace, _from_text(parse_pace)]
Zone = Annotated[ZoneInfo, _from_text(_zone)]
Language = Annotated[Literal["en", "zh"], _from_text(_language)]
Level = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR"], _from_text(lambda text: text.strip().upper())
]
LogFormat = Annotated[Literal["console", "json"], _from_text(lambda text: text.strip().lower())]
