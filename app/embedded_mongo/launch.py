"""Starting a mongod: its command line, and what its end means when it does not stay."""

import asyncio
import random
import re
import socket
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen

from app.embedded_mongo.failure import (
    EXIT_IN_USE,
    EXIT_OTHER_DATA,
    EXIT_PORT_TAKEN,
    DiskFull,
    FolderInUse,
    FolderNotWritable,
    KeepsEnding,
    MongoFailure,
    NewerData,
    OlderData,
    PortTaken,
    StartFailed,
    from_loader,
    numbers,
)
from app.embedded_mongo.folder import Folder

SET_NAME = "telecrew"
HOST = "127.0.0.1"
PORTS = range(27_100, 29_900)
START_SECONDS = 60
TAIL_LINES = 5
POLL_SECONDS = 0.02
LISTENING = "Waiting for connections"

UNCOMPRESSED = ("--networkMessageCompressors", "disabled")
"""Without it mongod before 6.0.27 gives its memory to whoever reaches its port (CVE-2025-14847)."""

# More open files than a login shell is given: each collection and index is one.
WITH_OPEN_FILES = 'ulimit -n "$(ulimit -H -n)"; exec "$0" "$@"'

NO_SPACE = re.compile(r'"error":28\b|No space left on device|Disk quota exceeded')
OTHER = re.compile(r"UPGRADE PROBLEM|unsupported WiredTiger file version|Wrong mongod version")
TOO_RECENT = re.compile(r"too recent to start up on the existing data files")
WRITTEN_BY = re.compile(r"featureCompatibilityVersion\W+version:\W+(\d+\.\d+)")
LOCKED = re.compile(r"DBPathInUse")
TAKEN = re.compile(r"Error listening for new connections.*Address already in use")
DENIED = re.compile(r"Permission denied|Read-only file system|Operation not permitted")


def choose_port(kept: int, ports: range) -> int:
    """The port kept from before if it is free, else a free one out of `ports`."""
    if kept and is_free(kept):
        return kept
    for port in random.sample(ports, len(ports)):  # not a secret
        if is_free(port):
            return port
    raise PortTaken(f"{ports[0]} to {ports[-1]}" if len(ports) > 1 else f"only {ports[0]} will do")


def is_free(port: int) -> bool:
    """Whether nobody has this port of `HOST` just now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


async def launch(binary: Path, version: str, folder: Folder, port: int) -> Popen[bytes]:
    """Start a mongod in a session of its own and return it once it listens."""
    folder.rotate_log()
    with folder.output.open("wb") as output:
        process = Popen(  # noqa: ASYNC220, S603 - returns at once, and outlives this loop
            ["/bin/sh", "-c", WITH_OPEN_FILES, binary, *_arguments(folder, port)],
            stdin=DEVNULL,
            stdout=output,
            stderr=STDOUT,
            start_new_session=True,
        )
    try:
        async with asyncio.timeout(START_SECONDS):
            while process.poll() is None and not _listens(folder):  # noqa: ASYNC110
                await asyncio.sleep(POLL_SECONDS)
    except BaseException as error:
        process.kill()
        process.wait()
        if isinstance(error, TimeoutError):
            raise _failure(folder, version, 0) from error
        raise
    if process.returncode is not None:
        raise _failure(folder, version, process.returncode)
    return process


def keeps_its_memory(words: Sequence[str]) -> bool:
    """Whether a mongod that was started by these words takes no compressed messages."""
    return UNCOMPRESSED in pairwise(words)


def disown(process: Popen[bytes]) -> None:
    """Leave it to run: whoever is last in the folder ends it, maybe another process."""
    if process.poll() is None:
        process.returncode = 0


def why_it_ends(folder: Folder, times: int) -> MongoFailure:
    """What the log of a mongod tells that started, but did not stay, `times` times."""
    log = folder.log.read_text(errors="replace") if folder.log.exists() else ""
    if NO_SPACE.search(log):
        return DiskFull(folder.root)
    return KeepsEnding(times, folder.log, _tail(log))


def _listens(folder: Folder) -> bool:
    return folder.log.exists() and LISTENING in folder.log.read_text(errors="replace")


def _arguments(folder: Folder, port: int) -> list[str]:
    return [
        *("--dbpath", str(folder.data)),
        *("--logpath", str(folder.log)),
        *("--port", str(port)),
        *("--bind_ip", HOST),
        *("--replSet", SET_NAME),
        *("--keyFile", str(folder.key_file)),
        *("--oplogSize", "256"),
        *("--wiredTigerCacheSizeGB", "0.25"),
        "--nounixsocket",
        *UNCOMPRESSED,
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=0"),
        *("--setParameter", "enableLocalhostAuthBypass=false"),
    ]


def _failure(folder: Folder, version: str, status: int) -> MongoFailure:
    log = folder.log.read_text(errors="replace") if folder.log.exists() else ""
    output = folder.output.read_text(errors="replace")
    said = f"{output}\n{log}"
    if cannot_run := from_loader(status, output):
        return cannot_run
    if NO_SPACE.search(said):
        return DiskFull(folder.root)
    if status == EXIT_PORT_TAKEN or TAKEN.search(said):
        return PortTaken("somebody was quicker")
    if status == EXIT_OTHER_DATA or OTHER.search(said) or TOO_RECENT.search(said):
        return _of_other_data(folder, version, said)
    if status == EXIT_IN_USE and LOCKED.search(said):
        return FolderInUse(folder.root, "another mongod")
    if denied := DENIED.search(said):
        return FolderNotWritable(folder.root, denied[0])
    what = f"it ended with status {status}" if status else f"it took over {START_SECONDS} s"
    return StartFailed(what, folder.log, _tail(log or output))


def _of_other_data(folder: Folder, version: str, said: str) -> MongoFailure:
    """mongod ends alike for data that is too new and too old, and names the release of the data."""
    written = WRITTEN_BY.search(said)
    if written is None:
        is_older = TOO_RECENT.search(said) is not None
    else:
        is_older = numbers(written[1]) < numbers(version)
    if is_older:
        return OlderData(folder.root, version, written and written[1])
    return NewerData(folder.root, version)


def _tail(log: str) -> str:
    lines = log.strip().splitlines()
    grave = [line for line in lines if '"s":"E"' in line or '"s":"F"' in line]
    return "\n".join(line[:500] for line in (grave or lines)[-TAIL_LINES:])
