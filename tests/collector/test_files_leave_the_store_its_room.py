"""No file takes the space that MongoDB needs on the disk: what has no room is skipped and told,
what fits is kept, and half files make way."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from service import ended, make_worker, recruit, start, working

from app.embedded_mongo import EmbeddedMongo, MongoFailure
from collector.media_folder import PARTIAL, Busy, MediaFolder
from core.errors import FolderError
from core.job import JobState
from core.media import PART, Skip
from core.options import HistoryOptions, MediaOptions
from core.run import RunState
from core.task import Step
from db.client import connect
from sandbox import files
from sandbox.content.library import Library
from sandbox.seed import small_world
from sandbox.server import Sandbox

FILES = HistoryOptions(media=MediaOptions(kinds=("photo", "document")))
MEBIBYTE = 2**20


@pytest.fixture
async def sandbox():
    world = small_world(
        chats={"small_chat": 20, "huge_chat": 2, "claims_chat": 2},
        accounts=1,
        libraries={
            "small_chat": Library(distinct=6, least=1_000, most=9_000, photos=0),
            "huge_chat": Library(distinct=1, least=9 * PART, most=10 * PART, photos=0),
            "claims_chat": Library(distinct=1, least=2**32 - 9, most=2**32 - 1, photos=0),
        },
    )
    async with Sandbox(world) as running:
        yield running


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[Path]:
    """A file system of its own with so many bytes; where this user may not mount one, a folder
    whose reserve leaves as much."""
    place.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield place
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(place)], check=True)


def folder_with(place: Path, room: int) -> MediaFolder:
    """A folder for files that has `room` bytes more than its reserve."""
    return MediaFolder(place / "media", reserve=shutil.disk_usage(place).free - room)


async def endings(database, sandbox, name):
    chat = -1_000_000_000_000 - sandbox.world.chat(name).id
    found = {one.id: one.media async for one in database.messages.stream(chat) if one.media}
    return {
        number: media.file.split(".")[0] if media.file else media.skipped
        for number, media in found.items()
    }


def hashes(sandbox, name):
    found = {one.id: files.content_of(one) for one in sandbox.world.chat(name).messages()}
    return {number: one.sha256 for number, one in found.items() if one}


async def test_a_file_without_room_is_told_and_others_are_kept(database, sandbox, tmp_path):
    """One of 4 GB that is only claimed is not begun; one that is really too big neither."""
    await recruit(database, sandbox, sandbox.world.accounts)
    with small_disk(tmp_path / "disk", 64 * MEBIBYTE) as disk:
        free = shutil.disk_usage(disk).free
        folder = folder_with(disk, 3 * MEBIBYTE)
        async with working(make_worker(database, sandbox, folder=folder)):
            names = ("claims_chat", "huge_chat", "small_chat")
            runs = [await start(database, f"@{name}", history=FILES) for name in names]
            states = await ended(database, *runs, timeout=60)
            assert states == [RunState.PARTIAL, RunState.PARTIAL, RunState.DONE]
            for run, name in zip(runs, names[:2], strict=False):
                (job,) = [
                    one for one in await database.jobs.of_run(run.id) if one.step is Step.MEDIA
                ]
                assert (job.state, job.failure.reason) == (JobState.FAILED, "disk_full")
                assert job.progress.skipped.no_room == 1
                assert set((await endings(database, sandbox, name)).values()) == {Skip.NO_ROOM}
            kept = hashes(sandbox, "small_chat")
            assert await endings(database, sandbox, "small_chat") == kept
            assert shutil.disk_usage(disk).free > free - 3 * MEBIBYTE
            assert not list((disk / "media" / PARTIAL).glob("*"))
            folder._reserve = 0
            again = await start(database, "@huge_chat", history=FILES)
            assert await ended(database, again) == [RunState.DONE]
        assert await endings(database, sandbox, "huge_chat") == hashes(sandbox, "huge_chat")


async def test_what_fits_comes_though_something_in_the_same_chat_does_not(
    database, sandbox, tmp_path
):
    known = {one.id: files.content_of(one) for one in sandbox.world.chat("small_chat").messages()}
    known = {number: one for number, one in known.items() if one}
    largest = max(one.size for one in known.values())
    await recruit(database, sandbox, sandbox.world.accounts)
    folder = MediaFolder(tmp_path / "media", reserve=0)
    usage = shutil.disk_usage(tmp_path)
    free = {"now": usage.free}
    folder_free = "collector.media_folder._free"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder_free, lambda _path: free["now"])
        free["now"] = largest - 1
        async with working(make_worker(database, sandbox, folder=folder)):
            run = await start(database, "@small_chat", history=FILES)
            assert await ended(database, run) == [RunState.PARTIAL]
    told = await endings(database, sandbox, "small_chat")
    expected = {
        number: Skip.NO_ROOM if one.size == largest else one.sha256 for number, one in known.items()
    }
    assert told == expected


def test_a_disk_that_fills_up_on_the_way_gets_its_room_back(tmp_path):
    """Somebody else fills it: what is there of the file goes, so that MongoDB can go on."""
    with small_disk(tmp_path / "disk", 16 * MEBIBYTE) as disk:
        folder = folder_with(disk, 4 * MEBIBYTE)
        partial = folder.open_partial("document-1-2", 3 * MEBIBYTE)
        partial.write(bytes(PART))
        folder_now = MediaFolder(disk / "media", reserve=shutil.disk_usage(disk).free)
        partial._reserve = folder_now._reserve
        with pytest.raises(FolderError) as full:
            partial.write(bytes(PART))
        assert full.value.reason == "disk_full"
        partial.close()


def test_half_files_make_room_the_oldest_first_and_none_that_is_being_fetched(tmp_path):
    with small_disk(tmp_path / "disk", 16 * MEBIBYTE) as disk:
        folder = MediaFolder(disk / "media", reserve=0)
        for age, key in enumerate(("new", "older", "oldest")):
            partial = folder.open_partial(key, 3 * MEBIBYTE)
            partial.write(bytes(2 * MEBIBYTE))
            partial.close()
            when = time.time() - 1_000 * age
            os.utime(disk / "media" / PARTIAL / f"{key}.part", (when, when))
        held = folder.open_partial("oldest", 3 * MEBIBYTE)
        free = shutil.disk_usage(disk).free
        assert folder.make_room(free) == 0
        assert folder.make_room(free + MEBIBYTE) == 1
        left = {path.stem for path in (disk / "media" / PARTIAL).glob("*")}
        assert left == {"new", "oldest"}
        assert folder.make_room(2**60) == 1
        with pytest.raises(Busy):
            folder.open_partial("oldest", 3 * MEBIBYTE)
        held.close()
        assert folder.make_room(2**60) == 1


async def test_half_files_on_a_full_disk_let_the_embedded_mongod_start(tmp_path):
    """What a killed collector left on a full disk goes; where that is not enough, it is said."""
    folder = MediaFolder(tmp_path / "media", reserve=0)
    partial = folder.open_partial("document-1-9", 9 * MEBIBYTE)
    partial.write(bytes(8 * MEBIBYTE))
    partial.close()
    asked = []

    def make_room(needed: int) -> int:
        asked.append(needed)
        return folder.make_room(2**60)

    needed = shutil.disk_usage(tmp_path).free * 2
    with pytest.raises(MongoFailure, match="Free some space"):
        async with EmbeddedMongo(tmp_path, needed_bytes=needed, make_room=make_room):
            pass
    assert asked == [needed]
    assert not list((tmp_path / "media" / PARTIAL).glob("*"))
    async with EmbeddedMongo(tmp_path, make_room=make_room) as mongo, connect(mongo.uri) as client:
        await client.some.things.insert_one({"_id": 1})
