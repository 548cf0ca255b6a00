"""`telecrew`, but few news may wait for the store: `... 200 collector --help` for 200 of them."""

import sys
from functools import partial

import app.crew
from collector.listening.options import ListenOptions


def main() -> None:
    few = int(sys.argv.pop(1))
    app.crew.ListenOptions = partial(ListenOptions, queue=few)  # type: ignore[misc]
    from app.cli import main as telecrew

    telecrew()


if __name__ == "__main__":
    main()
