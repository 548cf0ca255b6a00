"""Settings, from the environment or `.env`: read once, at the start, and passed on."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from core import setting_types as of
from core.data_centre import EXPECTED_DC, PRODUCTION
from core.mongo_uri import UriFault, secrets_in
from core.pace import EXPECTED_PACE, Pace
from core.redaction import MASK, Redaction
from core.settings_sources import FileFault, gathered

Role = Literal["bot", "collector"]

SHOWN_CHARACTERS = 60
HIGHEST_API_ID = 2**31 - 1
ADDRESSES = ("bot_api_url", "webhook_url")
"""Settings that may carry a user and a password."""

MAY_BE_SECRET = re.compile(r"[0-9A-Fa-f]{31,}|\+\d[\d ()+-]{7,}")
"""A hash or a phone: not in what stands in the place of another setting."""

ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "BOT_TOKEN": "talk to @BotFather on Telegram and send /newbot: it answers with the token",
        "ADMINS": "your own Telegram user id; @userinfobot tells it, and so does `telecrew init`",
        "API_ID": "sign in at https://my.telegram.org, open API development tools, create an app",
        "API_HASH": "it stands beside the API id at https://my.telegram.org",
        "SESSION_KEYS": "`telecrew init` makes one; keep a copy: without it no session can be read",
        "TELEGRAM_RSA_KEY": "the path of the server's public key (PEM), since TELEGRAM_DC names it",
    }
)
NEEDS: Mapping[Role, tuple[str, ...]] = MappingProxyType(
    {"bot": ("BOT_TOKEN", "ADMINS"), "collector": ("API_ID", "API_HASH", "SESSION_KEYS")}
)


class SettingsError(Exception):
    """A setting is wrong or missing; the message names it, what was given and what is expected."""


class Settings(BaseSettings):
    """Every setting of the product; each `description` says what is expected of its value.

    What is not set is empty, never None, so that its reader needs no check: `require` makes one.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    bot_token: of.Token = Field(
        SecretStr(""), description="a token as @BotFather gives it, such as 123456:ABC-DEF1234"
    )
    bot_api_url: of.WebAddress = Field(
        "https://api.telegram.org", description="the http(s) address of a Bot API server"
    )
    admins: of.UserIds = Field((), description="Telegram user ids, separated by commas")
    api_id: int = Field(
        0, ge=0, le=HIGHEST_API_ID, description="the number that my.telegram.org shows"
    )
    api_hash: of.ApiHash = Field(
        SecretStr(""), description="the 32 hexadecimal digits that my.telegram.org shows"
    )
    telegram_dc: of.Centre = Field(PRODUCTION, description=EXPECTED_DC)
    telegram_rsa_key: of.OptionalPath = Field(None, description="the path of a PEM file")
    mongodb_uri: of.MongoUri = Field(
        SecretStr(""), description="mongodb://... or mongodb+srv://..., or nothing: embedded"
    )
    mongodb_db: of.DatabaseName = Field(
        "telecrew", description="a name of letters and digits, neither `config` nor `local`"
    )
    session_keys: of.Keys = Field(
        (), description="Fernet keys (44 characters each), separated by commas, newest first"
    )
    data_dir: of.FilePath = Field(Path("data"), description="the path of a folder")
    log_level: of.Level = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_format: of.LogFormat = Field("console", description="console or json")
    time_zone: of.Zone = Field(ZoneInfo("UTC"), description="a zone such as Asia/Shanghai or UTC")
    language: of.Language = Field("en", description="en or zh")
    search_bots: of.Usernames = Field((), description="usernames, separated by commas")
    metrics_port: of.Port = Field(0, description="a port from 1 to 65535, or 0: none")
    metrics_host: of.Host = Field("127.0.0.1", description="an address of this machine")
    webhook_url: of.WebAddress = Field("", description="an https address, or nothing: polling")
    webhook_secret: SecretStr = Field(SecretStr(""), description="letters, digits, _ and -")
    webhook_port: of.Port = Field(8080, description="a port from 1 to 65535")
    worker_accounts: of.Whole = Field(200, description="a number from 1 to 1000000")
    jobs_per_account: of.Whole = Field(8, description="a number from 1 to 1000000")
    worker_jobs: of.Whole = Field(1000, description="a number from 1 to 1000000")
    max_runs: of.Whole = Field(500, description="a number from 1 to 1000000")
    keep_runs: of.Whole = Field(100, description="a number from 1 to 1000000")
    lease_seconds: float = Field(30.0, ge=1, le=3600, description="seconds, from 1 to 3600")
    listen_depth_messages: of.Whole = Field(200, description="a number from 1 to 1000000")
    listen_depth_hours: float = Field(48.0, gt=0, le=8760, description="hours, up to 8760")
    listen_check_seconds: float = Field(60.0, ge=1, le=3600, description="seconds, from 1 to 3600")
    skim: bool = Field(default=True, description="on or off")
    pace: of.PaceOf = Field(Pace(), description=EXPECTED_PACE)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic's
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What it is made of alone: `load_settings` gathers that."""
        return (init_settings,)

    def require(self, *names: str) -> None:
        """SettingsError unless each of the named settings (`BOT_TOKEN`) has a value."""
        missing = [name for name in names if not _has_value(getattr(self, name.lower()))]
        if missing:
            lines = (f"{name} is not set: {ADVICE.get(name, _expected(name))}." for name in missing)
            raise SettingsError("\n".join(lines))

    def require_for(self, *roles: Role) -> None:
        """SettingsError unless a process with these roles has what it needs."""
        names = dict.fromkeys(name for role in roles for name in NEEDS[role])
        if "collector" in roles and self.telegram_dc.kind == "custom":
            names["TELEGRAM_RSA_KEY"] = None
        self.require(*names)

    def __repr__(self) -> str:
        return Redaction(self.secrets()).text(super().__repr__())

    __str__ = __repr__

    def secrets(self) -> tuple[str, ...]:
        """The values that no log may show."""
        given = {
            name: str(value.get_secret_value())
            for name in Settings.model_fields
            if isinstance(value := getattr(self, name), SecretStr)
        }
        given["session_keys"] = ",".join(key.get_secret_value() for key in self.session_keys)
        return secrets_of(given)


def secrets_of(given: Mapping[str, str]) -> tuple[str, ...]:
    """What of the texts of settings (by names in lower case) nobody may see, right or wrong."""
    found: list[str] = []
    for name, text in given.items():
        if name in ADDRESSES:
            found += _of_address(text)
        elif name == "mongodb_uri":
            found += [unquote(secret) for secret in secrets_in(text)]
        elif name in Settings.model_fields and _is_secret(name):
            found += [word.strip() for word in text.split(",")]
    return tuple(dict.fromkeys(filter(None, found)))


def load_settings(env_file: Path | None = Path(".env"), **overrides: Any) -> Settings:
    """Settings of `overrides` (by either case), else of the environment, else of `env_file`."""
    wanted: dict[str, Any] = {name.lower(): value for name, value in overrides.items()}
    if unknown := wanted.keys() - Settings.model_fields.keys():
        raise TypeError(f"no such settings: {', '.join(sorted(unknown))}")
    merged = given_texts(env_file) | wanted
    given = {name: value for name, value in merged.items() if not _is_empty(value)}
    try:
        return Settings(**given)
    except ValidationError as error:
        hidden = Redaction(secrets_of(_texts(given)))
        raise SettingsError("\n".join(_explained(error.errors(), hidden))) from None


def given_texts(env_file: Path | None) -> dict[str, str]:
    """The texts of the settings of the environment and of a file. Raises SettingsError."""
    try:
        return gathered(Settings.model_fields, env_file)
    except FileFault as fault:
        raise SettingsError(f"{fault}.") from None


def _is_empty(value: object) -> bool:
    return isinstance(value, str) and not value.strip()


def _texts(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in given.items() if isinstance(value, str)}


def _of_address(text: str) -> list[str]:
    """User and password of a web address; of what is none, all that may be one."""
    login = text.rpartition("@")[0].rpartition("//")[2]
    return [unquote(word) for word in (login, *login.split(":", 1)) if word]


def _explained(errors: list[ErrorDetails], hidden: Redaction) -> Iterator[str]:
    for name in dict.fromkeys(str(error["loc"][0]) for error in errors):
        first = next(error for error in errors if error["loc"][0] == name)
        if _is_secret(name):
            shown = "has a wrong value (not shown)"
        else:
            shown = f"is {_short(hidden.text(MAY_BE_SECRET.sub(MASK, repr(first['input']))))}"
        yield f"{name.upper()} {shown}; expected: {_why(first) or _expected(name)}."


def _why(error: ErrorDetails) -> str:
    """What an address of MongoDB lacks, which is more than what is expected of one."""
    fault = error.get("ctx", {}).get("error")
    return f"{_expected('mongodb_uri')}; {fault}" if isinstance(fault, UriFault) else ""


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}..."


def _expected(name: str) -> str:
    return Settings.model_fields[name.lower()].description or "another value"


def _is_secret(name: str) -> bool:
    return "SecretStr" in str(Settings.model_fields[name].annotation)


def _has_value(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)
