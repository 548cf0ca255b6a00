"""What is promised of the figures, and whether it holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from bench.figures import Figure, rounded

SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}


@dataclass(frozen=True, slots=True)
class Target:
    """A bound for the value, or for the ratio, of the figures whose names fit the pattern
    `names`."""

    names: str
    field: Literal["value", "ratio"]
    sign: Literal[">=", "<=", ">", "<"]
    bound: float

    def fits(self, figure: Figure) -> bool:
        """Whether it promises something of this figure."""
        return fnmatchcase(figure.name, self.names)

    def holds(self, figure: Figure) -> bool:
        """By the figure as it is kept; what was not measured does not hold."""
        found = figure.value if self.field == "value" else figure.ratio
        if found is None:
            return False
        kept = rounded(found)
        match self.sign:
            case ">=":
                return kept >= self.bound
            case "<=":
                return kept <= self.bound
            case ">":
                return kept > self.bound
            case "<":
                return kept < self.bound

    def __str__(self) -> str:
        times = "ratio " if self.field == "ratio" else ""
        return f"{times}{SIGNS[self.sign]} {self.bound:g}"


TARGETS = (
    Target("history.1", "ratio", ">=", 2.5),
    Target("history.20", "ratio", ">=", 2.5),
    Target("paced.*", "ratio", ">=", 0.97),
    Target("split.*", "ratio", ">=", 0.9),
    Target("isolation.low", "value", ">", 0.98),
    Target("isolation.high", "value", "<", 1.02),
    Target("isolation.busy", "value", "<", 0.5),
    Target("live.p99", "value", "<=", 100.0),
    Target("store.*.p99", "value", "<", 50.0),
    Target("jobs.planned", "value", ">=", 1000.0),
    Target("jobs.cpu", "value", "<=", 50.0),
    Target("jobs.commands", "value", "<=", 27.0),
    Target("jobs.bot", "value", "<=", 200.0),
    Target("jobs.uneven", "value", "<=", 3.0),
    Target("jobs.urgent", "ratio", ">=", 3.0),
    Target("idle.ready", "value", "<=", 10.0),
)


def told(figure: Figure) -> str:
    """What is promised and whether it holds, as `ratio ≥ 2.5 / yes`; empty without a promise."""
    return ", ".join(
        f"{target} / {'yes' if target.holds(figure) else '**no**'}"
        for target in TARGETS
        if target.fits(figure)
    )


def broken(figures: Iterable[Figure]) -> list[str]:
    """The promises that these figures do not keep, each with what was found."""
    return [
        f"{figure.name}: {target} is promised, "
        f"{rounded((figure.value if target.field == 'value' else figure.ratio) or 0.0):g} was found"
        for figure in figures
        for target in TARGETS
        if target.fits(figure) and not target.holds(figure)
    ]
