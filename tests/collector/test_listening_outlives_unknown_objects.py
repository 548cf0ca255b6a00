"""What a newer Telegram pushes or tells of a chat silences nothing: the rest is heard or read."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from listening_side import PUSHED, QUICK, join_all, listen, listener, stored, tops, world
from reading_side import reading
from service import recruit, working
from telethon.tl import types
from waiting import wait_until

from bench.soak.truth import marked
from core.chat import Peer
from db.client import MongoDatabase
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHATS = {"alpha_chat": 40, "beta_chat": 30}
SOURCES = ("@alpha_chat", "@beta_chat")

LASTING = ("media", "", "reply_to", "from_id", "entities.0")
"""Where in every seventh new message something is that stays unknown, whoever asks for it."""

PUSHES: dict[str, tuple[Any, str]] = {
    "a new message": (types.UpdateNewChannelMessage, ""),
    "an edit": (types.UpdateEditChannelMessage, ""),
    "a deletion": (types.UpdateDeleteChannelMessages, ""),
    "its message": (types.UpdateNewChannelMessage, "message"),
    "its edited message": (types.UpdateEditChannelMessage, "message"),
    "all of it": (types.Updates, ""),
    "who wrote": (types.User, ""),
    "where": (types.Channel, ""),
    "a detail of who wrote": (types.User, "emoji_status"),
    "a detail of where": (types.Channel, "color"),
}


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    small = small_world(chats=CHATS, accounts=2)
    async with Sandbox(small) as sandbox:
        join_all(sandbox, [one.id for one in small.accounts], *CHATS)
        yield sandbox


async def traffic(sandbox: Sandbox, seconds: float = 0.5) -> None:
    sandbox.live.start(100, edits=0.2, deletions=0.1, seconds=seconds)
    await wait_until(lambda: not sandbox.live.running, timeout=seconds + 5)


class Truth:
    """What is stored and kept of all chats, beside what is in the world."""

    def __init__(self, database: Database, bare: MongoDatabase, sandbox: Sandbox) -> None:
        self._database = database
        self._bare = bare
        self._sandbox = sandbox
        self._tops = tops(sandbox, *CHATS)

    async def same(self, *, every: int | None = None) -> bool:
        """Whether all new messages are stored; of those that `every` divides, kept as they came."""
        for name, top in self._tops.items():
            chat = self._sandbox.world.chat(name)
            there = world(self._sandbox, name, above=top)
            lost = {one for one in there if every is not None and one % every == 0}
            told = {one: text for one, text in there.items() if one not in lost}
            if await stored(self._bare, chat.id, above=top) != told:
                return False
            kept = await self._database.undecoded.of_chat(marked(chat.id), "")
            if not lost <= {one.id for one in kept}:
                return False
        return True


@pytest.mark.parametrize("place", LASTING)
async def test_what_stays_unknown_is_kept_and_the_rest_is_heard(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox, place: str
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    truth = Truth(database, mongo_database, sandbox)
    bound = min(tops(sandbox, *CHATS).values())

    def seventh(one: Any) -> bool:
        kinds = (types.Message, types.MessageService)
        return isinstance(one, kinds) and one.id > bound and one.id % 7 == 0

    async with working(listener(database, sandbox)):
        await listen(database, *SOURCES)
        sandbox.faults.objects.anything(seventh, place)
        await traffic(sandbox)
        assert sandbox.faults.objects.changed
        await wait_until(lambda: truth.same(every=7), timeout=20, every=0.1)


@pytest.mark.parametrize("bundled", [False, True], ids=["alone", "beside an answer"])
@pytest.mark.parametrize("what", PUSHES)
async def test_what_is_pushed_unknown_is_read_at_once(
    database: Database,
    mongo_database: MongoDatabase,
    sandbox: Sandbox,
    what: str,
    bundled: bool,
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    truth = Truth(database, mongo_database, sandbox)
    cls, place = PUSHES[what]
    async with working(listener(database, sandbox, listening=QUICK if bundled else PUSHED)):
        await listen(database, *SOURCES)
        if bundled:
            sandbox.faults.objects.bundle()
        sandbox.faults.objects.kind(cls, place, method="push")
        await traffic(sandbox)
        assert sandbox.faults.objects.changed
        await wait_until(truth.same, timeout=20, every=0.1)


async def test_the_newest_message_of_one_chat_hides_no_other(
    database: Database, mongo_database: MongoDatabase, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    truth = Truth(database, mongo_database, sandbox)
    alpha = sandbox.world.chat("alpha_chat")
    for place in ("", "media"):
        sandbox.faults.objects.message(alpha.id, alpha.top_id, place)
    async with working(listener(database, sandbox)):
        await listen(database, *SOURCES)
        sandbox.faults.updates.drop()
        await traffic(sandbox)
        await wait_until(truth.same, timeout=20, every=0.1)


@pytest.mark.parametrize("error", ["CHANNEL_PRIVATE", "CHANNEL_INVALID", "SOMETHING_NEW"])
async def test_one_denied_chat_costs_one_look_more(database: Database, error: str) -> None:
    names = [f"group_{number:02d}" for number in range(16)]
    async with Sandbox(small_world(chats=dict.fromkeys(names, 5), accounts=1)) as sandbox:
        join_all(sandbox, [sandbox.world.accounts[0].id], *names)
        async with reading(database, sandbox) as account:
            peers: list[Peer] = [(await account.open(name)).peer for name in names]
            sandbox.faults.deny(sandbox.world.chat("group_07").id, error=error)
            before = len(sandbox.counters.calls)
            found, state = await account.gateway.tops(peers)
            calls = [one.method for one in sandbox.counters.calls][before:]
    assert set(found) == {one.chat for one in peers} - {peers[7].chat}
    assert all(one.id == 5 and one.pts for one in found.values())
    assert state is not None
    assert calls.count("messages.getPeerDialogs") == 1
    assert calls.count("messages.getHistory") == 16
