"""What the bot is told at its start."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class BotSettings:
    """What the bot has to know. `mongo_uri` and `mongo_db` say where half-made dialogs are kept;
    exports are written below `data_dir` until they are sent. `worker` names the process: no other
    one that lives has that name; it serves under a lease of `lease_seconds`. `token` stays out of
    the `repr`.
    """

    token: str
    mongo_uri: str
    mongo_db: str
    data_dir: Path
    api_url: str | None = None
    admins: Sequence[int] = ()
    language: str = "en"
    time_zone: str = "UTC"
    search_bots: Sequence[str] = ()
    worker: str = field(default_factory=lambda: f"bot-{secrets.token_hex(4)}")
    lease_seconds: float = 30.0

    def __repr__(self) -> str:
        return f"BotSettings(api_url={self.api_url!r}, mongo_db={self.mongo_db!r})"
