"""What the connections of every account have in common."""

import platform
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramSettings:
    """The operator's own application, which Telegram to speak to, and how we introduce ourselves.

    `dc` is `production`, `test` or `ID@HOST:PORT`; `rsa_key` the path of that server's public key.
    """

    api_id: int
    api_hash: str = field(repr=False)
    dc: str = "production"
    rsa_key: Path | None = None
    device_model: str = "Telecrew"
    system_version: str = field(default_factory=platform.system)
    app_version: str = field(default_factory=lambda: version("telecrew"))
    lang_code: str = "en"
