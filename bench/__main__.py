"""`python -m bench [NAME ...] [--quick]`: measure, and write what was found.

Ends with 1 when a figure does not keep what is promised of it, after everything is written.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from app.embedded_mongo import EmbeddedMongo
from app.ending import ENDING
from app.logs import configure_logs
from bench.ending import heed
from bench.figures import Figure
from bench.report import HERE, Report
from bench.selection import MODULES, NAMES, chosen
from bench.stage import Stage
from bench.targets import broken


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="see that it works; rough figures, which break no promise",
    )
    parser.add_argument(
        "--out", type=Path, help=f"folder of the results: {HERE.name}, with --quick a temporary one"
    )
    given = parser.parse_args()
    out = folder_of(given.out, quick=given.quick)
    try:
        names, report = chosen(given.names), Report(out, quick=given.quick)
    except KeyError as error:
        parser.error(f"no such benchmark: {error.args[0]}")
    except ValueError as error:
        parser.error(str(error))
    configure_logs(level="WARNING")
    heed()
    found = ENDING.run(lambda: measure(names, report, quick=given.quick))
    print(f"{'Rough figures' if given.quick else 'Results'}: {out / 'RESULTS.md'}")
    if not given.quick and (failures := broken(found)):
        sys.exit("\n".join(failures))


def folder_of(out: Path | None, *, quick: bool) -> Path:
    """Where the results go: `out`, else beside the code; rough ones into a folder of their own."""
    if out is not None:
        return out
    return Path(tempfile.mkdtemp(prefix="bench-quick-")) if quick else HERE


async def measure(names: Sequence[str], report: Report, *, quick: bool) -> list[Figure]:
    """Run the benchmarks one after another; what is measured is kept at once, and returned."""
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with EmbeddedMongo(Path(folder)) as mongo:
            stage = Stage(Path(folder), mongo, quick=quick)
            for module in MODULES:
                wanted = [name for name in module.NAMES if name in names]
                if wanted:
                    figures = await module.measure(stage, wanted)
                    show(figures)
                    report.keep(figures)
                    found += figures
    report.write()
    return found


def show(figures: Sequence[Figure]) -> None:
    for figure in figures:
        ratio = "" if figure.ratio is None else f"   {figure.ratio:.3g} x {figure.baseline:.4g}"
        print(f"{figure.name:<24}{figure.value:>12.4g} {figure.unit}{ratio}", flush=True)


if __name__ == "__main__":
    main()
