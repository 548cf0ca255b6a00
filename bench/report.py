"""`results.json` for programs, `RESULTS.md` and plots for people."""

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.chapters import CHAPTERS, HEAD
from bench.figures import Figure, rounded
from bench.plots import draw
from bench.targets import told

HERE = Path(__file__).parent
"""The folder of the results that are kept with the code."""

COLUMNS = (
    "| name | value | unit | baseline | ratio | promised / held |\n|---|---:|---|---:|---:|---|"
)


class Report:
    """The results of a folder; figures of a new run replace those of the same name.

    Raises ValueError for rough figures (`quick`) in the folder of those that count: under the same
    names they are measured with less of everything.
    """

    def __init__(self, folder: Path, *, quick: bool = False) -> None:
        if quick and folder.resolve() == HERE:
            raise ValueError(f"rough figures are not kept in {folder}")
        self._folder = folder
        self._path = folder / "results.json"
        known = json.loads(self._path.read_text()) if self._path.exists() else []
        self._figures: dict[str, dict[str, Any]] = {one["name"]: one for one in known}

    def keep(self, figures: Sequence[Figure]) -> None:
        """Write what was found before anything else can fail."""
        self._figures.update((figure.name, figure.to_json()) for figure in figures)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self._ordered(), indent=1) + "\n")

    def write(self) -> None:
        """The page for people, and its plots."""
        plots = draw(self._ordered(), self._folder / "plots")
        chapters = [
            chapter
            for name, title, text in CHAPTERS
            if (chapter := self._chapter(name, title, text, plots.get(name)))
        ]
        text = "\n".join((HEAD, *chapters, machine()))
        (self._folder / "RESULTS.md").write_text(text)

    def _ordered(self) -> list[dict[str, Any]]:
        order = [name for name, _, _ in CHAPTERS]
        return sorted(self._figures.values(), key=lambda one: order.index(_first(one["name"])))

    def _chapter(self, name: str, title: str, text: str, plot: str | None) -> str:
        figures = [one for one in self._ordered() if _first(one["name"]) == name]
        if not figures:
            return ""
        rows = "\n".join(_row(one) for one in figures)
        table = f"{COLUMNS}\n{rows}\n"
        picture = "" if plot is None else f"\n![{title}](plots/{plot})\n"
        return f"## {title}\n\n{text}\n\n{table}{picture}"


def machine() -> str:
    """Where and with what it was measured."""
    return (
        f"## Machine\n\n{processor()}, {os.cpu_count()} cores seen, {platform.system()} "
        f"{platform.release().split('-')[0]}, Python {platform.python_version()}, "
        f"Telethon {version('telethon')}, pymongo {version('pymongo')}, motor {version('motor')}; "
        f"{datetime.now(UTC):%Y-%m-%d}.\n"
    )


def processor() -> str:
    """The name of the processor, as far as the system tells."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _row(one: dict[str, Any]) -> str:
    cells = (one["value"], one["unit"], one["baseline"], one["ratio"])
    shown = " | ".join(_shown(cell) for cell in cells)
    return f"| `{one['name']}` | {shown} | {told(Figure(**one))} |"


def _shown(cell: object) -> str:
    if cell is None:
        return ""
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:,.0f}" if cell >= 1_000 else f"{rounded(cell):g}"


def _first(name: str) -> str:
    return name.partition(".")[0]
