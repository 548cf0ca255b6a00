"""The setting `TELEGRAM_DC`: which servers are Telegram."""

import re
from dataclasses import dataclass
from typing import Literal

EXPECTED_DC = "`production`, `test`, or `ID@HOST:PORT` such as `2@127.0.0.1:8443`"
HIGHEST_PORT = 65_535
HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+(?:%\w+)?\]|[0-9A-Fa-f:.]+")
HIGHEST_ID = 9_999


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCentre:
    """Where an account makes its first connection; `custom` servers have their own public key."""

    kind: Literal["production", "test", "custom"]
    id: int
    host: str
    port: int = 443


PRODUCTION = DataCentre(kind="production", id=2, host="149.154.167.51")
TEST = DataCentre(kind="test", id=2, host="149.154.167.40")


def parse_data_centre(text: str) -> DataCentre:
    """Read the setting; ValueError when it names no server."""
    words = text.strip()
    for known in (PRODUCTION, TEST):
        if words.lower() == known.kind:
            return known
    number, at, address = words.partition("@")
    host, colon, port = address.rpartition(":")
    if not (at and colon and host and 0 < int(number) <= HIGHEST_ID):
        raise ValueError("an id, a host and a port are needed")
    if not HOST.fullmatch(host):
        raise ValueError("that is no host")
    if not 0 < int(port) <= HIGHEST_PORT:
        raise ValueError("the port is out of range")
    return DataCentre(kind="custom", id=int(number), host=host.strip("[]"), port=int(port))
