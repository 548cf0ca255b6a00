"""A join ends well, goes on with another account, or says why not: none waits for ever."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from service import CLOCK, ended, make_worker, recruit, start, working
from waiting import wait_until

from collector.jobs.join import JOIN_PATIENCE
from core.account import Account, AccountState
from core.clock import SystemClock
from core.job import Family, Job, JobState
from core.membership import MembershipState, Slots
from core.pacing import Budget
from core.run import Intent, Run, RunState
from core.task import Step
from db.database import Database
from sandbox.entrance import Entrance
from sandbox.seed import small_world
from sandbox.server import Sandbox

JOIN = Step.JOIN
NAMES = ("first_club", "second_club", "third_club", "fourth_club", "gated_club")


class MovedClock(SystemClock):
    """A clock whose time of day can be set forward."""

    by = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.by


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    hidden = ("secret_circle", "strict_circle")
    world = small_world(
        chats=dict.fromkeys((*NAMES, *hidden), 20),
        accounts=2,
        premium=[1],
        private=hidden,
        entrances=dict.fromkeys(NAMES, Entrance(insiders=()))
        | {
            "gated_club": Entrance(approval=True, insiders=()),
            "secret_circle": Entrance(invite="SecretHash01", insiders=()),
            "strict_circle": Entrance(invite="StrictHash02", approval=True, insiders=()),
        },
        channels_limits=(1, 2),
    )
    async with Sandbox(world) as running:
        yield running


@pytest.fixture
async def crew(database: Database, sandbox: Sandbox) -> list[Account]:
    return await recruit(database, sandbox, sandbox.world.accounts)


async def join_of(database: Database, run: Run) -> Job:
    (job,) = await database.jobs.of_run(run.id)
    return job


def reasons(jobs: list[Job]) -> list[str]:
    return sorted(job.failure.reason for job in jobs if job.failure)


async def until_pending(database: Database, *runs: Run, after: datetime) -> list[Job]:
    """Their jobs, once all wait for an administrator until a time after this one."""

    async def pending() -> list[Job] | None:
        jobs = [job for run in runs for job in await database.jobs.of_run(run.id)]
        waits = [job.wait for job in jobs if job.wait and job.wait.why == "join_pending"]
        asked = [wait for wait in waits if wait.until and wait.until > after]
        return jobs if len(asked) == len(runs) else None

    return await wait_until(pending, timeout=20)


async def test_a_full_account_says_so_enters_nothing_and_is_counted_anew(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    plain, world = crew[1], sandbox.world
    async with working(make_worker(database, sandbox)):
        first = await start(database, "@first_club", account=plain, steps=(JOIN,))
        assert await ended(database, first) == [RunState.DONE]
        second = await start(database, "@second_club", account=plain, steps=(JOIN,))
        third = await start(database, "+SecretHash01", account=plain, steps=(JOIN,))
        assert await ended(database, second, third) == [RunState.FAILED] * 2
        for run in (second, third):
            assert (await join_of(database, run)).failure.reason == "too_many_chats"

        inside = await start(database, "@first_club", account=plain, steps=(JOIN,))
        assert await ended(database, inside) == [RunState.DONE]
        assert (await join_of(database, inside)).note == "already_member"

        me, chat = world.accounts[1].id, world.chat("first_club")
        sandbox.society.leave_chat(me, chat)
        await database.accounts.recount_full()
        await database.runs.reopen(second.id, CLOCK.now())
        assert await database.jobs.retry_failed(second.id) == 1
        assert await ended(database, second) == [RunState.DONE]
    assert world.joined(me, world.chat("second_club").id)


async def test_joins_fill_the_crew_and_what_is_left_fails_with_its_reason(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    names = [f"@{name}" for name in NAMES[:4]]
    async with working(make_worker(database, sandbox)):
        run = await start(database, *names, steps=(JOIN,))
        assert await ended(database, run) == [RunState.PARTIAL]
        jobs = await database.jobs.of_run(run.id)
        assert reasons(jobs) == ["too_many_chats"]
        again = await start(database, "@fourth_club", "@first_club", steps=(JOIN,))
        await ended(database, again)
    done = [job.account for job in jobs if job.state is JobState.DONE]
    assert sorted(done) == [crew[0].id, crew[0].id, crew[1].id]


async def test_a_count_that_is_hours_old_is_made_again(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    stale = Slots(used=1, limit=1, counted_at=CLOCK.now() - timedelta(hours=7))
    for account in crew:
        await database.accounts.set_slots(account.id, stale)
    async with working(make_worker(database, sandbox)):
        run = await start(database, "@first_club", steps=(JOIN,))
        assert await ended(database, run) == [RunState.DONE]
    account = await database.accounts.get((await join_of(database, run)).account)
    assert (account.slots.used, account.slots.holds(CLOCK.now())) == (1, True)


async def test_chats_that_are_entered_at_once_are_counted_once(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    """Whoever counted now would see the account in a chat whose joining is not told yet."""
    slow = {Family.DIALOGS: Budget(rate=1.0)}
    sandbox.faults.delay(0.3, method="help.getAppConfig")
    for enter in ("channels.joinChannel", "messages.importChatInvite"):
        sandbox.faults.delay(1.5, method=enter)
    async with working(make_worker(database, sandbox, budgets=slow)):
        both = ("+SecretHash01", "@first_club")
        run = await start(database, *both, account=crew[0], steps=(JOIN,))
        assert await ended(database, run) == [RunState.DONE]
    account = await database.accounts.get(crew[0].id)
    assert (account.slots.used, account.slots.limit) == (2, 2)


@pytest.mark.parametrize(
    ("error", "source"),
    [("CHANNEL_PRIVATE", "+SecretHash01"), ("USER_BANNED_IN_CHANNEL", "@first_club")],
)
async def test_who_was_put_out_is_refused_alone_and_another_account_goes_on(
    database: Database, sandbox: Sandbox, crew: list[Account], error: str, source: str
) -> None:
    world, first, person = sandbox.world, crew[0], sandbox.world.accounts[0].id
    club, circle = world.chat("first_club"), world.titled("secret_circle")
    async with working(make_worker(database, sandbox)):
        both = ("+SecretHash01", "@first_club")
        run = await start(database, *both, account=first, steps=(JOIN,))
        assert await ended(database, run) == [RunState.DONE]
        for chat in (club, circle):
            sandbox.society.put_out(person, chat.id, error)
        for refused in both:
            run = await start(database, refused, account=first, steps=(JOIN,))
            assert await ended(database, run) == [RunState.FAILED]
            assert (await join_of(database, run)).failure.reason == "join_refused"
        told = await database.accounts.get(first.id)
        assert (told.state, told.slots.free()) == (AccountState.READY, 2)

        one = Slots(used=0, limit=1, counted_at=CLOCK.now())
        await database.accounts.set_slots(crew[1].id, one)
        run = await start(database, source, steps=(JOIN,))
        assert await ended(database, run) == [RunState.DONE]
        assert (await join_of(database, run)).account == crew[1].id
    for chat in (club, circle):
        known = await database.memberships.of_chat(first.id, -1_000_000_000_000 - chat.id)
        assert known.state is MembershipState.KICKED


async def test_a_source_that_refuses_everybody_fails_and_may_be_tried_by_all_again(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    club = sandbox.world.chat("first_club")
    for person in sandbox.world.accounts:
        sandbox.society.put_out(person.id, club.id)
    async with working(make_worker(database, sandbox)):
        run = await start(database, "@first_club", steps=(JOIN,))
        assert await ended(database, run) == [RunState.FAILED]
        job = await join_of(database, run)
        assert job.failure.reason == "join_refused"
        assert set(job.keys) == {f"a{account.id}" for account in crew}


async def test_requests_are_looked_after_and_expire_when_nobody_answers(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    clock, person = MovedClock(), sandbox.world.accounts[0].id
    gated, strict = sandbox.world.chat("gated_club"), sandbox.world.titled("strict_circle")
    async with working(make_worker(database, sandbox, clock=clock)):
        runs = [
            await start(database, source, account=crew[0], steps=(JOIN,))
            for source in ("@gated_club", "+StrictHash02")
        ]
        await until_pending(database, *runs, after=clock.now())
        sandbox.society.decline(person, gated.id)
        clock.by = timedelta(hours=1)
        later = await until_pending(database, *runs, after=clock.now())
        assert [job.attempts for job in later] == [0, 0]

        clock.by = JOIN_PATIENCE + timedelta(hours=2)
        assert await ended(database, *runs) == [RunState.FAILED] * 2
        for run in runs:
            assert (await join_of(database, run)).failure.reason == "join_not_approved"
        sandbox.society.approve(person, strict.id)
        await database.runs.reopen(runs[1].id, clock.now())
        await database.jobs.retry_failed(runs[1].id)
        assert await ended(database, runs[1]) == [RunState.DONE]


async def test_a_stop_ends_a_join_that_waits_for_its_turn(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    slow = {Family.JOIN: Budget(rate=1 / 20)}
    async with working(make_worker(database, sandbox, budgets=slow)):
        names = ("@first_club", "@second_club")
        run = await start(database, *names, account=crew[0], steps=(JOIN,))

        async def waits() -> bool:
            jobs = await database.jobs.of_run(run.id)
            return {job.state for job in jobs} == {JobState.DONE, JobState.RUNNING}

        await wait_until(waits, timeout=20)
        await database.runs.set_intent(run.id, Intent.CANCEL)
        assert await ended(database, run, timeout=2) == [RunState.CANCELLED]
