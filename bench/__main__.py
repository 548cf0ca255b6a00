"""`python -m bench [NAME ...] [--quick]`: measure, and write what was found."""

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from app.embedded_mongo import EmbeddedMongo
from app.logs import configure_logs
from bench.figures import Figure
from bench.report import Report
from bench.selection import MODULES, NAMES, chosen
from bench.stage import Stage

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="see that it works; rough figures")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of the results")
    given = parser.parse_args()
    configure_logs(level="WARNING")
    try:
        names = chosen(given.names)
    except KeyError as error:
        parser.error(f"no such benchmark: {error.args[0]}")
    report = Report(given.out)
    asyncio.run(measure(names, report, quick=given.quick))


async def measure(names: Sequence[str], report: Report, *, quick: bool) -> None:
    """Run the benchmarks one after another; what is measured is kept at once."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with EmbeddedMongo(Path(folder)) as mongo:
            stage = Stage(Path(folder), mongo, quick=quick)
            for module in MODULES:
                wanted = [name for name in module.NAMES if name in names]
                if wanted:
                    figures = await module.measure(stage, wanted)
                    show(figures)
                    report.keep(figures)
    report.write()


def show(figures: Sequence[Figure]) -> None:
    for figure in figures:
        ratio = "" if figure.ratio is None else f"   {figure.ratio:.3g} x {figure.baseline:.4g}"
        print(f"{figure.name:<24}{figure.value:>12.4g} {figure.unit}{ratio}", flush=True)


if __name__ == "__main__":
    main()
