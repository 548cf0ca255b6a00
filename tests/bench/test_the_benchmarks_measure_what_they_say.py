"""The figures that later changes are held against are there, and `python -m bench` makes them."""

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.figures import compared, interval95, quantile
from bench.selection import NAMES, chosen

ROOT = Path(__file__).parents[2]
BENCH = ROOT / "bench"
FIELDS = {"name", "value", "unit", "baseline", "ratio"}
PARTS = {
    "history.1": ("history.1", "history.1.wall"),
    "history.1.decoded": ("history.1.decoded", "history.1.decoded.wall"),
    "history.20": ("history.20", "history.20.wall"),
    "live": ("live.messages", "live.p50", "live.p99", "live.worst"),
    "claim.100": ("claim.100.p50", "claim.100.p99"),
    "claim.10000": ("claim.10000.p50", "claim.10000.p99"),
    "claim.100000": ("claim.100000.p50", "claim.100000.p99"),
    "together.free": ("together.free.one", "together.free.two"),
    "together.limited": ("together.limited.one", "together.limited.two"),
    "isolation": ("isolation.others", "isolation.low", "isolation.high", "isolation.busy"),
    "insert": ("insert.new", "insert.repeated"),
    "start": ("start.new", "start.used"),
    "idle": ("idle.ready", "idle.cpu", "idle.memory"),
}


def results(folder: Path = BENCH) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "results.json").read_text())
    return found


def check_schema(figures: list[dict[str, Any]]) -> None:
    for one in figures:
        assert one.keys() == FIELDS, one
        assert isinstance(one["name"], str)
        assert isinstance(one["unit"], str)
        assert math.isfinite(one["value"])
        assert one["value"] >= 0
        assert (one["baseline"] is None) == (one["ratio"] is None), one
        assert one["ratio"] is None or one["ratio"] > 0
    names = [one["name"] for one in figures]
    assert len(set(names)) == len(names)


LONG = {"live", "split", "store"}
"""Families that take so long that their figures are not kept with each run of the others."""


def test_the_kept_results_have_the_schema_and_every_name() -> None:
    check_schema(results())
    names = [name for name in NAMES if name.partition(".")[0] not in LONG]
    expected = {part for name in names for part in PARTS.get(name, (name,))}
    assert expected <= {one["name"] for one in results()}


def test_the_page_for_people_shows_every_figure_and_its_plots() -> None:
    page = (BENCH / "RESULTS.md").read_text()
    for one in results():
        assert f"| `{one['name']}` |" in page
    for plot in ("history", "paced", "claim"):
        assert f"(plots/{plot}.png)" in page
        assert (BENCH / "plots" / f"{plot}.png").read_bytes().startswith(b"\x89PNG")


def test_a_benchmark_runs_and_keeps_the_others_figures(tmp_path: Path) -> None:
    other = {"name": "paced.5", "value": 1.5, "unit": "x", "baseline": None, "ratio": None}
    (tmp_path / "results.json").write_text(json.dumps([other]))
    subprocess.run(
        [sys.executable, "-m", "bench", "claim.100", "--quick", "--out", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    found = {one["name"]: one for one in results(tmp_path)}
    check_schema(list(found.values()))
    assert found.keys() == {"paced.5", "claim.100.p50", "claim.100.p99"}
    assert found["paced.5"] == other
    assert 0 < found["claim.100.p50"]["value"] <= found["claim.100.p99"]["value"] < 60_000
    assert "`claim.100.p99`" in (tmp_path / "RESULTS.md").read_text()


def test_a_name_takes_its_family_and_a_wrong_one_is_refused() -> None:
    assert chosen(["paced"]) == [name for name in NAMES if name.startswith("paced.")]
    assert chosen(["claim.100"]) == ["claim.100"]
    assert chosen([]) == list(NAMES)
    with pytest.raises(KeyError):
        chosen(["histor"])


def test_ratios_are_medians_over_pairs() -> None:
    figure = compared("x", [10, 30, 20], [10, 10, 10], "u")
    assert (figure.value, figure.baseline, figure.ratio) == (20, 10, 2)
    shared = compared("x", [38.0], [10.0], "u", share=4)
    assert (shared.baseline, shared.ratio) == (40, 0.95)
    assert quantile([5, 1, 4, 2, 3], 0.5) == 3
    assert quantile(list(range(1, 101)), 0.99) == 99


def test_intervals_are_students() -> None:
    low, high = interval95([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0])
    assert low == pytest.approx(3.3341, abs=1e-3)
    assert high == pytest.approx(7.6659, abs=1e-3)
    assert interval95([2.0, 2.0]) == (2.0, 2.0)
