"""What a benchmark found: named figures, each beside what it is compared with."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`ratio` is value to baseline, measured in the same run; both None where nothing compares."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None

    def to_json(self) -> dict[str, Any]:
        """As it stands in `results.json`, with four significant digits."""
        return {
            name: rounded(field) if isinstance(field, float) else field
            for name, field in asdict(self).items()
        }


def compared(
    name: str, values: Sequence[float], baselines: Sequence[float], unit: str, *, share: float = 1
) -> Figure:
    """Pairs taken in turns: medians of both, and the median of their ratios.

    A baseline counts `share` times: N accounts are compared with N times one.
    """
    ratios = [value / (base * share) for value, base in zip(values, baselines, strict=True)]
    return Figure(
        name=name,
        value=statistics.median(values),
        unit=unit,
        baseline=statistics.median(baselines) * share,
        ratio=statistics.median(ratios),
    )


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


T_95 = (12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179)
"""Student's t for 95 %, both sides, from one degree of freedom on."""


def interval95(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % confidence interval of the mean of 2 to 13 independent values."""
    mean = statistics.fmean(values)
    error = statistics.stdev(values) / math.sqrt(len(values))
    reach = T_95[len(values) - 2] * error
    return mean - reach, mean + reach


def rounded(value: float) -> float:
    """Four significant digits."""
    return float(f"{value:.4g}")
