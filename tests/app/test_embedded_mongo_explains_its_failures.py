"""Each way in which the embedded MongoDB can fail has a message that says what to do."""

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.embedded_mongo import EmbeddedMongo, MongoFailure
from app.embedded_mongo.binary import find_mongod, runnable
from app.embedded_mongo.failure import (
    DiskFull,
    FolderInUse,
    FolderNotWritable,
    MissingLibrary,
    NewerData,
    NoAccess,
    NoBinary,
    OlderData,
    PortTaken,
    StartFailed,
    UnfitProcessor,
    after,
    from_loader,
)
from app.embedded_mongo.folder import FileLock, Folder

NOBODY = 65534
CASTAGNOLI = 0x82F63B78
BLOCK = 4096
STORED_VERSION = re.compile(rb"featureCompatibilityVersion\x00\x02version\x00\x04\x00\x00\x00(\d)")

MONGOD_ON_A_FULL_DISK = """\
#!/bin/sh
[ "$1" = --version ] && echo "db version v6.0.5" && exit
cat >&2 <<'END'
{"s":"E", "c":"WT", "msg":"WiredTiger error message","attr":{"error":28,"message":{"category_id":9,\
"msg":"__posix_file_write:621:index-9.wt: handle-write: pwrite: failed to write 4096 bytes",\
"error_str":"No space left on device","error_code":28}}}
END
exit 51
"""
"""A stand-in, since a disk of our own would need the right to mount one; the line is mongod's."""

MONGOD_THAT_IS_OVERTAKEN = """\
#!/bin/sh
[ "$1" = --version ] && echo "db version v6.0.5" && exit
cat >&2 <<'END'
{"s":"F", "c":"NETWORK", "id":31339, "ctx":"listener","msg":"Error listening for new connections \
on listen address","attr":{"listenAddrs":"127.0.0.1:29719","error":"Address already in use"}}
END
kill -ABRT $$
"""
"""A stand-in, since nobody hits the moment between binding and listening; the line is mongod's."""


async def enter(data_dir: Path, **options: object) -> None:
    async with EmbeddedMongo(data_dir, **options):
        pass


def script(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


@contextmanager
def unprivileged(folder: Path) -> Iterator[None]:
    """Take the right to write in `folder`; for root all are writable, so be nobody for a while."""
    folder.chmod(0o500)
    privileged = os.geteuid() == 0
    if privileged:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if privileged:
            os.seteuid(0)
        folder.chmod(0o700)


async def test_no_binary(tmp_path: Path) -> None:
    with pytest.raises(NoBinary, match=r"absent does not exist.*MONGODB_URI"):
        await enter(tmp_path, binary=tmp_path / "absent")


async def test_a_binary_that_is_not_mongod(tmp_path: Path) -> None:
    binary = script(tmp_path / "mongod", "#!/bin/sh\necho something else\n")
    with pytest.raises(NoBinary, match=r"is not a mongod: something else"):
        await enter(tmp_path, binary=binary)


async def test_a_binary_of_another_system(tmp_path: Path) -> None:
    binary = script(tmp_path / "mongod", "\x7fELF for somebody else")
    with pytest.raises(NoBinary, match=r"does not run: Exec format error"):
        await enter(tmp_path, binary=binary)


def test_the_mongod_of_the_path_comes_before_the_packaged_one(tmp_path: Path) -> None:
    assert find_mongod(path="").name == "mongod"
    installed = script(tmp_path / "mongod", "#!/bin/sh\n")
    assert find_mongod(path=str(tmp_path)) == installed


def test_a_binary_without_its_run_bit_gets_it(tmp_path: Path) -> None:
    binary = script(tmp_path / "mongod", "#!/bin/sh\n")
    binary.chmod(0o644)
    assert runnable(binary, tmp_path) == binary
    assert os.access(binary, os.X_OK)


async def test_a_missing_library(tmp_path: Path) -> None:
    binary = tmp_path / "mongod"
    binary.write_bytes(find_mongod().read_bytes().replace(b"libcurl.so.4\0", b"libcurl.so.9\0"))
    binary.chmod(0o755)
    with pytest.raises(MissingLibrary, match=r"libcurl\.so\.9.*apt-get install -y libcurl4"):
        await enter(tmp_path, binary=binary)


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("mongod: error while loading shared libraries: libcurl.so.4: cannot open", "libcurl4"),
        ("mongod: error while loading shared libraries: libssl.so.3: cannot open", "libssl3"),
        ("mongod: error while loading shared libraries: libodd.so.1: cannot", "apt-file search"),
        ("mongod: /lib/x/libc.so.6: version `GLIBC_2.34' not found", "libc.so.6 with GLIBC_2.34"),
    ],
)
def test_each_missing_library_is_named_with_its_package(said: str, advice: str) -> None:
    failure = from_loader(127, said)
    assert isinstance(failure, MissingLibrary)
    assert advice in str(failure)


