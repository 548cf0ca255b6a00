"""The types of the settings: how each text of the environment becomes a value."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from core.data_centre import DataCentre, parse_data_centre
from core.pace import Pace, parse_pace

BOT_TOKEN = re.compile(r"\d+:[\w-]{10,}")
API_HASH = re.compile(r"[0-9a-f]{32}")
USERNAME = re.compile(r"[A-Za-z]\w{3,31}")
FERNET_KEY_BYTES = 32


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
        if len(base64.urlsafe_b64decode(text)) != FERNET_KEY_BYTES:
            raise ValueError("not a key")
    return words


def _web_address(text: str) -> str:
    parts = urlsplit(text.strip())
    if text.strip() and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValueError("not a web address")
    return text.strip().rstrip("/")


def _mongodb_uri(text: str) -> SecretStr:
    if text.strip() and urlsplit(text.strip()).scheme not in ("mongodb", "mongodb+srv"):
        raise ValueError("not an address of MongoDB")
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
    return Path(text.strip()).expanduser() if text.strip() else None


def _from_text(parse: Callable[[str], object]) -> BeforeValidator:
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)


Whole = Annotated[int, Field(ge=1)]
Port = Annotated[int, Field(ge=0, le=65_535)]
Token = Annotated[SecretStr, _from_text(_token)]
ApiHash = Annotated[SecretStr, _from_text(_hash)]
Keys = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_keys)]
UserIds = Annotated[tuple[Annotated[int, Field(gt=0)], ...], NoDecode, BeforeValidator(_words)]
Usernames = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_usernames)]
WebAddress = Annotated[str, _from_text(_web_address)]
MongoUri = Annotated[SecretStr, _from_text(_mongodb_uri)]
OptionalPath = Annotated[Path | None, _from_text(_path)]
Centre = Annotated[DataCentre, NoDecode, _from_text(parse_data_centre)]
PaceOf = Annotated[Pace, NoDecode, _from_text(parse_pace)]
Zone = Annotated[ZoneInfo, _from_text(_zone)]
Language = Annotated[Literal["en", "zh"], _from_text(_language)]
Level = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR"], _from_text(lambda text: text.strip().upper())
]
LogFormat = Annotated[Literal["console", "json"], _from_text(lambda text: text.strip().lower())]
