"""Three tasks on one account overlap, and six automatic ones on two are three and three."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from service import (
    CLOCK,
    ended,
    job_of,
    make_worker,
    recruit,
    start,
    stored_ids,
    working,
    world_ids,
)
from waiting import wait_until

from core.run import Run, RunState
from core.task import AccountPolicy, Schedule, ScheduleKind, Task, TaskSpec
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHATS = {f"chat_number_{n}": 600 for n in range(6)}


@pytest.fixture
async def sandbox() -> Sandbox:
    async with Sandbox(small_world(chats=CHATS, accounts=3)) as sandbox:
        sandbox.faults.delay(0.1, method="messages.getHistory")
        yield sandbox


def most_at_once(sandbox: Sandbox) -> int:
    """The largest number of history calls that were in flight at one moment."""
    edges = []
    for call in sandbox.counters.calls:
        if call.method == "messages.getHistory" and call.answered_at is not None:
            edges += [(call.received_at, 1), (call.answered_at, -1)]
    flying = most = 0
    for _, change in sorted(edges):
        flying += change
        most = max(most, flying)
    return most


async def test_three_tasks_pinned_to_one_account_overlap(
    database: Database, sandbox: Sandbox
) -> None:
    account, _ = await recruit(database, sandbox, sandbox.world.accounts[:2])
    sources = list(CHATS)[:3]
    sandbox.faults.delay(0.4, method="messages.getHistory")
    runs = [await start(database, f"@{name}", account=account) for name in sources]
    async with working(make_worker(database, sandbox)):
        assert await ended(database, *runs) == [RunState.DONE] * 3
    assert most_at_once(sandbox) == 3
    assert {(await job_of(database, run)).account for run in runs} == {account.id}
    for name in sources:
        assert await stored_ids(database, sandbox, name) == world_ids(sandbox, name)


async def test_six_automatic_tasks_on_two_equal_accounts_end_three_and_three(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:2])
    async with working(make_worker(database, sandbox)) as worker:
        await wait_until(lambda: worker.connected() == 2)
        runs = [await start(database, f"@{name}") for name in CHATS]
        assert await ended(database, *runs) == [RunState.DONE] * 6
    assert await shares(database, runs) == [3, 3]


async def test_two_workers_with_an_account_each_share_three_and_three(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:2])
    one = make_worker(database, sandbox, name="w1", accounts=1)
    two = make_worker(database, sandbox, name="w2", accounts=1)
    async with working(one), working(two):
        await wait_until(lambda: one.connected() == two.connected() == 1)
        runs = [await start(database, f"@{name}") for name in CHATS]
        assert await ended(database, *runs) == [RunState.DONE] * 6
    assert await shares(database, runs) == [3, 3]


async def test_an_interval_fires_twice_with_two_workers_and_each_time_is_one_run(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    task = await every_two_seconds(database)
    async with (
        working(make_worker(database, sandbox, name="w1")),
        working(make_worker(database, sandbox, name="w2")),
    ):
        await wait_until(lambda: runs_of(database, task, 2), timeout=15)
    dues = await runs_of(database, task, 2)
    assert len(set(dues)) == len(dues)
    assert all((due - task.schedule.anchor) % task.schedule.every == ZERO for due in dues)


async def test_a_time_missed_while_the_service_was_down_runs_once(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    missed = CLOCK.now() - timedelta(hours=3)
    schedule = Schedule(kind=ScheduleKind.EVERY, every=timedelta(hours=1), anchor=missed)
    task = await database.tasks.add(
        owner=1,
        chat=1,
        spec=TaskSpec(sources=("@chat_number_0",)),
        schedule=schedule,
        next_due=missed,
        now=missed,
    )
    async with working(make_worker(database, sandbox)):
        (due,) = await wait_until(lambda: runs_of(database, task, 1))
        run = await database.runs.latest_of(task.id)
        await ended(database, run)

        async def caught_up() -> bool:
            return (await database.tasks.get(task.id)).next_due > CLOCK.now()

        await wait_until(caught_up)
    assert due == missed
    assert await runs_of(database, task, 1) == [missed]
    after = await database.tasks.get(task.id)
    assert CLOCK.now() < after.next_due <= CLOCK.now() + timedelta(hours=1)


async def test_runs_of_one_task_never_overlap_when_a_time_comes_too_early(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:1])
    sandbox.faults.delay(0.5, method="messages.getHistory")
    task = await every_two_seconds(database)
    async with working(make_worker(database, sandbox)):
        (first,) = await wait_until(lambda: runs_of(database, task, 1))

        async def skipped() -> bool:
            now = await database.tasks.get(task.id)
            return now.next_due > first + 2 * task.schedule.every

        await wait_until(skipped, timeout=10)
        assert len(await runs_of(database, task, 1)) == 1


ZERO = timedelta(0)


async def shares(database: Database, runs: list[Run]) -> list[int]:
    accounts = Counter([(await job_of(database, run)).account for run in runs])
    return sorted(accounts.values())


async def every_two_seconds(database: Database) -> Task:
    now = CLOCK.now()
    schedule = Schedule(kind=ScheduleKind.EVERY, every=timedelta(seconds=2), anchor=now)
    spec = TaskSpec(sources=("@chat_number_0",), policy=AccountPolicy())
    return await database.tasks.add(
        owner=1, chat=1, spec=spec, schedule=schedule, next_due=now, now=now
    )


async def runs_of(database: Database, task: Task, at_least: int) -> list[datetime] | None:
    dues = await database.runs.dues_of(task.id)
    return dues if len(dues) >= at_least else None
