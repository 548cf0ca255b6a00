"""Of what a newer Telegram sends only the message itself is not understood; all else is stored."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from reading_side import Reader, reading
from service import ended, make_worker, progress_of, recruit, start, stored_ids, working, world_ids
from telethon.tl import types

from bench.soak.truth import marked
from collector.telegram.skim.layout import layout_of
from core.errors import CrewError
from core.run import RunState
from core.span import IntervalSet
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHAT = "alpha_chat"
COUNT = 300


def places(cls: Any) -> list[str]:
    """Where a constructor has an object, or objects, inside."""
    steps = [step for step in layout_of(cls) if step.kind == "object"]
    return [f"{step.name}.0" if step.many else step.name for step in steps]


PLACES = [(cls, place) for cls in (types.Message, types.MessageService) for place in places(cls)]
BEHIND = [("user", place) for place in ["", *places(types.User)]]
BEHIND += [("chat", place) for place in ["", *places(types.Channel)]]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(small_world(chats={CHAT: COUNT}, accounts=2)) as sandbox:
        yield sandbox


@pytest.fixture
async def reader(database: Database, sandbox: Sandbox) -> AsyncIterator[Reader]:
    async with reading(database, sandbox) as account:
        yield await account.open(CHAT)


def of_kind(sandbox: Sandbox, cls: Any) -> list[int]:
    """Messages of a constructor."""
    chat = sandbox.world.chat(CHAT)
    return [one.id for one in chat.messages() if isinstance(one, cls)]


async def all_but(reader: Reader, sandbox: Sandbox, *lost: int) -> None:
    """All is stored but these messages, which are kept as they came; all is proven."""
    everything = world_ids(sandbox, CHAT)
    await reader.read(1, everything[-1])
    assert await reader.proven() == IntervalSet(((1, everything[-1]),))
    assert await reader.stored() == [one for one in everything if one not in lost]
    kept = await reader.ctx.database.undecoded.of_chat(reader.chat.id, "")
    assert [one.id for one in kept] == sorted(lost)
    assert all(one.why == "5eed0bad" and one.raw for one in kept)
    coverage = await reader.ctx.database.coverages.of_chat(reader.chat.id, "")
    assert (coverage.undecoded, coverage.unknown) == (len(lost), 0)


@pytest.mark.parametrize(("cls", "place"), PLACES, ids=lambda one: getattr(one, "__name__", one))
async def test_an_unknown_object_inside_costs_its_message(
    reader: Reader, sandbox: Sandbox, cls: Any, place: str
) -> None:
    found = of_kind(sandbox, cls)
    lost = found[len(found) // 2]
    sandbox.faults.objects.message(sandbox.world.chat(CHAT).id, lost, place)
    await all_but(reader, sandbox, lost)
    assert sandbox.faults.objects.changed


@pytest.mark.parametrize("more", [b"", b"x" * 4, bytes(range(256)) * 300])
@pytest.mark.parametrize(
    "wanted", [[0], [-1], [150], [0, 1, 2], [-2, -1], [99, 100, 101], [7, 8, 60, 199, 200]]
)
async def test_messages_of_an_unknown_kind_cost_themselves(
    reader: Reader, sandbox: Sandbox, wanted: list[int], more: bytes
) -> None:
    lost = [world_ids(sandbox, CHAT)[place] for place in wanted]
    for one in lost:
        sandbox.faults.objects.message(sandbox.world.chat(CHAT).id, one, more=more)
    await all_but(reader, sandbox, *lost)
    kept = await reader.ctx.database.undecoded.of_chat(reader.chat.id, "")
    assert all(len(one.raw) <= 64 * 1024 for one in kept)


@pytest.mark.parametrize(("who", "place"), BEHIND)
async def test_who_cannot_be_read_costs_a_name_and_no_message(
    reader: Reader, sandbox: Sandbox, who: str, place: str
) -> None:
    chat = sandbox.world.chat(CHAT)
    if who == "chat":
        sandbox.faults.objects.chat(chat.id, place)
    else:
        sandbox.faults.objects.user(next(iter(chat.senders.values())).id, place)
    await all_but(reader, sandbox)
    assert sandbox.faults.objects.changed


@pytest.mark.parametrize("place", ["", *places(types.ChannelFull)])
async def test_a_chat_that_is_not_understood_in_full_is_read(
    reader: Reader, sandbox: Sandbox, place: str
) -> None:
    sandbox.faults.objects.kind(types.ChannelFull, place)
    everything = world_ids(sandbox, CHAT)
    await reader.walk().read(1, everything[-1] + 50, limit=None)
    assert await reader.stored() == everything
    (proven,) = (await reader.proven()).ranges
    assert proven[0] <= everything[0]


async def test_who_the_account_is_may_be_of_a_newer_kind(reader: Reader, sandbox: Sandbox) -> None:
    person, gateway = sandbox.world.accounts[0], reader.ctx.gateway
    for place in ("", "emoji_status"):
        sandbox.faults.objects.user(person.id, place)
        await gateway.disconnect()
        assert (await gateway.connect()).telegram_id == person.id
        assert (await gateway.slots()).limit == 500
        await all_but(reader, sandbox)


async def test_people_of_a_newer_kind_hide_no_chat(reader: Reader, sandbox: Sandbox) -> None:
    gateway = reader.ctx.gateway
    sandbox.faults.objects.kind(types.User)
    assert (await gateway.resolve(CHAT))[0] == reader.peer
    assert (await gateway.describe(reader.peer)).id == reader.chat.id
    assert [chat.id for _, chat in await gateway.search_chats("alpha")] == [reader.chat.id]
    assert await gateway.inside(reader.peer) in {True, False}
    sandbox.faults.objects.clear()
    sandbox.faults.objects.kind(types.Channel)
    with pytest.raises(CrewError) as told:
        await gateway.resolve(CHAT)
    assert told.value.reason in {"source_forbidden", "not_understood"}


async def test_what_imitates_a_message_is_not_taken_for_one(
    reader: Reader, sandbox: Sandbox
) -> None:
    chat = sandbox.world.chat(CHAT)
    first, second = of_kind(sandbox, types.Message)[5:7]
    forged = types.Message(
        id=first, peer_id=types.PeerChannel(chat.id), date=chat.date(second), message="forged"
    )
    sandbox.faults.objects.message(chat.id, second, "media", more=bytes(forged))
    await all_but(reader, sandbox, second)
    texts = {one.id: one.text async for one in reader.ctx.database.messages.stream(reader.chat.id)}
    assert texts[first] != "forged"


async def test_a_run_ends_well_and_tells_what_it_does_not_understand(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    chat = sandbox.world.chat(CHAT)
    lost = of_kind(sandbox, types.Message)[150]
    sandbox.faults.objects.message(chat.id, lost, "media")
    async with working(make_worker(database, sandbox)):
        run = await start(database, f"@{CHAT}")
        assert await ended(database, run) == [RunState.DONE]
    pages = [one for one in sandbox.counters.calls if one.method == "messages.getHistory"]
    assert len(pages) <= COUNT // 100 + 5
    assert await stored_ids(database, sandbox, CHAT) == [
        one for one in world_ids(sandbox, CHAT) if one != lost
    ]
    (kept,) = await database.undecoded.of_chat(marked(chat.id), "")
    assert (kept.id, kept.why, kept.date) == (lost, "5eed0bad", chat.message(lost).date)
    progress = await progress_of(database, run)
    assert (progress.read, progress.undecoded) == (COUNT - 1, 1)
