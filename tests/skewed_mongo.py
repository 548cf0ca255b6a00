"""A mongod whose wall clock a test moves while it runs; what it counts seconds with stays true."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.embedded_mongo import EmbeddedMongo
from app.embedded_mongo.binary import find_mongod, runnable

LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/local/lib")
NAME = "faketime/libfaketime.so.1"
CALM = "FAKETIME_FORCE_MONOTONIC_FIX=0"
"""Else each wait on the monotonic clock ends at once and begins anew: half a processor each."""

WRAPPER = """\
#!/bin/sh
export LD_PRELOAD={library} FAKETIME_TIMESTAMP_FILE={offset}
export FAKETIME_NO_CACHE=1 DONT_FAKE_MONOTONIC=1 {calm}
exec {mongod} "$@"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkewedMongo:
    """`step` sets how many seconds the clock of the mongod at `uri` is ahead of the true one."""

    uri: str
    offset: Path

    def step(self, seconds: float) -> None:
        draft = self.offset.with_suffix(".new")
        draft.write_text(f"{seconds:+.3f}\n")
        draft.replace(self.offset)


@asynccontextmanager
async def skewed_mongo(folder: Path) -> AsyncIterator[SkewedMongo]:
    """A replica set of one, in `folder`, with the right time at first. It is killed at the end: one
    whose clock went back takes a minute to end in good order.
    """
    wrapper, offset = prepare(folder)
    async with EmbeddedMongo(folder, binary=wrapper) as mongo:
        made = SkewedMongo(uri=mongo.uri, offset=offset)
        try:
            yield made
        finally:
            os.kill(mongo.pid, signal.SIGKILL)


def prepare(folder: Path) -> tuple[Path, Path]:
    """What starts such a mongod, and the file that its clock follows."""
    folder.mkdir(parents=True, exist_ok=True)
    wrapper, offset = folder / "skewed-mongod", folder / "offset"
    offset.write_text("+0\n")
    mongod = runnable(find_mongod(), folder)
    wrapper.write_text(WRAPPER.format(library=faketime(), offset=offset, mongod=mongod, calm=CALM))
    wrapper.chmod(0o700)
    return wrapper, offset


def faketime() -> Path:
    """The library, as Debian's package libfaketime has it; `scripts/system-packages test` sees to
    it."""
    for folder in LIBRARIES:
        for root, _, names in os.walk(folder):
            if Path(NAME).name in names and root.endswith("faketime"):
                return Path(root) / Path(NAME).name
    raise AssertionError("libfaketime is missing: scripts/system-packages test")
