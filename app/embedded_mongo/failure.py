"""Why the embedded MongoDB did not start, told so that the reader knows what to do next."""

import re
from pathlib import Path

PACKAGES = {
    "libcurl": "libcurl4",
    "libssl": "libssl3",
    "libcrypto": "libssl3",
    "liblzma": "liblzma5",
    "libresolv": "libc6",
    "libgcc_s": "libgcc-s1",
}
ELSEWHERE = "set MONGODB_URI to a MongoDB of your own (docker-compose.yml brings one along)"

EXIT_PORT_TAKEN = 48
EXIT_OTHER_DATA = 62
EXIT_IN_USE = 100
ILLEGAL_INSTRUCTION = -4

RELEASES = ("4.0", "4.2", "4.4", "5.0", "6.0", "7.0", "8.0")
"""In their order: data of one can be taken over by the next."""

MISSING_LIBRARY = re.compile(r"error while loading shared libraries: (\S+?):")
OLD_LIBRARY = re.compile(r"(\S+): version [`'](\S+)' not found")


class MongoFailure(Exception):
    """The embedded MongoDB cannot be used.

    NoBinary            no mongod for this system
    MissingLibrary      a shared library of mongod is not installed
    UnfitProcessor      mongod needs instructions that this processor lacks
    PortTaken           no port is free
    DiskFull            no space is left in the folder
    NewerData           a newer MongoDB wrote the folder
    OlderData           a MongoDB that is too old for this mongod wrote the folder
    FolderInUse         another mongod, or a start that hangs, holds the folder
    FolderNotWritable   the folder cannot be made or written
    NoAccess            the folder's password file does not fit its data
    StartFailed         anything else, with the end of mongod's own log
    KeepsEnding         it starts, but does not stay
    """


class NoBinary(MongoFailure):
    def __init__(self, looked: str) -> None:
        super().__init__(
            f"No mongod was found ({looked}). Install MongoDB 6 or newer so that `mongod` is on "
            f"PATH, or {ELSEWHERE}. The slim image has none on purpose: there, set MONGODB_URI."
        )


class MissingLibrary(MongoFailure):
    def __init__(self, library: str) -> None:
        package = PACKAGES.get(library.partition(".so")[0])
        advice = (
            f"Install it: sudo apt-get install -y {package}"
            if package
            else f"Install the package that holds it (`apt-file search {library}` names it)"
        )
        super().__init__(f"mongod needs the library {library}, which is missing. {advice}")


class UnfitProcessor(MongoFailure):
    def __init__(self) -> None:
        super().__init__(
            "This processor cannot run this build of MongoDB (it needs AVX on x86-64, ARMv8.2-A on "
            f"ARM). On another machine it will work, or {ELSEWHERE}."
        )


class PortTaken(MongoFailure):
    def __init__(self, tried: str) -> None:
        super().__init__(
            f"MongoDB found no free port on 127.0.0.1 ({tried}). `ss -ltnp` shows who holds them; "
            f"end one of them, or {ELSEWHERE}."
        )


class DiskFull(MongoFailure):
    def __init__(self, folder: Path, *, free: int | None = None, needed: int | None = None) -> None:
        figures = (
            ""
            if free is None or needed is None
            else (f" ({free // 2**20} MiB free, {needed // 2**20} MiB needed)")
        )
        super().__init__(
            f"The disk of {folder} is full{figures}. Free some space, or set DATA_DIR to a "
            "folder on another disk."
        )


class NewerData(MongoFailure):
    def __init__(self, folder: Path, version: str) -> None:
        super().__init__(
            f"The data in {folder} was written by a newer MongoDB than this mongod ({version}). "
            "Put the newer mongod on PATH, or set DATA_DIR to another folder."
        )


class OlderData(MongoFailure):
    def __init__(self, folder: Path, version: str, written: str | None) -> None:
        by = "an older MongoDB" if written is None else f"MongoDB {written}"
        following = "the release after that" if written is None else f"mongod {after(written)}"
        super().__init__(
            f"The data in {folder} is that of {by}, and this mongod ({version}) is too new for it: "
            f"MongoDB goes up one release at a time. Put {following} on PATH and start once with "
            "it, then the next one; or put the old mongod back. See Upgrade in docs/operations.md."
        )


class FolderInUse(MongoFailure):
    def __init__(self, folder: Path, holder: str) -> None:
        super().__init__(
            f"The MongoDB data in {folder} is in use by {holder}. End it, or set DATA_DIR to "
            "another folder."
        )


class FolderNotWritable(MongoFailure):
    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"The folder {folder} cannot be written: {reason}. Give this user the right to write "
            "there, or set DATA_DIR to another folder."
        )


class NoAccess(MongoFailure):
    def __init__(self, password_file: Path) -> None:
        super().__init__(
            f"MongoDB refuses the password in {password_file}: it does not belong to the data "
            "beside it. Put the right file back, or set DATA_DIR to another folder."
        )


class StartFailed(MongoFailure):
    def __init__(self, what: str, log: Path, tail: str) -> None:
        super().__init__(f"MongoDB did not start: {what}. The end of {log}:\n{tail}")


class KeepsEnding(MongoFailure):
    def __init__(self, times: int, log: Path, tail: str) -> None:
        super().__init__(
            f"MongoDB ended {times} times in a row soon after its start. The end of {log}:\n{tail}"
        )


def after(release: str) -> str:
    """The release whose mongod takes over the data of this one."""
    asked = numbers(release)
    return next((one for one in RELEASES if numbers(one) > asked), f"after {release}")


def numbers(version: str) -> tuple[int, int]:
    """The two numbers of a release: (6, 0) of `6.0` and of `6.0.5`."""
    major, minor, *_ = version.split(".")
    return int(major), int(minor)


def from_loader(status: int, output: str) -> MongoFailure | None:
    """What kept the binary from running at all: a library or the processor."""
    if status == ILLEGAL_INSTRUCTION or "Illegal instruction" in output:
        return UnfitProcessor()
    if found := MISSING_LIBRARY.search(output):
        return MissingLibrary(found[1])
    if found := OLD_LIBRARY.search(output):
        return MissingLibrary(f"{Path(found[1]).name} with {found[2]}")
    return None
