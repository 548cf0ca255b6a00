"""Each wanted file of each message ends: kept, skipped with its reason, or left to another member.

What is wrong with one file, or with the data centre that has it, is told of that file alone: the
others are kept, and no account is lost.
"""

from dataclasses import dataclass, replace
from hashlib import sha256

import pytest
from service import CLOCK, ended, make_worker, recruit, start, working
from telethon.tl import types
from waiting import wait_until

from collector.media_folder import MediaFolder
from core.account import AccountState
from core.chat import Chat, ChatKind, Peer
from core.job import Family, JobState, Skipped
from core.media import PART, Skip
from core.message import DeletionPolicy
from core.options import HistoryOptions, MediaOptions
from core.pacing import Budget
from core.run import RunState
from core.task import Step
from sandbox import files
from sandbox.chat import ChatKind as ChatKindThere
from sandbox.content.library import Library
from sandbox.entrance import Entrance
from sandbox.seed import small_world
from sandbox.server import Sandbox

FILES = HistoryOptions(media=MediaOptions(kinds=("photo", "document")))
LIBRARY = Library(distinct=10, least=2_000, most=30_000, photos=0)
SIZED = {
    f"sized_{size}": size
    for size in (1, 6, PART - 5, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 5)
}
CHAT = "files_chat"


@pytest.fixture
async def sandbox():
    world = small_world(
        chats={CHAT: 30, "forum_chat": 700, **dict.fromkeys(SIZED, 3)},
        accounts=2,
        kinds={"forum_chat": ChatKindThere.FORUM},
        libraries={
            CHAT: LIBRARY,
            **{
                name: Library(distinct=1, least=size, most=size, photos=0)
                for name, size in SIZED.items()
            },
        },
    )
    async with Sandbox(world) as running:
        yield running


@pytest.fixture
async def crew(database, sandbox):
    return await recruit(database, sandbox, sandbox.world.accounts)


@pytest.fixture
def worker(database, sandbox, tmp_path):
    return make_worker(database, sandbox, folder=MediaFolder(tmp_path / "media", reserve=0))


def truth(sandbox, name=CHAT):
    found = {one.id: files.content_of(one) for one in sandbox.world.chat(name).messages()}
    return {number: content for number, content in found.items() if content}


def chat_of(sandbox, name=CHAT):
    return -1_000_000_000_000 - sandbox.world.chat(name).id


async def endings(database, chat):
    """Message id -> the hash of its file, or why it has none, or None."""
    found = {one.id: one.media async for one in database.messages.stream(chat) if one.media}
    return {
        number: media.file.split(".")[0] if media.file else media.skipped
        for number, media in found.items()
    }


async def all_ended(database, sandbox, *, but=(), name=CHAT):
    """Every file but those is kept; how those ended."""
    told = await endings(database, chat_of(sandbox, name))
    for number, content in truth(sandbox, name).items():
        assert told[number] is not None, f"{number} ended neither way"
        if content.id not in but:
            assert told[number] == content.sha256
    odd = [number for number, content in truth(sandbox, name).items() if content.id in but]
    return {told[number] for number in odd}


async def media_job(database, run):
    (job,) = [one for one in await database.jobs.of_run(run.id) if one.step is Step.MEDIA]
    return job


async def nobody_is_lost(database):
    assert {one.state for one in await database.accounts.all()} == {AccountState.READY}


def victim(sandbox):
    """A file that only one message has."""
    ids = [content.id for content in truth(sandbox).values()]
    return next(one for one in ids if ids.count(one) == 1)


@dataclass(frozen=True)
class Broken:
    """What calls for one file get, and how that file ends."""

    message: str
    code: int = 400
    dc: int | None = None
    ends: str = Skip.UNAVAILABLE


