"""What is not understood of a message costs at most its own file, and that only for a while."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from service import ended, make_worker, recruit, start, working
from telethon.tl import types

from bench.soak.truth import marked
from collector.media_folder import MediaFolder
from collector.telegram.skim.layout import layout_of
from core.media import Skip
from core.options import HistoryOptions, MediaOptions
from core.run import RunState
from db.database import Database
from sandbox import files
from sandbox.content.library import Library
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHAT = "files_chat"
FILES = HistoryOptions(media=MediaOptions(kinds=("photo", "document")))
BARE = replace(FILES, media=MediaOptions())
LIBRARY = Library(distinct=10, least=2_000, most=30_000, photos=0)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    world = small_world(chats={CHAT: 30}, accounts=1, libraries={CHAT: LIBRARY})
    async with Sandbox(world) as running:
        yield running


async def told(database: Database, sandbox: Sandbox) -> dict[int, str | None]:
    """Of each message with a file: the hash of what is kept, or why there is none."""
    stream = database.messages.stream(marked(sandbox.world.chat(CHAT).id))
    return {
        one.id: one.media.file.split(".")[0] if one.media.file else one.media.skipped
        async for one in stream
        if one.media
    }


def truth(sandbox: Sandbox) -> dict[int, str]:
    found = {one.id: files.content_of(one) for one in sandbox.world.chat(CHAT).messages()}
    return {number: content.sha256 for number, content in found.items() if content}


PLACES = [
    "",
    *(
        f"{step.name}.0" if step.many else step.name
        for step in layout_of(types.Message)
        if step.kind == "object"
    ),
]


async def test_of_a_message_and_of_people(
    database: Database, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Wherever in a message it is, one message each; and people of a newer kind beside them."""
    await recruit(database, sandbox, sandbox.world.accounts)
    chat, every = sandbox.world.chat(CHAT), truth(sandbox)
    places = [place for place in PLACES if place != "peer_id"]
    folder = MediaFolder(tmp_path / "media", reserve=0)
    async with working(make_worker(database, sandbox, folder=folder)):
        run = await start(database, f"@{CHAT}", history=BARE)
        assert await ended(database, run) == [RunState.DONE]
        for number, place in zip(list(every)[1:-1], places, strict=False):
            sandbox.faults.objects.message(chat.id, number, place)
        sandbox.faults.objects.kind(types.User)
        lost = list(every)[1:-1][: len(places)]
        again = await start(database, f"@{CHAT}", history=FILES)
        assert await ended(database, again, timeout=60) == [RunState.DONE]
        assert sandbox.faults.objects.changed
        assert await told(database, sandbox) == every | dict.fromkeys(lost, Skip.UNAVAILABLE)
        sandbox.faults.objects.clear()
        last = await start(database, f"@{CHAT}", history=FILES)
        assert await ended(database, last) == [RunState.DONE]
        assert await told(database, sandbox) == every


async def test_where_nobody_can_tell_whether_files_are_protected_none_is_fetched(
    database: Database, sandbox: Sandbox, tmp_path: Path
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts)
    chat, every = sandbox.world.chat(CHAT), truth(sandbox)
    folder = MediaFolder(tmp_path / "media", reserve=0)
    async with working(make_worker(database, sandbox, folder=folder)):
        run = await start(database, f"@{CHAT}", history=BARE)
        assert await ended(database, run) == [RunState.DONE]
        sandbox.faults.objects.chat(chat.id)
        again = await start(database, f"@{CHAT}", history=FILES)
        assert await ended(database, again, timeout=60) == [RunState.DONE]
        assert await told(database, sandbox) == dict.fromkeys(every, Skip.UNAVAILABLE)
        sandbox.faults.objects.clear()
        last = await start(database, f"@{CHAT}", history=FILES)
        assert await ended(database, last) == [RunState.DONE]
        assert await told(database, sandbox) == every
