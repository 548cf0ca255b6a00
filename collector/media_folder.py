"""The folder of files: one grows by parts, and when it is whole its hash becomes its name."""

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import FolderError
from core.media import PART, folders_of

PARTIAL = "partial"
"""The folder of files that are not whole yet."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

RESERVE = 2**30
"""Bytes of the disk that no file gets: a MongoDB on it needs them, and ends without."""


class Busy(Exception):
    """Somebody else is fetching this file just now."""


class Partial:
    """A file that is being fetched, ours alone until it is closed. Every method does I/O and
    blocks. `size` is what is there of it, and `digest` the hash of that, in hexadecimal.
    """

    def __init__(self, path: Path, *, reserve: int) -> None:
        self._path = path
        self._reserve = reserve
        self._file = os.fdopen(
            os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b", 0
        )
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def take(self, most: int) -> None:
        """Read what an earlier attempt left of `most` bytes; of a part that is not whole nothing
        counts. Raises Busy."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        if not _is_at(self._path, self._file.fileno()):
            raise Busy
        left = self._file.seek(0, os.SEEK_END)
        there = most if left == most else min(left, most) // PART * PART
        if there < left:
            self._file.truncate(there)
        self._file.seek(0)
        while self.size < there and (block := self._file.read(min(PART, there - self.size))):
            self._hash.update(block)
            self.size += len(block)

    def write(self, part: bytes) -> None:
        """Add a part behind what is there. FolderError (`disk_full`) where the disk has no room."""
        with _told():
            self.check_room(len(part))
            left = memoryview(part)
            while left:
                left = left[self._file.write(left) or 0 :]
        self._hash.update(part)
        self.size += len(part)

    def check_room(self, more: int) -> None:
        """Raise FolderError unless the disk keeps its reserve when `more` bytes are added."""
        free = _free(self._path)
        if free - more < self._reserve:
            raise OSError(errno.ENOSPC, f"{free} bytes are free, {more} are to be added")

    def move_to(self, path: Path) -> None:
        """Give the file its place, after all of it is on the disk."""
        os.fsync(self._file.fileno())
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path.replace(path)

    def drop(self) -> None:
        """Remove what is there."""
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let others have it."""
        self._file.close()


class MediaFolder:
    """`DATA_DIR/media`. Every method does I/O and blocks; FolderError where the disk refuses."""

    def __init__(self, path: Path, *, reserve: int = RESERVE) -> None:
        self._path = path
        self._reserve = reserve

    def path_of(self, name: str) -> Path:
        """Where the stored file with this name is, or would be."""
        return self._path / folders_of(name)

    def has(self, name: str, size: int) -> bool:
        """Whether the file is there, whole."""
        try:
            return self.path_of(name).stat().st_size == size
        except OSError:
            return False

    def open_partial(self, key: str, size: int) -> Partial:
        """The partial file of a key, as far as it got; close it. Raises Busy while another process
        or job has it, FolderError (`disk_full`) where the disk has no room for the rest."""
        path = self._path / PARTIAL / f"{key}.part"
        with _told():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = Partial(path, reserve=self._reserve)
            try:
                partial.take(size)
                self._check_room(partial, size)
            except BaseException:
                partial.close()
                raise
        return partial

    @staticmethod
    def _check_room(partial: Partial, size: int) -> None:
        try:
            partial.check_room(size - partial.size)
        except OSError:
            partial.drop()
            raise

    def make_room(self, needed: int = RESERVE) -> int:
        """Remove half files, the oldest first, until so many bytes are free, or none is left that
        nobody is fetching; how many went. To be called before a MongoDB on the same disk starts."""
        removed = 0
        halves = sorted((self._path / PARTIAL).glob("*.part"), key=_age)
        for path in halves:
            if _free(path) >= needed:
                break
            removed += _remove_unless_held(path)
        return removed

    def place(self, partial: Partial, name: str, size: int) -> None:
        """Let a partial file that is whole be the stored one of this name, on the disk when this
        returns; one that is there already stays."""
        path = self.path_of(name)
        with _told():
            if self.has(name, size):
                partial.drop()
                return
            partial.move_to(path)
            for folder in path.parents[:4]:
                _sync_folder(folder)

    def rename(self, name: str, other: str) -> None:
        """Call a stored file by another name."""
        with _told():
            self.path_of(other).parent.mkdir(parents=True, exist_ok=True)
            self.path_of(name).replace(self.path_of(other))

    def remove(self, name: str) -> None:
        """Remove a stored file."""
        with _told():
            self.path_of(name).unlink(missing_ok=True)

    def shelves(self) -> list[str]:
        """The first folders of the stored files, each a part of all."""
        with _told():
            return sorted(path.name for path in self._path.glob("??") if path.is_dir())

    def on_shelf(self, shelf: str, older_than: float) -> list[str]:
        """The names of stored files that are older than this (seconds since the epoch)."""
        with _told():
            found = (self._path / shelf).glob("??/*.*")
            return [path.name for path in found if path.stat().st_mtime < older_than]

    def remove_partials(self, older_than: float) -> int:
        """Remove what nobody went on with since then (seconds since the epoch); how many."""
        removed = 0
        with _told():
            for path in (self._path / PARTIAL).glob("*.part"):
                if path.lstat().st_mtime < older_than:
                    path.unlink(missing_ok=True)
                    removed += 1
        return removed


@contextmanager
def _told() -> Iterator[None]:
    """What the disk refuses, in the crew's words."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise FolderError(str(error), reason="disk_full") from error
        raise FolderError(str(error), reason="folder_unusable") from error


def _free(path: Path) -> int:
    return shutil.disk_usage(path.parent).free


def _age(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:
        return 0.0


def _remove_unless_held(path: Path) -> bool:
    """Remove a half file that nobody has open; whether it is gone."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _is_at(path: Path, handle: int) -> bool:
    """Whether the open file is still the one at this path: another holder may have moved it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