SAID = [
    Broken("FILE_ID_INVALID", ends=Skip.GONE),
    Broken("LOCATION_INVALID", ends=Skip.GONE),
    Broken("LOCATION_NOT_AVAILABLE"),
    Broken("FILE_REFERENCE_EXPIRED"),
    Broken("FILE_REFERENCE_INVALID"),
    Broken("FILE_REFERENCE_EMPTY"),
    Broken("FILE_REFERENCE_3_EXPIRED"),
    Broken("FILEREF_UPGRADE_NEEDED", code=406),
    Broken("CDN_REDIRECT"),
    Broken("CDN_METHOD_INVALID"),
    Broken("CHANNEL_INVALID"),
    Broken("CHANNEL_PRIVATE", code=406),
    Broken("PEER_ID_INVALID"),
    Broken("LIMIT_INVALID"),
    Broken("OFFSET_INVALID"),
    Broken("OFFSET_NEGATIVE"),
    Broken("MSG_ID_INVALID"),
    Broken("TAKEOUT_REQUIRED", code=403),
    Broken("USER_DELETED", code=403),
    Broken("SOMETHING_OF_A_NEWER_LAYER"),
    Broken("SOMETHING_OF_A_NEWER_LAYER", code=403),
    Broken("SOMETHING_OF_A_NEWER_LAYER", code=406),
    Broken("FILE_MIGRATE_4", code=303),
    Broken("FILE_MIGRATE_77", code=303),
    Broken("TIMEOUT", code=-503),
    Broken("RPC_CALL_FAIL", code=500),
    Broken("INTERNAL_SERVER_ERROR", code=500),
    Broken("AUTH_KEY_UNREGISTERED", code=401, dc=4),
    Broken("AUTH_KEY_INVALID", code=401, dc=4),
    Broken("SESSION_REVOKED", code=401, dc=4),
    Broken("SESSION_EXPIRED", code=401, dc=4),
    Broken("USER_DEACTIVATED", code=401, dc=4),
    Broken("AUTH_KEY_PERM_EMPTY", code=401, dc=4),
    Broken("SOMETHING_NEW", code=401, dc=4),
    Broken("AUTH_KEY_DUPLICATED", code=406, dc=4),
    Broken("API_ID_INVALID", code=400, dc=4),
    Broken("RPC_CALL_FAIL", code=500, dc=4),
]


@pytest.fixture
async def many():
    """A chat with more files than there are ways for one to break."""
    world = small_world(
        chats={CHAT: 400}, accounts=2, libraries={CHAT: replace(LIBRARY, distinct=300)}
    )
    async with Sandbox(world) as running:
        yield running


def break_each(sandbox, *, times):
    """Let as many files break, each in its way; which."""
    every = [content.id for content in truth(sandbox).values()]
    single = [one for one in every if every.count(one) == 1]
    assert len(single) > 2 * len(SAID)
    broken = dict(zip(single[::2], SAID, strict=False))
    for file, how in broken.items():
        if how.dc is not None:
            sandbox.faults.files.move(file, how.dc)
        sandbox.faults.files.answer(how.message, code=how.code, file=file, dc=how.dc, times=times)
    assert len(broken) == len(SAID)
    return broken


async def test_an_error_of_one_file_is_that_files(database, many, tmp_path):
    """All of them in one run: each ends as it should, and all others are kept."""
    await recruit(database, many, many.world.accounts)
    broken = break_each(many, times=None)
    folder = MediaFolder(tmp_path / "media", reserve=0)
    async with working(make_worker(database, many, folder=folder)):
        run = await start(database, f"@{CHAT}", history=FILES)
        assert await ended(database, run, timeout=120) == [RunState.DONE]
        told = await endings(database, chat_of(many))
        for number, content in truth(many).items():
            how = broken.get(content.id)
            assert told[number] == (content.sha256 if how is None else how.ends), how
        await nobody_is_lost(database)
        many.faults.files.clear()
        again = await start(database, f"@{CHAT}", history=FILES)
        assert await ended(database, again) == [RunState.DONE]
        gone = {file for file, how in broken.items() if how.ends == Skip.GONE}
        assert await all_ended(database, many, but=gone) == {Skip.GONE}
        skipped = (await media_job(database, again)).progress.skipped
        assert skipped == Skipped()


async def test_an_error_that_passes_costs_nothing(database, many, tmp_path):
    await recruit(database, many, many.world.accounts)
    broken = break_each(many, times=1)
    folder = MediaFolder(tmp_path / "media", reserve=0)
    async with working(make_worker(database, many, folder=folder)):
        run = await start(database, f"@{CHAT}", history=FILES)
        assert await ended(database, run, timeout=120) == [RunState.DONE]
    gone = {file for file, how in broken.items() if how.ends == Skip.GONE}
    assert await all_ended(database, many, but=gone) == {Skip.GONE}
    await nobody_is_lost(database)


