"""What the doctor found."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is: `warn` works, but not well or not for long."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One look at one thing. `detail` holds no secrets; `advice` is empty when all is well."""

    name: str
    state: State
    detail: str
    advice: str = ""


def good(name: str, detail: str) -> Finding:
    """All is well."""
    return Finding(name=name, state=State.OK, detail=detail)


def poor(name: str, detail: str, advice: str) -> Finding:
    """It works, but not well or not for long."""
    return Finding(name=name, state=State.WARN, detail=detail, advice=advice)


def bad(name: str, detail: str, advice: str) -> Finding:
    """It does not work."""
    return Finding(name=name, state=State.FAIL, detail=detail, advice=advice)