async def test_a_processor_without_avx(tmp_path: Path) -> None:
    binary = script(tmp_path / "mongod", "#!/bin/sh\nkill -ILL $$\n")
    with pytest.raises(UnfitProcessor, match=r"AVX.*MONGODB_URI"):
        await enter(tmp_path, binary=binary)


async def test_no_free_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"{port}.*ss -ltnp"):
            await enter(tmp_path, ports=range(port, port + 1))


async def test_a_port_that_is_taken_while_it_begins_to_listen(tmp_path: Path) -> None:
    binary = script(tmp_path / "mongod", MONGOD_THAT_IS_OVERTAKEN)
    with pytest.raises(PortTaken, match=r"somebody was quicker.*ss -ltnp"):
        await enter(tmp_path, binary=binary)


async def test_too_little_space_to_start(tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match=r"MiB free, 1152921504606 MiB needed.*DATA_DIR"):
        await enter(tmp_path, needed_bytes=1152921504606 * 2**20)


async def test_a_disk_that_fills_up_while_starting(tmp_path: Path) -> None:
    binary = script(tmp_path / "mongod", MONGOD_ON_A_FULL_DISK)
    with pytest.raises(DiskFull, match=r"is full\. Free some space"):
        await enter(tmp_path, binary=binary)


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(FolderNotWritable, match=r"Not a directory.*DATA_DIR"):
        await enter(file)


async def test_a_folder_that_this_user_may_not_write(tmp_path: Path) -> None:
    with (
        unprivileged(tmp_path),
        pytest.raises(FolderNotWritable, match=r"Permission denied.*the right"),
    ):
        await enter(tmp_path)


async def test_data_that_may_not_be_read(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.make()
    (folder.data / "mongod.lock").mkdir()
    with pytest.raises(StartFailed, match=r"status \d+.*mongod\.log:\n.*mongod\.lock") as caught:
        await enter(tmp_path)
    assert isinstance(caught.value, MongoFailure)


async def test_a_folder_that_another_mongod_serves(tmp_path: Path) -> None:
    async with EmbeddedMongo(tmp_path / "first"):
        (tmp_path / "second").mkdir()
        (tmp_path / "second" / "mongo").mkdir()
        (tmp_path / "second" / "mongo" / "db").symlink_to(tmp_path / "first" / "mongo" / "db")
        with pytest.raises(FolderInUse, match=r"second/mongo is in use by another mongod"):
            await enter(tmp_path / "second")


async def test_a_start_of_another_process_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.embedded_mongo.server.LOCK_SECONDS", 0.1)
    folder = Folder(tmp_path)
    folder.make()
    with FileLock(folder.lock) as lock:
        assert lock.try_exclusive()
        with pytest.raises(FolderInUse, match=r"another start that hangs"):
            await enter(tmp_path)


async def test_a_password_file_of_another_folder(tmp_path: Path) -> None:
    await enter(tmp_path)
    folder = Folder(tmp_path)
    folder.password.write_text("something else")
    with pytest.raises(NoAccess, match=r"password in .*/mongo/password"):
        await enter(tmp_path)
    assert not folder.read().running


async def test_a_folder_of_a_newer_version(tmp_path: Path) -> None:
    await enter(tmp_path)
    assert sum(rewrite_versions(file) for file in (tmp_path / "mongo" / "db").glob("collection*"))
    with pytest.raises(NewerData, match=r"newer MongoDB than this mongod \(\d+\.\d+\.\d+\)"):
        await enter(tmp_path)


async def test_a_folder_of_a_version_that_is_too_old(tmp_path: Path) -> None:
    await enter(tmp_path)
    data = tmp_path / "mongo" / "db"
    assert sum(rewrite_versions(file, b"4") for file in data.glob("collection*"))
    wanted = (
        r"that of MongoDB 4\.0, and this mongod \(\d+\.\d+\.\d+\) is too new.*mongod 4\.2 on PATH"
    )
    with pytest.raises(OlderData, match=wanted):
        await enter(tmp_path)


@pytest.mark.parametrize(
    ("written", "following"), [("4.4", "5.0"), ("6.0", "7.0"), ("7.0", "8.0"), ("8.0", "after 8.0")]
)
def test_a_release_is_followed_by_the_next_one(written: str, following: str) -> None:
    assert after(written) == following


def rewrite_versions(file: Path, major: bytes = b"9") -> int:
    """Set the version that the data is of, block by block, each with its old checksum."""
    data = bytearray(file.read_bytes())
    found = [match.start(1) for match in STORED_VERSION.finditer(data)]
    for place in found:
        start = place // BLOCK * BLOCK
        block = bytes(data[start : start + BLOCK])
        data[place : place + 1] = major
        tail = start + BLOCK - 4
        difference = castagnoli(block[:-4]) ^ castagnoli(bytes(data[start:tail]))
        data[tail : tail + 4] = difference.to_bytes(4, "little")
    file.write_bytes(data)
    return len(found)


def castagnoli(data: bytes) -> int:
    """The state of a CRC-32C after `data`; a last word that cancels it keeps the checksum."""
    state = 0
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (CASTAGNOLI if state & 1 else 0)
    return state
