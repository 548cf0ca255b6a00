"""Files of any size come in parts as Telegram cuts them, whole, and fail as Telegram's do."""

from hashlib import sha256

import pytest
from telethon import errors
from telethon.tl import functions, types
from telethon_side import channel, crew_client, page

from sandbox import files
from sandbox.content.library import Library
from sandbox.file_faults import FileFaults
from sandbox.seed import small_world
from sandbox.server import Sandbox

LIBRARY = Library(distinct=120, least=1, most=90_000, expiring=0.1)
HUGE = Library(distinct=1, least=3_000_001, most=3_100_000, photos=0)


@pytest.fixture
async def sandbox(sandbox_folder):
    world = small_world(
        chats={"alpha_chat": 200, "files_chat": 200, "huge_chat": 2},
        accounts=1,
        libraries={"files_chat": LIBRARY, "huge_chat": HUGE},
    )
    async with Sandbox(world, sandbox_folder) as running:
        yield running


def truth(sandbox, name="files_chat"):
    """Message id -> what its file is."""
    found = {one.id: files.content_of(one) for one in sandbox.world.chat(name).messages()}
    return {key: content for key, content in found.items() if content}


async def messages_of(client, name="files_chat", **more):
    return (await page(client, await channel(client, name), **more)).messages


def place_of(message):
    held = message.media.document
    return types.InputDocumentFileLocation(held.id, held.access_hash, held.file_reference, "")


async def test_the_unmodified_client_downloads_each_file_whole(sandbox):
    known = truth(sandbox)
    assert {content.kind for content in known.values()} == {"photo", "document"}
    present = [content.id for content in known.values() if content.id]
    assert len(set(present)) < len(present), "some are there twice"
    assert {content.expiring for content in known.values()} == {True, False}
    async with crew_client(sandbox) as client:
        for message in (await messages_of(client, limit=30))[:30]:
            content = known.get(message.id)
            if content is None or not content.id:
                continue
            got = await client.download_media(message, file=bytes)
            assert len(got) == content.size
            assert sha256(got).hexdigest() == content.sha256
        gone = [one for one in await messages_of(client) if one.media and one.media.ttl_seconds]
        assert {one.media.photo is None for one in gone} == {True, False}


async def test_a_file_of_megabytes(sandbox):
    (message,) = [one for one in sandbox.world.chat("huge_chat").messages() if one.id == 2]
    content = files.content_of(message)
    assert content.size > 3_000_000
    async with crew_client(sandbox) as client:
        (found,) = [one for one in await messages_of(client, "huge_chat") if one.id == 2]
        got = await client.download_media(found, file=bytes)
        assert sha256(got).hexdigest() == content.sha256


async def test_ordinary_chats_have_files_too(sandbox):
    known = truth(sandbox, "alpha_chat")
    async with crew_client(sandbox) as client:
        found = await messages_of(client, "alpha_chat")
        small = [one for one in found if one.id in known and known[one.id].size < 300_000][:5]
        assert small
        for message in small:
            got = await client.download_media(message, file=bytes)
            assert sha256(got).hexdigest() == known[message.id].sha256


@pytest.mark.parametrize(
    ("offset", "limit", "precise", "error"),
    [
        (1, 4096, False, errors.OffsetInvalidError),
        (1024, 4096, False, errors.OffsetInvalidError),
        (0, 1024, False, errors.LimitInvalidError),
        (0, 12288, False, errors.LimitInvalidError),
        (0, 2 * 1024 * 1024, False, errors.LimitInvalidError),
        (1024 * 1024 - 4096, 8192, False, errors.LimitInvalidError),
        (0, 0, True, errors.LimitInvalidError),
        (100, 1024, True, errors.OffsetInvalidError),
        (0, 4096, False, None),
        (1024, 3072, True, None),
        (1024 * 1024, 1024 * 1024, False, None),
    ],
)
async def test_parts_are_aligned(sandbox, offset, limit, precise, error):
    message = next(
        one for one in sandbox.world.chat("files_chat").messages() if getattr(one, "document", 0)
    )
    async with crew_client(sandbox) as client:
        asked = functions.upload.GetFileRequest(place_of(message), offset, limit, precise)
        if error:
            with pytest.raises(error):
                await client(asked)
        else:
            data = (await client(asked)).bytes
            assert data == files.read(message.document.id, offset, limit)


async def test_references_expire_and_a_fresh_look_gives_new_ones(sandbox):
    async with crew_client(sandbox) as client:
        found = await messages_of(client)
        old = next(one for one in found if isinstance(one.media, types.MessageMediaDocument))
        sandbox.faults.files.expire()
        with pytest.raises(errors.FileReferenceExpiredError):
            await client(functions.upload.GetFileRequest(place_of(old), 0, 4096))
        peer = await channel(client, "files_chat")
        new = await client(functions.channels.GetMessagesRequest(peer, [old.id]))
        asked = functions.upload.GetFileRequest(place_of(new.messages[0]), 0, 4096)
        assert (await client(asked)).bytes == files.read(old.document.id, 0, 4096)


async def test_who_shows_the_wrong_hash_or_reference_gets_nothing(sandbox):
    async with crew_client(sandbox) as client:
        found = await messages_of(client)
        known = next(one for one in found if isinstance(one.media, types.MessageMediaDocument))
        for change, error in (
            ({"access_hash": 1}, "FILE_ID_INVALID"),
            ({"file_reference": b"x"}, "FILE_REFERENCE_INVALID"),
            ({"file_reference": b""}, "FILE_REFERENCE_EMPTY"),
        ):
            place = place_of(known)
            for name, value in change.items():
                setattr(place, name, value)
            with pytest.raises(errors.RPCError) as raised:
                await client(functions.upload.GetFileRequest(place, 0, 4096))
            assert error in str(raised.value) or error.title().replace("_", "") in str(
                type(raised.value)
            )


async def test_a_line_that_breaks_in_the_middle_of_a_file(sandbox):
    known = truth(sandbox)
    async with crew_client(sandbox) as client:
        found = await messages_of(client)
        big = max((one for one in found if known.get(one.id)), key=lambda one: known[one.id].size)
        sandbox.faults.files.cut_at(8192)
        got = b"".join([part async for part in client.iter_download(big, request_size=4096)])
        assert sha256(got).hexdigest() == known[big.id].sha256
        assert (
            sandbox.counters.totals[sandbox.world.accounts[0].id, "upload.getFile"]
            > len(got) // 4096 + 1
        )


def test_references_live_as_long_as_was_said():
    now = [100.0]
    faults = FileFaults(lambda: now[0])
    faults.expire_after(10)
    given = faults.epoch
    now[0] += 9.9
    assert faults.fresh(given)
    now[0] += 10.2
    assert not faults.fresh(given)
