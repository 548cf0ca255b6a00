"""A file that is whole or not there at all, and that only its owner may read."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

PRIVATE = 0o600


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Write to a file that is `path` after the block, in the place of another one. Until then it
    has no name, so that nothing is left of it whatever ends the process.

    A place that is no file, such as a pipe, is written to as it is.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as there:
            yield there
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    file, named = _unnamed(path, draft)
    try:
        with file:
            yield file
            file.flush()
            if not named:
                _name(file, draft)
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def _name(file: BinaryIO, path: Path) -> None:
    """Let an open file have a name, too. The system follows the link since a folder is told."""
    folder = os.open(path.absolute().parent, os.O_PATH)
    try:
        link = f"/proc/self/fd/{file.fileno()}"
        os.link(link, path.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def _unnamed(path: Path, draft: Path) -> tuple[BinaryIO, bool]:
    """An open file, and whether it had to have a name because the file system wants one."""
    try:
        number = os.open(path.absolute().parent, os.O_WRONLY | os.O_TMPFILE, PRIVATE)
    except FileNotFoundError:
        raise FileNotFoundError(2, "No such file or directory", str(path)) from None
    except OSError:
        number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        return os.fdopen(number, "wb"), True
    return os.fdopen(number, "wb"), False
