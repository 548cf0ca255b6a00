"""The figures that later changes are held against are there, and `python -m bench` makes them."""

import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from bench import isolation
from bench.__main__ import folder_of, main
from bench.figures import Figure, compared, interval95, quantile
from bench.isolation import Reading
from bench.report import Report
from bench.selection import NAMES, chosen
from bench.targets import TARGETS, broken, told

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
    done = subprocess.run(
        [sys.executable, "-m", "bench", "claim.100", "--quick", "--out", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert f"Rough figures: {tmp_path / 'RESULTS.md'}" in done.stdout
    found = {one["name"]: one for one in results(tmp_path)}
    check_schema(list(found.values()))
    assert found.keys() == {"paced.5", "claim.100.p50", "claim.100.p99"}
    assert found["paced.5"] == other
    assert 0 < found["claim.100.p50"]["value"] <= found["claim.100.p99"]["value"] < 60_000
    assert "`claim.100.p99`" in (tmp_path / "RESULTS.md").read_text()


def test_rough_figures_are_never_kept_beside_those_that_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match="rough figures"):
        Report(BENCH, quick=True)
    monkeypatch.setattr(sys, "argv", ["bench", "claim.100", "--quick", "--out", str(BENCH)])
    with pytest.raises(SystemExit) as refused:
        main()
    assert refused.value.code == 2
    assert "rough figures are not kept in" in capsys.readouterr().err
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert folder_of(None, quick=True).parent == tmp_path
    assert folder_of(None, quick=False) == BENCH
    assert folder_of(tmp_path, quick=True) == tmp_path


@pytest.mark.parametrize(
    ("name", "value", "ratio", "held"),
    [
        ("history.1", 9.0, 2.5, True),
        ("history.20", 9.0, 2.49, False),
        ("paced.20", 9.0, 0.97, True),
        ("paced.20", 9.0, 0.96, False),
        ("split.10", 9.0, 0.89, False),
        ("isolation.low", 0.981, None, True),
        ("isolation.low", 0.98, None, False),
        ("isolation.high", 1.02, None, False),
        ("isolation.busy", 0.49, None, True),
        ("isolation.busy", 0.5, None, False),
        ("live.p99", 100.0, None, True),
        ("live.p99", 101.0, None, False),
        ("store.tasks.first.p99", 49.9, 0.998, True),
        ("store.claim.p99", 50.0, 1.0, False),
        ("idle.ready", 10.1, None, False),
    ],
)
def test_each_promise_is_told_beside_its_figure(
    name: str, value: float, ratio: float | None, held: bool
) -> None:
    baseline = None if ratio is None else 1.0
    figure = Figure(name=name, value=value, unit="u", baseline=baseline, ratio=ratio)
    assert told(figure).endswith("/ yes" if held else "/ **no**")
    assert bool(broken([figure])) is not held


def test_what_nothing_is_promised_of_breaks_nothing() -> None:
    for name in ("history.1.wall", "store.claim.p50", "isolation.usual", "live.worst"):
        figure = Figure(name=name, value=1e9, unit="u")
        assert (told(figure), broken([figure])) == ("", [])


def test_every_promise_is_of_a_benchmark() -> None:
    families = {name.partition(".")[0] for name in NAMES}
    assert {target.names.partition(".")[0] for target in TARGETS} <= families


def test_a_broken_promise_stands_on_the_page(tmp_path: Path) -> None:
    report = Report(tmp_path)
    report.keep([Figure(name="idle.ready", value=12.0, unit="seconds")])
    report.write()
    page = (tmp_path / "RESULTS.md").read_text()
    assert "| promised / held |" in page
    assert "| `idle.ready` | 12 | seconds |  |  | ≤ 10 / **no** |" in page


def test_how_busy_the_machine_was_is_told_at_worst_and_as_usual() -> None:
    readings = [Reading(rate=100.0, busy=busy) for busy in (0.2, 0.3, 0.9)]
    found = {one.name: one.value for one in isolation.figures(readings, readings)}
    assert (found["isolation.busy"], found["isolation.usual"]) == (0.9, 0.3)


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
