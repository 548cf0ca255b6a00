"""Search bots are slow, silent, busy and suspicious: what they say in the end is what counts."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from service import ended, make_worker, recruit, start, working
from waiting import wait_until

from collector.jobs import search as step
from core.account import Account
from core.chat import Chat, ChatKind, Peer
from core.found import FoundGroup
from core.job import Job, Note
from core.message import Message
from core.options import SearchOptions
from core.run import Intent, Run, RunState
from core.task import Step
from db.database import Database
from sandbox.chat import ChatKind as SandboxKind
from sandbox.entrance import Entrance
from sandbox.seed import SEARCH_BOTS, small_world
from sandbox.server import Sandbox

BUTTON_BOT, START_BOT = (f"@{bot.username}" for bot in SEARCH_BOTS)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    names = ("python_club", "python_news", "python_tips")
    world = small_world(
        chats=dict.fromkeys((*names, "python_circle"), 20),
        kinds={"python_news": SandboxKind.CHANNEL},
        accounts=1,
        topics=dict.fromkeys((*names, "python_circle"), ("en", "python")),
        private=("python_circle",),
        entrances={"python_circle": Entrance(invite="SecretHash01", insiders=())},
    )
    async with Sandbox(world) as running:
        yield running


@pytest.fixture
async def crew(database: Database, sandbox: Sandbox) -> list[Account]:
    return await recruit(database, sandbox, sandbox.world.accounts)


async def search(database: Database, word: str, *places: str, pages: int = 1) -> Run:
    options = SearchOptions(words=(word,), places=places or (START_BOT,), pages=pages)
    return await start(database, steps=(Step.SEARCH,), search=options)


async def told(database: Database, run: Run) -> tuple[RunState, Job, dict[str, FoundGroup]]:
    """How the run ended, its one job, and what it found."""
    (state,) = await ended(database, run)
    (job,) = await database.jobs.of_run(run.id)
    return state, job, {one.source: one for one in await database.found.of_run(run.id)}


def asked(sandbox: Sandbox) -> bool:
    """Whether the words were sent to a bot that had been greeted."""
    return sum(sandbox.counters.searches.values()) >= 3


async def waits_with(database: Database, run: Run, why: str) -> None:
    async def waits() -> bool:
        jobs = await database.jobs.of_run(run.id)
        return any(job.wait is not None and job.wait.why == why for job in jobs)

    await wait_until(waits, timeout=20)


async def test_what_a_bot_says_in_the_end_is_the_answer(
    database: Database, sandbox: Sandbox, crew: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, "SETTLED", 0.0)
    rules = sandbox.search_rules
    async with working(make_worker(database, sandbox)):
        for bot in (START_BOT, BUTTON_BOT):
            rules.placeholder(1.8, keyword="python")
            _, _, found = await told(database, await search(database, "python", bot))
            assert {"@python_club", "@python_news"} <= found.keys(), bot
            assert found["@python_club"].kind is ChatKind.SUPERGROUP
            assert found["@python_news"].kind is ChatKind.CHANNEL
            rules.clear()

        rules.slow(1.2)
        _, _, found = await told(database, await search(database, "python"))
        assert "@python_club" in found
        rules.clear()

        rules.suspicious(keyword="python")
        state, _, found = await told(database, await search(database, "python", BUTTON_BOT))
        assert state is RunState.DONE
        assert "@python_club" in found

        rules.nothing(keyword="python")
        state, job, found = await told(database, await search(database, "python"))
        assert (state, job.note, found) == (RunState.DONE, None, {})
        rules.clear()

        rules.suspicious(keyword="python", times=None)
        state, job, _ = await told(database, await search(database, "python", BUTTON_BOT))
        assert (state, job.failure and job.failure.reason) == (RunState.FAILED, "bot_guarded")
        rules.clear()

        rules.busy(keyword="python", times=1)
        run = await search(database, "python")
        await waits_with(database, run, "bot_busy")
        _, _, found = await told(database, run)
        assert "@python_club" in found


async def test_a_silent_bot_is_asked_again_and_a_missing_page_is_told(
    database: Database, sandbox: Sandbox, crew: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, "PATIENCE", 1.0)
    sandbox.search_rules.silent(keyword="python", times=1)
    sandbox.search_rules.stuck(keyword="python")
    async with working(make_worker(database, sandbox)):
        run = await search(database, "python", pages=2)
        await waits_with(database, run, "bot_silent")
        state, job, found = await told(database, run)
    assert (state, job.note) == (RunState.DONE, Note.PAGES_MISSING)
    assert "@python_club" in found


async def test_a_stop_ends_a_search_whose_bot_is_silent(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    sandbox.search_rules.silent()
    async with working(make_worker(database, sandbox)):
        run = await search(database, "python", START_BOT)
        await wait_until(lambda: asked(sandbox), timeout=20)
        await database.runs.set_intent(run.id, Intent.CANCEL)
        assert await ended(database, run, timeout=2) == [RunState.CANCELLED]


async def test_groups_are_known_once_something_of_them_is_stored(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    """A chat that was only looked up is none of them; one behind an invite may be."""
    (account,), world = crew, sandbox.world
    club, news, circle = (
        -1_000_000_000_000 - chat.id
        for chat in (
            world.chat("python_club"),
            world.chat("python_news"),
            world.titled("python_circle"),
        )
    )
    for chat, name in ((club, "python_club"), (news, "python_news"), (circle, None)):
        kind = ChatKind.SUPERGROUP
        await database.chats.save(Chat(id=chat, kind=kind, title="Seen", username=name))
    peer = Peer(chat=circle, kind=ChatKind.SUPERGROUP, access_hash=1)
    await database.memberships.joined(account.id, peer, "+SecretHash01", NOW, task=None)
    for chat in (club, circle):
        await database.messages.add_new([Message(chat=chat, box="", id=1, date=NOW, text="x")])
    async with working(make_worker(database, sandbox)):
        _, _, found = await told(database, await search(database, "python", pages=3))
    known = {source for source, one in found.items() if one.known}
    assert known == {"@python_club", "+SecretHash01"}
    assert found["@python_news"].chat == news
