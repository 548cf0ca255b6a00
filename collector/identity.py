"""Who this worker is: an id in DATA_DIR that only one living process can hold."""

import fcntl
import os
import platform
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def worker_identity(data_dir: Path) -> Iterator[str]:
    """Hold the first free identity of the folder.

    The lock goes with the process, however it ends, so whoever gets the id knows that its former
    holder is dead and may take its leases back at once. The host is part of the id, since a copy
    of the folder elsewhere is another worker.
    """
    folder = data_dir / "workers"
    folder.mkdir(parents=True, exist_ok=True)
    place = 0
    while (descriptor := _try_lock(folder / f"{place}.id")) is None:
        place += 1
    try:
        yield _read_or_make(descriptor)
    finally:
        os.close(descriptor)


def _try_lock(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _read_or_make(descriptor: int) -> str:
    name = os.pread(descriptor, 100, 0).decode().strip()
    if not name:
        name = f"w{secrets.token_hex(4)}"
        os.pwrite(descriptor, name.encode(), 0)
        os.fsync(descriptor)
    return f"{name}@{platform.node()}"
