"""Where exports lie until they are sent, and how it is known afterwards which were broken off."""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

PREFIX = "export-"
DRAFT = "begun-"
NOTE = "note.json"
LOCK = "lock"
PRIVATE = 0o700


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The message that says how far an export is."""

    chat: int
    message: int
    language: str


class ExportFolder:
    """A folder with one folder for each export, which only this user may read. Its lock tells that
    the process that began it lives; files and note of one without are left over.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def one(self, begun: Begun) -> Iterator[Path]:
        """The folder of an export; it is gone after the block, whatever ended it."""
        self._root.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
        draft = Path(tempfile.mkdtemp(dir=self._root, prefix=DRAFT))
        folder = draft.with_name(draft.name.replace(DRAFT, PREFIX, 1))
        try:
            write_privately(draft / NOTE, json.dumps(asdict(begun)).encode())
            write_privately(draft / LOCK, b"")
            with (draft / LOCK).open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                draft.rename(folder)
                yield folder
        finally:
            for path in (draft, folder):
                shutil.rmtree(path, ignore_errors=True)

    def leave(self, begun: Begun) -> None:
        """Note an export that ended while nobody could be told."""
        self._root.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
        folder = Path(tempfile.mkdtemp(dir=self._root, prefix=PREFIX))
        write_privately(folder / NOTE, json.dumps(asdict(begun)).encode())

    def left_over(self) -> list[tuple[Path, Begun | None]]:
        """Folders of exports that nobody goes on with; their messages are gone now, and only the
        note is there until `forget`."""
        with suppress(FileNotFoundError):
            return [
                (path, self._clear(path))
                for path in sorted(self._root.iterdir())
                if path.name.startswith((PREFIX, DRAFT)) and not _is_locked(path / LOCK)
            ]
        return []

    def forget(self, folder: Path) -> None:
        """Whoever waited for that export was told."""
        shutil.rmtree(folder, ignore_errors=True)

    def _clear(self, folder: Path) -> Begun | None:
        for path in folder.iterdir():
            if path.name != NOTE:
                path.unlink(missing_ok=True)
        with suppress(OSError, ValueError, TypeError):
            return Begun(**json.loads((folder / NOTE).read_bytes()))
        return None


def write_privately(path: Path, content: bytes) -> None:
    """A new file that only this user may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _is_locked(path: Path) -> bool:
    try:
        with path.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
