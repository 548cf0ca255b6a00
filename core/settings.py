"""Settings, from the environment or `.env`: read once, at the start, and passed on."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from core import setting_types as of
from core.data_centre import EXPECTED_DC, PRODUCTION
from core.pace import EXPECTED_PACE, Pace

Role = Literal["bot", "collector"]

SHOWN_CHARACTERS = 60

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

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, env_file_encoding="utf-8"
    )

    bot_token: of.Token = Field(
        SecretStr(""), description="a token as @BotFather gives it, such as 123456:ABC-DEF1234"
    )
    bot_api_url: of.WebAddress = Field(
        "https://api.telegram.org", description="the http(s) address of a Bot API server"
    )
    admins: of.UserIds = Field((), description="Telegram user ids, separated by commas")
    api_id: int = Field(0, ge=0, description="the number that my.telegram.org shows")
    api_hash: of.ApiHash = Field(
        SecretStr(""), description="the 32 hexadecimal digits that my.telegram.org shows"
    )
    telegram_dc: of.Centre = Field(PRODUCTION, description=EXPECTED_DC)
    telegram_rsa_key: of.OptionalPath = Field(None, description="the path of a PEM file")
    mongodb_uri: of.MongoUri = Field(
        SecretStr(""), description="mongodb://... or mongodb+srv://..., or nothing: embedded"
    )
    mongodb_db: str = Field(
        "telecrew", pattern=r"^[A-Za-z0-9_-]{1,60}$", description="a name of letters and digits"
    )
    session_keys: of.Keys = Field(
        (), description="Fernet keys (44 characters each), separated by commas, newest first"
    )
    data_dir: Path = Field(Path("data"), description="the path of a folder")
    log_level: of.Level = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_format: of.LogFormat = Field("console", description="console or json")
    time_zone: of.Zone = Field(ZoneInfo("UTC"), description="a zone such as Asia/Shanghai or UTC")
    language: of.Language = Field("en", description="en or zh")
    search_bots: of.Usernames = Field((), description="usernames, separated by commas")
    metrics_port: of.Port = Field(0, description="a port from 1 to 65535, or 0: none")
    metrics_host: str = Field("127.0.0.1", description="an address of this machine")
    webhook_url: of.WebAddress = Field("", description="an https address, or nothing: polling")
    webhook_secret: SecretStr = Field(SecretStr(""), description="letters, digits, _ and -")
    webhook_port: of.Port = Field(8080, description="a port from 1 to 65535")
    worker_accounts: of.Whole = Field(200, description="a number from 1 on")
    jobs_per_account: of.Whole = Field(8, description="a number from 1 on")
    worker_jobs: of.Whole = Field(1000, description="a number from 1 on")
    max_runs: of.Whole = Field(500, description="a number from 1 on")
    keep_runs: of.Whole = Field(100, description="a number from 1 on")
    lease_seconds: float = Field(30.0, ge=1, le=3600, description="seconds, from 1 to 3600")
    listen_depth_messages: of.Whole = Field(200, description="a number from 1 on")
    listen_depth_hours: float = Field(48.0, gt=0, le=8760, description="hours, up to 8760")
    listen_check_seconds: float = Field(60.0, ge=1, le=3600, description="seconds, from 1 to 3600")
    skim: bool = Field(default=True, description="on or off")
    pace: of.PaceOf = Field(Pace(), description=EXPECTED_PACE)

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

    def secrets(self) -> tuple[str, ...]:
        """The values that no log may show."""
        uri = self.mongodb_uri.get_secret_value()
        password = unquote(urlsplit(uri).password or "") if uri else ""
        hidden = (self.bot_token, self.api_hash, self.webhook_secret, *self.session_keys)
        return tuple(filter(None, (*(value.get_secret_value() for value in hidden), password)))


def load_settings(env_file: Path | None = Path(".env"), **overrides: Any) -> Settings:
    """Settings of `overrides` (by either case), else of the environment, else of `env_file`."""
    given: dict[str, Any] = {name.lower(): value for name, value in overrides.items()}
    if unknown := given.keys() - Settings.model_fields.keys():
        raise TypeError(f"no such settings: {', '.join(sorted(unknown))}")
    given["_env_file"] = env_file
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("\n".join(_explained(error.errors()))) from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{env_file} is not a text file in UTF-8") from error


def _explained(errors: list[ErrorDetails]) -> Iterator[str]:
    for name in dict.fromkeys(str(error["loc"][0]) for error in errors):
        given = next(error["input"] for error in errors if error["loc"][0] == name)
        shown = "has a wrong value (not shown)" if _is_secret(name) else f"is {_short(given)}"
        yield f"{name.upper()} {shown}; expected: {_expected(name)}."


def _short(given: object) -> str:
    text = repr(given)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}..."


def _expected(name: str) -> str:
    return Settings.model_fields[name.lower()].description or "another value"


def _is_secret(name: str) -> bool:
    return "SecretStr" in str(Settings.model_fields[name].annotation)


def _has_value(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)
