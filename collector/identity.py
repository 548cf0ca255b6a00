"""Who this worker is: an id in DATA_DIR that only one living process can hold.

Whoever has an id takes the leases in its name for its own, so nothing that people do with folders
and machines may give one id to two: a copied folder, a cloned disk with the name of its host, a
share that two hosts lock each for itself.
"""

import fcntl
import hashlib
import os
import platform
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@contextmanager
def worker_identity(data_dir: Path, kind: str = "workers") -> Iterator[str]:
    """Hold the first free identity of the folder; each `kind` of process has its own.

    The lock goes with the process, however it ends, so whoever gets the id knows that its former
    holder is dead and may take its leases back at once. That holds for this very file, on this
    kernel since it started; a copy of the file, or the file after a restart of the machine, is
    another worker, which waits for the leases to be over.
    """
    folder = data_dir / kind
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


def identity_in(data_dir: Path, place: int = 0) -> str | None:
    """The id that the holder of this place of the folder has; None where nobody ever held it."""
    try:
        descriptor = os.open(data_dir / "workers" / f"{place}.id", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        name = _name_in(descriptor)
        return _id(name, descriptor) if name else None
    finally:
        os.close(descriptor)


def _read_or_make(descriptor: int) -> str:
    name = _name_in(descriptor)
    if not name:
        name = f"w{secrets.token_hex(4)}"
        os.pwrite(descriptor, name.encode(), 0)
        os.fsync(descriptor)
    return _id(name, descriptor)


def _name_in(descriptor: int) -> str:
    return os.pread(descriptor, 100, 0).decode(errors="replace").strip()


def _id(name: str, descriptor: int) -> str:
    file = os.fstat(descriptor)
    facts = f"{_boot()}:{file.st_dev}:{file.st_ino}"
    mark = hashlib.sha256(facts.encode()).hexdigest()[:8]
    return f"{name}-{mark}@{platform.node()}"


def _boot() -> str:
    """What no two running kernels share; empty where the system does not tell."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""