async def test_files_of_other_data_centres_are_fetched_there(database, sandbox, crew, worker):
    for number, file in enumerate({content.id for content in truth(sandbox).values()}):
        sandbox.faults.files.move(file, 1 + number % 5)
    async with working(worker):
        run = await start(database, f"@{CHAT}", history=FILES)
        assert await ended(database, run) == [RunState.DONE]
    assert await all_ended(database, sandbox) == set()
    assert sandbox.counters.violations == 0
    me = sandbox.world.accounts[0].id, sandbox.world.accounts[1].id
    exports = sum(sandbox.counters.totals[one, "auth.exportAuthorization"] for one in me)
    assert exports == 4


@pytest.mark.parametrize("method", ["auth.exportAuthorization", "auth.importAuthorization"])
@pytest.mark.parametrize(
    ("message", "code"),
    [("AUTH_BYTES_INVALID", 400), ("DC_ID_INVALID", 400), ("USER_ID_INVALID", 400)],
)
async def test_a_data_centre_that_lets_nobody_in_loses_its_files_alone(
    database, sandbox, crew, worker, method, message, code
):
    file = victim(sandbox)
    sandbox.faults.files.move(file, 4)
    sandbox.faults.fail(message, code=code, method=method, times=None)
    async with working(worker):
        run = await start(database, f"@{CHAT}", history=FILES)
        assert await ended(database, run, timeout=60) == [RunState.DONE]
    assert await all_ended(database, sandbox, but={file}) == {Skip.UNAVAILABLE}
    await nobody_is_lost(database)


@pytest.mark.parametrize("off", [-900, -3, -1, 1, 3, 900, 1 - PART, PART])
async def test_a_size_that_is_off_by_little_is_no_obstacle(database, sandbox, crew, worker, off):
    content = next(iter(truth(sandbox).values()))
    sandbox.faults.files.deliver(content.id, max(content.size + off, 0))
    async with working(worker):
        run = await start(database, f"@{CHAT}", history=FILES)
        assert await ended(database, run, timeout=60) == [RunState.DONE]
    (ends,) = await all_ended(database, sandbox, but={content.id})
    whole = files.read(content.id, 0, 10**6, size=max(content.size + off, 0))
    assert ends == (digest(whole) if abs(off) < 1_000 else Skip.UNAVAILABLE)


@pytest.mark.parametrize("off", [-5, 0, 5])
async def test_a_file_ends_where_telegram_says(database, sandbox, crew, worker, off):
    """Told a size, given another: at the bounds of parts, too."""
    told = {name: next(iter(truth(sandbox, name).values())) for name in SIZED}
    for content in told.values():
        sandbox.faults.files.deliver(content.id, max(content.size + off, 0))
    async with working(worker):
        runs = [await start(database, f"@{name}", history=FILES) for name in SIZED]
        assert set(await ended(database, *runs, timeout=60)) == {RunState.DONE}
    for name, content in told.items():
        given = files.read(content.id, 0, 5 * PART, size=max(content.size + off, 0))
        ends = set((await endings(database, chat_of(sandbox, name))).values())
        assert ends == {digest(given) if given else Skip.UNAVAILABLE}, name


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


async def test_what_an_edit_replaced_is_told(database, sandbox, crew, worker):
    """The store has another medium than Telegram shows by now."""
    bare = replace(FILES, media=MediaOptions())
    chat, content = chat_of(sandbox), truth(sandbox)
    first, second, third = list(content)[:3]
    async with working(worker):
        run = await start(database, f"@{CHAT}", history=bare)
        assert await ended(database, run) == [RunState.DONE]
        await change_media(database, chat, first, {"media.size": 1_000_000})
        await change_media(database, chat, second, {"media.kind": "photo"})
        await change_media(database, chat, third, {"media.size": content[third].size + 7})
        again = await start(database, f"@{CHAT}", history=FILES)
        assert await ended(database, again) == [RunState.DONE]
    told = await endings(database, chat)
    assert (told[first], told[second]) == (Skip.REPLACED, Skip.REPLACED)
    assert told[third] == content[third].sha256
    assert (await media_job(database, again)).progress.skipped.replaced == 2


async def change_media(database, chat, message, change):
    found = await database.messages._messages.update_one(
        {"chat": chat, "id": message}, {"$set": change}
    )
    assert found.modified_count


