"""`telecrew`, but it dies at the n-th event of a name: `... page.stored:2 collector --help`.

The name is one that the product logs, so a crash point is a line of its own code.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import structlog

import app.logs

PEACE = "SOAK_PEACE"
"""The variable that names a file; while it is there, nobody crashes."""


def die_at(event: str, nth: int) -> structlog.typing.Processor:
    seen, peace = 0, Path(os.environ.get(PEACE, os.devnull + "/never"))

    def processor(_: Any, __: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
        nonlocal seen
        seen += entry["event"] == event
        if seen >= nth and entry["event"] == event and not peace.exists():
            os.kill(os.getpid(), signal.SIGKILL)
        if entry["event"] == event:
            raise structlog.DropEvent
        return entry

    return processor


def main() -> None:
    event, _, nth = sys.argv.pop(1).partition(":")
    configure = app.logs.configure_logs

    def configure_and_watch(**given: Any) -> None:
        configure(**given)
        processors = [die_at(event, int(nth)), *structlog.get_config()["processors"]]
        structlog.configure(
            processors=processors, wrapper_class=structlog.make_filtering_bound_logger("DEBUG")
        )

    app.logs.configure_logs = configure_and_watch
    from app.cli import main as telecrew

    telecrew()


if __name__ == "__main__":
    main()
