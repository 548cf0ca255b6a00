"""`python -m bench.soak [CHAPTER ...] [--quick]`: try the promises, and write what was found."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from app.ending import ENDING
from app.logs import configure_logs
from bench.ending import heed
from bench.soak.chapter import Chapter
from bench.soak.contents import MODULES
from bench.soak.report import Report

HERE = Path(__file__).parent.parent
NAMES = [module.NAME for module in MODULES]
CONSOLE = Console(highlight=False)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="see that it works; proves little")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of the report")
    given = parser.parse_args()
    if unknown := [name for name in given.chapters if name not in NAMES]:
        parser.error(f"no such chapter: {unknown[0]}")
    configure_logs(level="ERROR")
    heed()
    report = Report(given.out, NAMES)
    sys.exit(0 if soak(given.chapters or NAMES, report, quick=given.quick) else 1)


def soak(names: Sequence[str], report: Report, *, quick: bool) -> bool:
    """Run the chapters one after another; whether every promise held."""
    held = True
    for module in MODULES:
        if module.NAME in names:
            CONSOLE.rule(module.NAME)
            began = time.monotonic()
            chapter: Chapter = ENDING.run(lambda module=module: module.run(quick))
            show(chapter)
            report.keep(module.NAME, chapter, time.monotonic() - began)
            held = held and chapter.held
    return held


def show(chapter: Chapter) -> None:
    for fact in chapter.facts:
        mark = "[green]held[/]" if fact.held else "[red]BROKEN[/]"
        CONSOLE.print(f"{mark:<20} {fact.promise}: {fact.figure}")


if __name__ == "__main__":
    main()