@pytest.mark.parametrize("to", ["another", "another kind", "none", "the same"])
async def test_what_an_edit_put_there_is_fetched(database, sandbox, crew, worker, to):
    """The message shows another file by now, and nobody heard of the edit."""
    there, chat = sandbox.world.chat(CHAT), chat_of(sandbox)
    content = truth(sandbox)
    first, *others = content
    other = next(one for one in others if content[one].id != content[first].id)
    async with working(worker):
        run = await start(database, f"@{CHAT}", history=replace(FILES, media=MediaOptions()))
        assert await ended(database, run) == [RunState.DONE]
        message = there.message(first)
        message.edit_date = CLOCK.now().replace(microsecond=0)
        if to != "the same":
            message.media = there.message(other).media if to.startswith("another") else None
        if to == "another kind":
            message.media.document.attributes = [types.DocumentAttributeVideo(3, 10, 10)]
        there.replace(first, there.written(first)._replace(raw=bytes(message)))
        again = await start(database, f"@{CHAT}", history=FILES)
        assert await ended(database, again) == [RunState.DONE]
    told = await endings(database, chat)
    if to == "the same":
        assert told[first] == content[first].sha256
    elif to == "another":
        assert told[first] == content[other].sha256
    else:
        assert told.get(first) is None, "what is there now is not wanted"
    assert (await media_job(database, again)).progress.skipped.replaced == 0
    for number in others:
        assert told[number] == content[number].sha256


async def test_what_was_deleted_before_is_gone(database, sandbox, crew, worker):
    chat, numbers = chat_of(sandbox), list(truth(sandbox))
    async with working(worker):
        run = await start(database, f"@{CHAT}", history=replace(FILES, media=MediaOptions()))
        assert await ended(database, run) == [RunState.DONE]
        await database.messages.delete(chat, "", numbers[:1], CLOCK.now(), DeletionPolicy.MIRROR)
        sandbox.live.delete(CHAT, numbers[1])
        again = await start(database, f"@{CHAT}", history=FILES)
        assert await ended(database, again) == [RunState.DONE]
    told = await endings(database, chat)
    assert told.get(numbers[0]) is None
    assert told[numbers[1]] == Skip.GONE
    assert all(told[one] for one in numbers[1:])


@pytest.mark.parametrize(
    ("message", "code"), [("CHANNEL_INVALID", 400), ("RPC_CALL_FAIL", 500), ("TIMEOUT", 500)]
)
async def test_a_look_that_fails_once_costs_nothing(database, sandbox, crew, worker, message, code):
    async with working(worker):
        run = await start(database, f"@{CHAT}", history=replace(FILES, media=MediaOptions()))
        assert await ended(database, run) == [RunState.DONE]
        sandbox.faults.fail(message, code=code, method="channels.getMessages")
        again = await start(database, f"@{CHAT}", history=FILES)
        assert await ended(database, again) == [RunState.DONE]
    assert await all_ended(database, sandbox) == set()


async def test_telegram_in_trouble_settles_nothing_too_early(database, sandbox, crew, worker):
    """When nothing comes at all it is not the files' fault: the job comes back."""
    sandbox.faults.fail("INTERNAL", code=500, method="upload.getFile", times=6)
    async with working(worker):
        run = await start(database, f"@{CHAT}", history=FILES)
        assert await ended(database, run, timeout=60) == [RunState.DONE]
    assert await all_ended(database, sandbox) == set()
    assert (await media_job(database, run)).state is JobState.DONE


ROOM = "closed_room"
INSIDE = (777_000_001, 777_000_002)


@pytest.fixture
async def room():
    """A private chat with two of three accounts inside."""
    world = small_world(
        chats={ROOM: 30},
        accounts=3,
        private=(ROOM,),
        entrances={ROOM: Entrance(invite="ClosedRoom1", insiders=INSIDE)},
        libraries={ROOM: LIBRARY},
    )
    async with Sandbox(world) as running:
        yield running


