"""Files of collected messages are on the disk once, whole, whatever happens on the way."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from service import CLOCK, ended, make_worker, recruit, start, working
from waiting import wait_until

from collector.keeping.unused import YOUNG, Unused
from collector.media_folder import MediaFolder
from core.job import Family, JobState, Skipped
from core.media import PART, folders_of
from core.message import DeletionPolicy
from core.options import HistoryOptions, MediaOptions
from core.pacing import Budget
from core.run import RunState, total_progress
from core.task import Step
from sandbox import files
from sandbox.content.library import Library
from sandbox.seed import small_world
from sandbox.server import Sandbox

EVERY = MediaOptions(kinds=("photo", "document"))
HISTORY = HistoryOptions(media=EVERY)
LIBRARY = Library(distinct=40, least=1, most=30_000, photos=0.4, expiring=0.1)
HUGE = Library(distinct=1, least=3 * PART + 1, most=4 * PART, photos=0)


@pytest.fixture
async def sandbox():
    world = small_world(
        chats={"files_chat": 60, "huge_chat": 2, "closed_chat": 8},
        accounts=1,
        protected={"closed_chat"},
        libraries={"files_chat": LIBRARY, "huge_chat": HUGE, "closed_chat": LIBRARY},
    )
    async with Sandbox(world) as running:
        yield running


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "media"


@pytest.fixture
async def crew(database, sandbox):
    return await recruit(database, sandbox, sandbox.world.accounts)


def worker_of(database, sandbox, folder, **more):
    return make_worker(database, sandbox, folder=MediaFolder(folder), **more)


def chat_of(sandbox, name):
    return -1_000_000_000_000 - sandbox.world.chat(name).id


def truth(sandbox, name="files_chat"):
    found = {one.id: files.content_of(one) for one in sandbox.world.chat(name).messages()}
    return {number: content for number, content in found.items() if content}


async def media_of(database, sandbox, name="files_chat"):
    stream = database.messages.stream(chat_of(sandbox, name))
    return {one.id: one.media async for one in stream if one.media}


def on_disk(folder):
    return {path.relative_to(folder): path for path in folder.glob("??/??/*") if path.is_file()}


def check_disk(folder, hashes):
    """The files of these hashes and no others are there, each as its name says."""
    found = on_disk(folder)
    assert {path.name.split(".")[0] for path in found.values()} == set(hashes)
    assert len(found) == len(set(hashes))
    for place, path in found.items():
        assert str(place) == str(folders_of(path.name))
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name.split(".")[0]


async def test_each_file_is_there_once_and_each_message_names_its_own(
    database, sandbox, crew, folder
):
    known = truth(sandbox)
    kept = {number: one for number, one in known.items() if not one.expiring}
    assert len({one.sha256 for one in kept.values()}) < len(kept), "some are there twice"
    async with working(worker_of(database, sandbox, folder)):
        run = await start(database, "@files_chat", history=HISTORY)
        assert await ended(database, run) == [RunState.DONE]
    check_disk(folder, {one.sha256 for one in kept.values()})
    stored = await media_of(database, sandbox)
    for number, content in known.items():
        media = stored[number]
        if content.expiring:
            assert (media.file, media.skipped) == (None, "expiring")
        else:
            assert media.file.split(".")[0] == content.sha256
    jobs = await database.jobs.of_run(run.id)
    assert [job.step for job in jobs] == [Step.HISTORY, Step.MEDIA]
    assert jobs[1].progress.files == len(kept)


async def test_a_second_run_downloads_nothing(database, sandbox, crew, folder):
    async with working(worker_of(database, sandbox, folder)):
        run = await start(database, "@files_chat", history=HISTORY)
        assert await ended(database, run) == [RunState.DONE]
        me = sandbox.world.accounts[0].id
        calls = sandbox.counters.totals[me, "upload.getFile"]
        again = await start(database, "@files_chat", history=HISTORY)
        assert await ended(database, again) == [RunState.DONE]
        assert sandbox.counters.totals[me, "upload.getFile"] == calls


async def test_lines_break_and_references_expire_on_the_way(database, sandbox, crew, folder):
    sandbox.faults.files.cut_at(0, times=3)
    sandbox.faults.files.cut_at(PART, times=1)
    sandbox.faults.files.expire_after(0.4)
    async with working(worker_of(database, sandbox, folder)):
        runs = [
            await start(database, name, history=HISTORY) for name in ("@files_chat", "@huge_chat")
        ]
        assert await ended(database, *runs) == [RunState.DONE, RunState.DONE]
    kept = {*truth(sandbox).values(), *truth(sandbox, "huge_chat").values()}
    check_disk(folder, {one.sha256 for one in kept if not one.expiring})


async def test_a_killed_worker_goes_on_where_it_was(database, sandbox, crew, folder):
    slow = {Family.MEDIA: Budget(rate=0.5, burst=2)}
    (content,) = truth(sandbox, "huge_chat").values()
    partial = folder / "partial" / f"document-{content.id}-{content.size}.part"
    async with working(worker_of(database, sandbox, folder, budgets=slow)):
        run = await start(database, "@huge_chat", history=HISTORY)
        await wait_until(lambda: partial.exists() and partial.stat().st_size == 2 * PART)
    with partial.open("ab") as file:
        file.write(b"half a part")
    me = sandbox.world.accounts[0].id
    before = sandbox.counters.totals[me, "upload.getFile"]
    async with working(worker_of(database, sandbox, folder)):
        assert await ended(database, run) == [RunState.DONE]
    whole = -(-content.size // PART)
    assert sandbox.counters.totals[me, "upload.getFile"] - before == whole - 2
    check_disk(folder, {content.sha256})
    assert not partial.exists()


async def skipped(database, run):
    """What a run counted of the files that it did not keep."""
    return total_progress(await database.jobs.of_run(run.id)).skipped


async def test_protected_and_too_large_files_are_skipped_and_said_so(
    database, sandbox, crew, folder
):
    known = truth(sandbox)
    sizes = sorted(one.size for one in known.values() if not one.expiring)
    most = sizes[len(sizes) // 2]
    small = replace(HISTORY, media=replace(EVERY, most_bytes=most))
    async with working(worker_of(database, sandbox, folder)):
        runs = [
            await start(database, "@files_chat", history=small),
            await start(database, "@closed_chat", history=HISTORY),
        ]
        assert await ended(database, *runs) == [RunState.DONE, RunState.DONE]
        stored = await media_of(database, sandbox)
        large = {n for n, one in known.items() if one.size > most}
        assert {n for n, one in stored.items() if one.skipped == "too_large"} == large
        closed = await media_of(database, sandbox, "closed_chat")
        assert {one.skipped for one in closed.values()} == {"protected"}
        counts = [await skipped(database, run) for run in runs]
        expiring = sum(one.expiring for number, one in known.items() if number not in large)
        assert counts[0] == Skipped(too_large=len(large), expiring=expiring)
        assert counts[1] == Skipped(protected=len(closed))
        assert not any(one.file for one in closed.values())
        larger = await start(database, "@files_chat", history=HISTORY)
        assert await ended(database, larger) == [RunState.DONE]
    check_disk(folder, {one.sha256 for one in known.values() if not one.expiring})


async def test_a_full_disk_is_told_and_nothing_is_half_recorded(database, sandbox, crew, folder):
    (content,) = truth(sandbox, "huge_chat").values()
    partial = folder / "partial" / f"document-{content.id}-{content.size}.part"
    partial.parent.mkdir(parents=True)
    partial.symlink_to("/dev/full")
    async with working(worker_of(database, sandbox, folder)):
        run = await start(database, "@huge_chat", history=HISTORY)
        assert await ended(database, run) == [RunState.PARTIAL]
        (job,) = [one for one in await database.jobs.of_run(run.id) if one.step is Step.MEDIA]
        assert (job.state, job.failure.reason) == (JobState.FAILED, "disk_full")
        assert not on_disk(folder)
        assert not await database.media.page()
        assert not any(
            one.file for one in (await media_of(database, sandbox, "huge_chat")).values()
        )
        assert not partial.is_symlink(), "what is there of it takes no room"
        again = await start(database, "@huge_chat", history=HISTORY)
        assert await ended(database, again) == [RunState.DONE]
    check_disk(folder, {content.sha256})


async def test_files_that_no_message_names_any_more_go(database, sandbox, crew, folder):
    async with working(worker_of(database, sandbox, folder)):
        run = await start(database, "@files_chat", history=HISTORY)
        assert await ended(database, run) == [RunState.DONE]
    chat = chat_of(sandbox, "files_chat")
    stored = await media_of(database, sandbox)
    twice = [one.file for one in stored.values() if one.file]
    single = next(n for n, one in stored.items() if one.file and twice.count(one.file) == 1)
    shared = next(n for n, one in stored.items() if one.file and twice.count(one.file) > 1)
    await database.messages.delete(chat, "", [single, shared], CLOCK.now(), DeletionPolicy.MIRROR)
    old = Unused(database, MediaFolder(folder))
    assert await old.drop(later()) == 0
    assert await old.drop(later()) == 1
    left = {one.file for number, one in stored.items() if one.file and number != single}
    check_disk(folder, {name.split(".")[0] for name in left})
    await database.forget_chat(chat)
    assert await old.drop(later()) == 0
    assert await old.drop(later()) == len(left)
    assert not on_disk(folder)


async def test_what_a_crash_left_on_the_disk_goes(database, folder):
    stray = MediaFolder(folder).path_of(f"{'ab' * 32}.bin")
    half = folder / "partial" / "document-1-1.part"
    for path in (stray, half):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"half")
    young = Unused(database, MediaFolder(folder))
    assert await young.drop(CLOCK.now()) == 0
    assert stray.exists()
    old = Unused(database, MediaFolder(folder))
    assert await old.drop(later()) == 1
    assert not stray.exists()
    assert half.exists(), "somebody may go on with it"


def later():
    """Past the time that a file has to find its first message."""
    return CLOCK.now() + 2 * YOUNG
