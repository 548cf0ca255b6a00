"""What the connections of every account have in common."""

import platform
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from core.data_centre import PRODUCTION, DataCentre


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramSettings:
    """The operator's own application, which Telegram to speak to, and how we introduce ourselves.

    `rsa_key` is the path of the public key of a server that is not Telegram's own. `skim`: pages of
    history are read from their bytes, not from Telethon's objects; the result is the same.
    """

    api_id: int
    api_hash: str = field(repr=False)
    dc: DataCentre = PRODUCTION
    rsa_key: Path | None = None
    device_model: str = "Telecrew"
    system_version: str = field(default_factory=platform.system)
    app_version: str = field(default_factory=lambda: version("telecrew"))
    lang_code: str = "en"
    skim: bool = True
