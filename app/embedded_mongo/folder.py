"""The files beside the data: locks, secrets, and the note of who serves it on which port."""

import errno
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from app.embedded_mongo.failure import DiskFull, FolderNotWritable
from app.embedded_mongo.process import birth_of, command_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The mongod of a folder: the port it keeps, and which process it is while it runs."""

    port: int
    pid: int | None = None
    birth: str | None = None

    @property
    def running(self) -> bool:
        return self.pid is not None and self.birth is not None and birth_of(self.pid) == self.birth


class Folder:
    """What `DATA_DIR/mongo` holds."""

    def __init__(self, data_dir: Path) -> None:
        self.root = data_dir.resolve() / "mongo"
        self.data = self.root / "db"
        self.log = self.root / "mongod.log"
        self.output = self.root / "mongod.out"
        self.lock = self.root / "start.lock"
        self.members = self.root / "members.lock"
        self.password = self.root / "password"
        self.key_file = self.root / "keyfile"
        self._record = self.root / "server.json"

    @property
    def founded(self) -> bool:
        """Whether a MongoDB was ever started there."""
        return self.password.exists()

    def make(self) -> None:
        """Make the folder; FolderNotWritable when that cannot be."""
        with self._explained():
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.root.chmod(0o700)
            FileLock(self.lock).close()

    def furnish(self, needed_bytes: int) -> None:
        """Under the lock, before a start: the secrets, and a look at the space left."""
        free = shutil.disk_usage(self.root).free
        if free < needed_bytes:
            raise DiskFull(self.root, free=free, needed=needed_bytes)
        with self._explained():
            _write_once(self.password, secrets.token_urlsafe(32))
            _write_once(self.key_file, secrets.token_hex(300))

    def read(self) -> Record:
        """The note of the folder; port 0 when there is none yet."""
        try:
            return Record(**json.loads(self._record.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return Record(port=0)

    def write(self, record: Record) -> None:
        """Replace the note at once, so that a reader never sees half of it."""
        draft = self._record.with_suffix(".new")
        with self._explained():
            draft.write_text(json.dumps(asdict(record)))
            draft.replace(self._record)

    def find_holder(self) -> Record | None:
        """The mongod that serves this folder without standing in the note, if there is one."""
        try:
            pid = int((self.data / "mongod.lock").read_text())
        except (OSError, ValueError):
            return None
        words = command_line(pid)
        if str(self.data) not in words or "--port" not in words:
            return None
        return Record(port=int(words[words.index("--port") + 1]), pid=pid, birth=birth_of(pid))

    def rotate_log(self) -> None:
        """Keep the log of the start before, and no more."""
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull(self.root) from error
            raise FolderNotWritable(self.root, error.strerror or str(error)) from error


class FileLock:
    """An advisory lock on a file: the system gives it back whatever ends its holder."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def try_exclusive(self) -> bool:
        return self._try(fcntl.LOCK_EX)

    def share(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def close(self) -> None:
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _write_once(path: Path, text: str) -> None:
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