@pytest.mark.parametrize("word", ["AUTH_KEY_UNREGISTERED", "USER_DEACTIVATED_BAN"])
async def test_an_account_that_is_lost_in_the_middle_leaves_its_files_to_another(
    database, room, tmp_path, word
):
    held = await inside_room(database, room)
    hashes = {one.id: files.content_of(one).sha256 for one in held if files.content_of(one)}
    slow = {Family.MEDIA: Budget(rate=4.0, burst=1)}
    folder = MediaFolder(tmp_path / "media", reserve=0)
    async with working(make_worker(database, room, folder=folder, budgets=slow)) as worker:
        await wait_until(lambda: worker.connected() == 3, timeout=20)
        run = await start(database, str(room_chat(room)), history=FILES)
        await wait_until(lambda: fetched(room) > 2, timeout=20)
        first = (await media_job(database, run)).account
        room.mtproto.keyring.revoke(777_000_000 + first, word)
        assert await ended(database, run, timeout=60) == [RunState.DONE]
    assert await endings(database, room_chat(room)) == hashes
    assert (await media_job(database, run)).account != first
    states = {one.id: one.state for one in await database.accounts.all()}
    assert states.pop(first) in (AccountState.LOST, AccountState.BANNED)
    assert set(states.values()) == {AccountState.READY}


def room_chat(room):
    return -1_000_000_000_000 - room.world.titled(ROOM).id


async def inside_room(database, room):
    """Two of three accounts know the room; its messages."""
    crew = await recruit(database, room, room.world.accounts)
    held = room.world.titled(ROOM)
    chat = Chat(id=room_chat(room), kind=ChatKind.SUPERGROUP, title=ROOM)
    await database.chats.save(chat)
    for account in crew[:2]:
        key = room.world.access_hash(777_000_000 + account.id, "channel", held.id)
        peer = Peer(chat=chat.id, kind=chat.kind, access_hash=key)
        await database.memberships.joined(account.id, peer, str(chat.id), CLOCK.now(), task=None)
    return list(held.messages())


@pytest.mark.parametrize("how_many", [1, 2])
async def test_a_member_that_is_put_out_leaves_its_files_to_another(
    database, room, tmp_path, how_many
):
    found = [one for one in await inside_room(database, room) if files.content_of(one)]
    chat, held = room_chat(room), room.world.titled(ROOM)
    slow = {Family.MEDIA: Budget(rate=4.0, burst=1)}
    folder = MediaFolder(tmp_path / "media", reserve=0)
    async with working(make_worker(database, room, folder=folder, budgets=slow)) as worker:
        await wait_until(lambda: worker.connected() == 3, timeout=20)
        run = await start(database, str(chat), history=FILES)
        await wait_until(lambda: fetched(room) > 2, timeout=20)
        first = (await media_job(database, run)).account
        for account in (first,) if how_many == 1 else (1, 2):
            room.society.put_out(777_000_000 + account, held.id)
        room.faults.files.expire()
        states = await ended(database, run, timeout=60)
    told = await endings(database, chat)
    assert None not in told.values()
    hashes = {one.id: files.content_of(one).sha256 for one in found}
    job = await media_job(database, run)
    if how_many == 1:
        assert states == [RunState.DONE]
        assert told == hashes
        assert job.account != first
    else:
        assert states == [RunState.PARTIAL]
        assert job.failure.reason == "source_forbidden"
        assert Skip.UNAVAILABLE in told.values()


def fetched(sandbox):
    return sum(sandbox.counters.totals[one.id, "upload.getFile"] for one in sandbox.world.accounts)


@pytest.mark.parametrize("topic", [1, 2, 5])
async def test_files_of_a_topic_are_fetched_whichever_it_is(database, sandbox, crew, worker, topic):
    """General, too, whose messages name no topic; and with a limit the newest of the topic."""
    forum, kinds = sandbox.world.chat("forum_chat"), FILES.media.kinds
    small = replace(FILES, media=replace(FILES.media, most_bytes=200_000), topic=topic)
    mine = [one for one in forum.ids() if forum.topic_id_of(one) == topic]
    async with working(worker):
        few = await start(database, "@forum_chat", history=replace(small, limit=12))
        assert await ended(database, few) == [RunState.DONE]
        newest = await wanted_and_settled(database, sandbox, kinds)
        assert set(newest) == set(newest.values()) - {None}
        every = await start(database, "@forum_chat", history=small)
        assert await ended(database, every) == [RunState.DONE]
        settled = await wanted_and_settled(database, sandbox, kinds)
    assert len(newest) < len(settled)
    assert set(settled) == set(settled.values()) <= set(mine)
    assert len(settled) > 3


async def wanted_and_settled(database, sandbox, kinds):
    """Stored messages with a file of these kinds -> themselves once that is settled, else None."""
    stream = database.messages.stream(chat_of(sandbox, "forum_chat"))
    return {
        one.id: one.id if one.media.file or one.media.skipped else None
        async for one in stream
        if one.media and one.media.kind in kinds
    }
