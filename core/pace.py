"""The setting `PACE`: how fast the accounts may call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.job import Family
from core.pacing import CAREFUL, Budget

EXPECTED_PACE = (
    "`careful`, `off`, or budgets such as `history=30/30,resolve=5/60,join=1/450/20` "
    "(calls/seconds/calls a day of an account, 0 or - as the last: no bound a day; "
    f"families: {', '.join(Family)})"
)

SMALLEST, LARGEST = 0.001, 1_000_000

MADE_UP = 0.4
"""Seconds of lateness that a fast budget makes up for: a call that missed its slot, because the
answer before it was slow, takes nothing from the rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`budgets` are those that were set; a family without one keeps the careful budget."""

    mode: Literal["careful", "off", "custom"] = "careful"
    budgets: Mapping[Family, Budget] = field(default_factory=dict)

    def allowances(self) -> Mapping[Family, Budget]:
        """What each family may spend; a family that is missing is not bounded."""
        if self.mode == "off":
            return {}
        return {**CAREFUL, **self.budgets}


def parse_pace(text: str) -> Pace:
    """Read the setting; ValueError names what is wrong with it."""
    words = text.strip().lower()
    if words in ("", "careful"):
        return Pace()
    if words == "off":
        return Pace(mode="off")
    return Pace(mode="custom", budgets=dict(_parse_budget(part) for part in words.split(",")))


def _parse_budget(part: str) -> tuple[Family, Budget]:
    name, _, amount = part.strip().partition("=")
    calls, seconds, *day = amount.split("/", 2)
    family, given = Family(name.strip()), (float(calls), float(seconds))
    if not all(SMALLEST <= number <= LARGEST for number in given):
        raise ValueError(f"{part.strip()} is not a number of calls in a number of seconds")
    daily = _parse_daily(day[0]) if day else CAREFUL[family].daily
    return family, _budget(*given, daily)


def _parse_daily(text: str) -> int | None:
    """Calls a day; None where there is no bound."""
    if text.strip() in ("0", "-"):
        return None
    daily = int(text)
    if not 0 < daily <= LARGEST:
        raise ValueError(f"{text} is not a number of calls a day")
    return daily


def _budget(calls: float, seconds: float, daily: int | None) -> Budget:
    rate = calls / seconds
    burst = max(int(calls / 10), int(rate * MADE_UP), 1)
    return Budget(rate=rate, burst=burst, daily=daily)
