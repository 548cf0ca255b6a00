"""Plots of the results, one file a chapter."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Figures = Sequence[dict[str, Any]]
BLUE, GREY = "#2f6fab", "#b5b5b5"


def draw(figures: Figures, folder: Path) -> dict[str, str]:
    """Draw what there are figures for; file names by chapter."""
    import matplotlib as mpl

    mpl.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {}
    for chapter, plot in PLOTS.items():
        shown = [one for one in figures if one["name"].partition(".")[0] == chapter]
        if shown:
            plot(shown, folder / f"{chapter}.png")
            drawn[chapter] = f"{chapter}.png"
    return drawn


def _canvas(title: str) -> tuple[Any, Any]:
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 3.2), dpi=110, layout="constrained")
    axes.set_title(title, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _save(figure: Any, path: Path) -> None:
    from matplotlib import pyplot

    figure.savefig(path, metadata={"Software": None})
    pyplot.close(figure)


def _history(figures: Figures, path: Path) -> None:
    shown = [one for one in figures if not one["name"].endswith(".wall")]
    figure, axes = _canvas("Messages stored per CPU-second")
    places = range(len(shown))
    axes.barh([at + 0.2 for at in places], [one["value"] for one in shown], 0.38, color=BLUE)
    axes.barh([at - 0.2 for at in places], [one["baseline"] for one in shown], 0.38, color=GREY)
    axes.set_yticks(list(places), [f"{one['name']}\n{one['ratio']:.2f} x" for one in shown])
    axes.legend(["this collector", "plain Telethon script"], fontsize=8, frameon=False)
    _save(figure, path)


def _paced(figures: Figures, path: Path) -> None:
    counts = [int(one["name"].rpartition(".")[2]) for one in figures]
    figure, axes = _canvas("Messages a second at five pages a second each")
    axes.plot(counts, [one["baseline"] for one in figures], color=GREY, label="N times one")
    axes.plot(counts, [one["value"] for one in figures], "o-", color=BLUE, label="N accounts")
    axes.set_xlabel("accounts")
    axes.set_xticks(counts)
    axes.legend(fontsize=8, frameon=False)
    _save(figure, path)


def _claim(figures: Figures, path: Path) -> None:
    figure, axes = _canvas("A peek and a claim")
    for which, style in (("p50", "o-"), ("p99", "o--")):
        shown = [one for one in figures if one["name"].endswith(which)]
        sizes = [int(one["name"].split(".")[1]) for one in shown]
        axes.plot(sizes, [one["value"] for one in shown], style, color=BLUE, label=which)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("jobs of other accounts at the head of the queue")
    axes.set_ylabel("ms")
    axes.legend(fontsize=8, frameon=False)
    _save(figure, path)


PLOTS: dict[str, Callable[[Figures, Path], None]] = {
    "history": _history,
    "paced": _paced,
    "claim": _claim,
}
