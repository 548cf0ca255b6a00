"""This machine: its folder, its disk, its processor and its libraries."""

import ctypes
import importlib
import os
import platform
import shutil
from pathlib import Path

from app.doctor.finding import Finding, bad, good, poor
from app.embedded_mongo import MongoFailure
from app.embedded_mongo.binary import find_mongod, runnable, version_of

GIB = 2**30
LITTLE_BYTES = 5 * GIB
TOO_LITTLE_BYTES = 1 * GIB
CPU_INFO = Path("/proc/cpuinfo")


def look_at_folder(data_dir: Path) -> list[Finding]:
    """Whether `DATA_DIR` can be written and has room to grow."""
    place = _nearest(data_dir)
    if not can_be_made(data_dir):
        advice = "Give this user the right to write there, or set DATA_DIR to another folder."
        return [bad("Data folder", f"{place} cannot be written", advice)]
    return [good("Data folder", f"{data_dir} can be written"), look_at_space(place)]


def can_be_made(folder: Path) -> bool:
    """Whether this user may write to a folder, or make it."""
    place = _nearest(folder)
    return place.is_dir() and os.access(place, os.W_OK | os.X_OK)


def _nearest(folder: Path) -> Path:
    """The folder, or of those around it the first that is there."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())


def look_at_space(
    place: Path, *, little: int = LITTLE_BYTES, too_little: int = TOO_LITTLE_BYTES
) -> Finding:
    """How much a disk still takes; a million messages need about 0.6 GB."""
    free = shutil.disk_usage(place).free
    detail = f"{free / GIB:.1f} GiB free on the disk of {place}"
    advice = "Free some space, or set DATA_DIR to a folder on another disk."
    if free < too_little:
        return bad("Disk", detail, advice)
    return poor("Disk", detail, advice) if free < little else good("Disk", detail)


async def look_at_libraries(*, embedded: bool) -> list[Finding]:
    """Fast encryption, proxies, and what the embedded MongoDB needs."""
    findings = [
        look_at_module(
            "cryptg", "Without it reading is many times slower: pip install cryptg", fatal=False
        ),
        look_at_module(
            "python_socks", "Proxies do not work: pip install python-socks", fatal=False
        ),
    ]
    if embedded:
        findings += [look_at_processor(), look_at_curl(), await _look_at_mongod()]
    return findings


def look_at_module(name: str, advice: str, *, fatal: bool) -> Finding:
    """Whether a Python module can be imported."""
    try:
        importlib.import_module(name)
    except ImportError as error:
        return (bad if fatal else poor)("Libraries", f"{name} is missing: {error}", advice)
    return good("Libraries", f"{name} is there")


def look_at_processor(cpu_info: Path = CPU_INFO, machine: str | None = None) -> Finding:
    """Whether the packaged mongod finds its instructions: AVX, on x86-64."""
    if (machine or platform.machine()) != "x86_64" or not cpu_info.exists():
        return good("Processor", machine or platform.machine())
    flags = (line.split() for line in cpu_info.read_text().splitlines() if line.startswith("flags"))
    if any("avx" in words for words in flags):
        return good("Processor", "x86_64 with AVX")
    advice = "Set MONGODB_URI to a MongoDB on another machine."
    return poor("Processor", "x86_64 without AVX: the packaged MongoDB cannot run", advice)


def look_at_curl(library: str = "libcurl.so.4") -> Finding:
    """Whether the library that mongod loads is installed."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return bad("Libraries", f"{library} is missing", "sudo apt-get install -y libcurl4")
    return good("Libraries", f"{library} is there")


async def _look_at_mongod() -> Finding:
    try:
        binary = find_mongod()
        if not os.access(binary, os.X_OK):
            binary = runnable(binary, binary.parent)
        return good("Libraries", f"mongod {await version_of(binary)} runs")
    except MongoFailure as failure:
        what, _, advice = str(failure).partition(". ")
        return bad("Libraries", what, advice)
