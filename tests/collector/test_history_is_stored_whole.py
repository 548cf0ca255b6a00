"""The step `history`: what is asked for is stored, once, and what is proven is not read again."""

from datetime import timedelta

import pytest
from service import (
    again,
    ended,
    job_of,
    make_worker,
    progress_of,
    recruit,
    start,
    stored_ids,
    working,
    world_ids,
)
from waiting import wait_until

from bench.soak.truth import marked, plain, truth
from core.chat import Chat, ChatKind, Peer
from core.options import HistoryOptions
from core.run import Intent, RunState
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHATS = {"alpha_chat": 730, "beta_chat": 420, "gamma_chat": 12}


@pytest.fixture
async def sandbox() -> Sandbox:
    async with Sandbox(small_world(chats=CHATS, accounts=3)) as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    ("name", "skim"), [(name, skim) for name in CHATS for skim in (True, False)]
)
async def test_every_field_of_every_message_is_stored(
    database: Database, sandbox: Sandbox, name: str, skim: bool
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    async with working(make_worker(database, sandbox, skim=skim)):
        assert await ended(database, await start(database, f"@{name}")) == [RunState.DONE]
    chat = sandbox.world.chat(name)
    stored = [plain(one) async for one in database.messages.stream(marked(chat.id))]
    assert stored == [truth(one.to_dict(), shown_names(sandbox, name)) for one in chat.messages()]


def shown_names(sandbox: Sandbox, name: str) -> dict[int, str]:
    people = {one.id: one.name for one in sandbox.world.chat(name).senders.values()}
    return people | {marked(chat.id): chat.title for chat in sandbox.world.chats.values()}


def calls(sandbox: Sandbox, method: str = "messages.getHistory") -> int:
    return sum(call.method == method for call in sandbox.counters.calls)


async def test_every_message_of_every_source_is_stored(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    async with working(make_worker(database, sandbox)):
        run = await start(database, *(f"@{name}" for name in CHATS))
        assert await ended(database, run) == [RunState.DONE]
    for name in CHATS:
        assert await stored_ids(database, sandbox, name) == world_ids(sandbox, name)
    progress = await progress_of(database, run)
    assert progress.read == progress.new == progress.total == sandbox.world.chat("alpha_chat").count


async def test_a_second_run_reads_only_what_is_not_proven(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    async with working(make_worker(database, sandbox)):
        run = await start(database, "@alpha_chat")
        await ended(database, run)
        before = calls(sandbox)
        second = await again(database, run)
        assert await ended(database, second) == [RunState.DONE]
    assert calls(sandbox) - before == 1
    progress = await progress_of(database, second)
    assert (progress.new, progress.known) == (0, sandbox.world.chat("alpha_chat").count)


async def test_a_limit_takes_the_newest_and_a_later_run_the_rest(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    everything = world_ids(sandbox, "alpha_chat")
    async with working(make_worker(database, sandbox)):
        run = await start(database, "@alpha_chat", history=HistoryOptions(limit=250))
        assert await ended(database, run) == [RunState.DONE]
        assert await stored_ids(database, sandbox, "alpha_chat") == everything[-250:]
        assert await ended(database, await again(database, run)) == [RunState.DONE]
        assert await stored_ids(database, sandbox, "alpha_chat") == everything[-250:]
        whole = await start(database, "@alpha_chat")
        assert await ended(database, whole) == [RunState.DONE]
    assert await stored_ids(database, sandbox, "alpha_chat") == everything
    progress = await progress_of(database, whole)
    assert (progress.new, progress.known) == (len(everything) - 250, 250)


async def test_dates_bound_what_is_read(database: Database, sandbox: Sandbox) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    chat = sandbox.world.chat("alpha_chat")
    messages = [chat.message(number) for number in sorted(chat.ids())]
    since = messages[200].date
    until = messages[500].date
    expected = [m.id for m in messages if since <= m.date <= until]
    async with working(make_worker(database, sandbox)):
        options = HistoryOptions(since=since, until=until)
        run = await start(database, "@alpha_chat", history=options)
        assert await ended(database, run) == [RunState.DONE]
        assert await stored_ids(database, sandbox, "alpha_chat") == expected
        future = HistoryOptions(since=messages[-1].date + timedelta(days=1))
        nothing = await start(database, "@beta_chat", history=future)
        assert await ended(database, nothing) == [RunState.DONE]
    assert await stored_ids(database, sandbox, "beta_chat") == []


async def test_the_source_is_resolved_once_per_account(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    async with working(make_worker(database, sandbox)):
        for _ in range(3):
            await ended(database, await start(database, "@gamma_chat"))
    assert calls(sandbox, "contacts.resolveUsername") == 1


async def test_a_refused_access_hash_is_resolved_again_once(
    database: Database, sandbox: Sandbox
) -> None:
    (account,) = await recruit(database, sandbox, sandbox.world.accounts[:1])
    chat = marked(sandbox.world.chat("gamma_chat").id)
    stale = Peer(chat=chat, kind=ChatKind.SUPERGROUP, access_hash=1)
    await database.chats.save(Chat(id=chat, kind=ChatKind.SUPERGROUP, title="Gamma"))
    await database.memberships.remember(account.id, stale, "gamma_chat")
    async with working(make_worker(database, sandbox)):
        assert await ended(database, await start(database, "@gamma_chat")) == [RunState.DONE]
    assert await stored_ids(database, sandbox, "gamma_chat") == world_ids(sandbox, "gamma_chat")
    assert calls(sandbox, "contacts.resolveUsername") == 1


async def test_a_stop_takes_effect_and_keeps_what_is_stored(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    sandbox.faults.delay(0.2, method="messages.getHistory")
    async with working(make_worker(database, sandbox)):
        run = await start(database, "@alpha_chat")

        async def some() -> bool:
            return bool(await stored_ids(database, sandbox, "alpha_chat"))

        await wait_until(some)
        await database.runs.set_intent(run.id, Intent.CANCEL)
        assert await ended(database, run, timeout=2) == [RunState.CANCELLED]
        kept = await stored_ids(database, sandbox, "alpha_chat")
        assert 0 < len(kept) < sandbox.world.chat("alpha_chat").count
        sandbox.faults.clear()
        assert await ended(database, await again(database, run)) == [RunState.DONE]
    assert await stored_ids(database, sandbox, "alpha_chat") == world_ids(sandbox, "alpha_chat")
    assert (await job_of(database, run)).state == "cancelled"
