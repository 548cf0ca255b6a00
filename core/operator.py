"""Humans who may use the bot."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an operator may do; each includes the ones before it."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A human who may use the bot. `language` is None until it was chosen by `/language`;
    `telegram_language` is what their app last said (an IETF tag).
    """

    id: int
    role: Role
    name: str = ""
    language: str | None = None
    telegram_language: str | None = None
