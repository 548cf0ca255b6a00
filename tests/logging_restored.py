"""Logging as it was, around a test that configures it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from app.logs import ROOMS, TALKATIVE


@contextmanager
def logging_restored() -> Iterator[None]:
    """After the block handlers, levels and structlog are what they were before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in (*TALKATIVE, *ROOMS)}
    yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()
