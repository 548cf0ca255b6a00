"""The pipeline on real parts: search, the choice of operator or rules, join, history."""

from collections.abc import AsyncIterator

import pytest
from service import CLOCK, ended, make_worker, recruit, start, stored_ids, working, world_ids
from waiting import wait_until

from core.account import Account
from core.found import Verdict
from core.job import Job, JobState
from core.membership import MembershipState
from core.options import TELEGRAM_SEARCH, GroupRules, JoinOptions, JoinPolicy, SearchOptions
from core.run import Run, RunState
from core.task import Step
from db.database import Database
from sandbox.entrance import Entrance
from sandbox.seed import SEARCH_BOTS, small_world
from sandbox.server import Sandbox

BOTS = tuple(f"@{bot.username}" for bot in SEARCH_BOTS)
SEARCH, JOIN, HISTORY = Step.SEARCH, Step.JOIN, Step.HISTORY


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    names = ("python_club", "python_news", "python_full", "python_door")
    world = small_world(
        chats=dict.fromkeys(names, 120) | {"city_walks": 50, "secret_circle": 60},
        accounts=2,
        topics=dict.fromkeys(names, ("en", "python")) | {"city_walks": ("zh", "city")},
        private=("secret_circle",),
        entrances={
            "python_club": Entrance(insiders=()),
            "python_full": Entrance(full=True, insiders=()),
            "python_door": Entrance(approval=True, insiders=()),
            "secret_circle": Entrance(invite="SecretHash01", insiders=()),
        },
        dead_invites=("DeadHash03",),
    )
    async with Sandbox(world) as running:
        yield running


@pytest.fixture
async def crew(database: Database, sandbox: Sandbox) -> list[Account]:
    return await recruit(database, sandbox, sandbox.world.accounts)


async def asking(database: Database, run: Run) -> Run:
    async def asked() -> Run | None:
        found = await database.runs.get(run.id)
        waits = found is not None and found.status.state is RunState.WAITING
        return found if waits and found.asks else None

    return await wait_until(asked, timeout=30)


async def test_ticked_groups_are_joined_and_read(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    search = SearchOptions(words=("python",), places=(*BOTS, TELEGRAM_SEARCH), pages=2)
    async with working(make_worker(database, sandbox)):
        run = await start(database, steps=(SEARCH, JOIN, HISTORY), search=search)
        await asking(database, run)
        found = {group.source: group for group in await database.found.of_run(run.id)}
        assert {"@python_club", "@python_news", "@python_full"} <= found.keys()
        assert len({group.place for group in found.values()}) >= 2
        for name in ("@python_club", "@python_news"):
            await database.found.tick(run.id, [found[name].rank], ticked=True)
        await database.runs.chosen(run.id, CLOCK.now())
        assert await ended(database, run) == [RunState.DONE]
    jobs = await database.jobs.of_run(run.id)
    read = {job.source for job in jobs if job.step is HISTORY}
    assert read == {"@python_club", "@python_news"}
    for name in ("python_club", "python_news"):
        assert await stored_ids(database, sandbox, name) == world_ids(sandbox, name)


async def test_rules_choose_where_nobody_is_asked_and_a_full_group_fails_alone(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    search = SearchOptions(words=("python",))
    join = JoinOptions(policy=JoinPolicy.AUTO, rules=GroupRules(without=("door",), most=3))
    async with working(make_worker(database, sandbox)):
        run = await start(database, steps=(SEARCH, JOIN, HISTORY), search=search, join=join)
        assert await ended(database, run) == [RunState.PARTIAL]
    failed = [job for job in await database.jobs.of_run(run.id) if job.state is JobState.FAILED]
    assert [(job.source, job.failure.reason) for job in failed] == [("@python_full", "chat_full")]
    verdicts = {group.source: group.verdict for group in await database.found.of_run(run.id)}
    assert verdicts["@python_door"] is Verdict.EXCLUDED
    assert await stored_ids(database, sandbox, "python_club") == world_ids(sandbox, "python_club")


async def test_a_search_alone_only_finds(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    search = SearchOptions(words=("python", "nothing_like_this"), places=(BOTS[0],))
    async with working(make_worker(database, sandbox)):
        run = await start(database, steps=(SEARCH,), search=search)
        assert await ended(database, run) == [RunState.DONE]
    assert await database.found.count(run.id) >= 10
    assert not sandbox.counters.joins


async def test_an_invite_lets_in_and_is_read_by_who_was_let_in(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    async with working(make_worker(database, sandbox)):
        run = await start(database, "+SecretHash01", "+DeadHash03", steps=(JOIN, HISTORY))
        assert await ended(database, run) == [RunState.PARTIAL]
        again = await start(database, "+SecretHash01", steps=(JOIN,))
        assert await ended(database, again) == [RunState.DONE]
    chat = sandbox.world.titled("secret_circle")
    marked = -1_000_000_000_000 - chat.id
    assert [one async for one in database.messages.ids(marked)] == list(chat.ids())
    (joined,) = (await database.memberships.members_of([marked]))[marked]
    history = next(j for j in await database.jobs.of_run(run.id) if j.step is HISTORY)
    assert history.keys == (f"a{joined}",)
    reasons = [job.failure.reason for job in await database.jobs.of_run(run.id) if job.failure]
    assert reasons == ["invite_expired"]


async def test_a_request_waits_and_goes_on_once_it_is_granted(
    database: Database,
    sandbox: Sandbox,
    crew: list[Account],
) -> None:
    async def request() -> Job | None:
        jobs = await database.jobs.of_run(run.id)
        asked = (job for job in jobs if job.wait is not None and job.wait.why == "join_pending")
        return next(asked, None)

    async with working(make_worker(database, sandbox)):
        run = await start(database, "@python_door", steps=(JOIN, HISTORY))
        job = await wait_until(request, timeout=20)
        assert job.is_pinned()
        (asked,) = sandbox.world.membership.requests()
        sandbox.society.approve(*asked)
        await database.jobs.wake(job.wait.until)
        assert await ended(database, run) == [RunState.DONE]
    ids = await stored_ids(database, sandbox, "python_door")
    assert ids == world_ids(sandbox, "python_door")


async def test_a_chat_that_was_joined_for_a_task_is_known_as_such(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    async with working(make_worker(database, sandbox)):
        run = await start(database, "@python_club", account=crew[0], steps=(JOIN,))
        assert await ended(database, run) == [RunState.DONE]
        again = await start(database, "@python_club", account=crew[0], steps=(JOIN,))
        assert await ended(database, again) == [RunState.DONE]
    (joined,) = await database.memberships.joined_for(run.task)
    assert (joined.account, joined.state) == (crew[0].id, MembershipState.MEMBER)
    assert not await database.memberships.joined_for(again.task)
    (job,) = await database.jobs.of_run(again.id)
    assert job.note == "already_member"
    account = await database.accounts.get(crew[0].id)
    assert account.slots.used >= 1


async def test_answers_of_two_searches_at_one_bot_are_not_mixed_up(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    search = SearchOptions(words=("python", "city"), places=(BOTS[1],), pages=1)
    async with working(make_worker(database, sandbox)):
        run = await start(database, account=crew[0], steps=(SEARCH,), search=search)
        assert await ended(database, run) == [RunState.DONE]
    words = {group.source: group.word for group in await database.found.of_run(run.id)}
    assert words["@python_club"] == "python"
    assert words["@city_walks"] == "city"
