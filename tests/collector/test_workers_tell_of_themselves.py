"""Signs of life, handing over within seconds, leaving chats of tasks that are gone."""

from contextlib import AsyncExitStack

import pytest
from service import CLOCK, ended, make_worker, recruit, start, working
from waiting import wait_until

from core.membership import MembershipState
from core.options import JoinOptions
from core.run import RunState
from core.task import Schedule, Step, TaskSpec
from core.worker import WorkerSign
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHAT = "long_chat"


@pytest.fixture
async def sandbox() -> Sandbox:
    async with Sandbox(small_world(chats={CHAT: 2000}, accounts=3)) as sandbox:
        sandbox.faults.delay(0.05, method="messages.getHistory")
        yield sandbox


async def test_a_worker_that_drains_hands_its_accounts_over_within_seconds(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts[:2])
    first = make_worker(database, sandbox, name="w1")
    heir = make_worker(database, sandbox, name="w2")
    async with AsyncExitStack() as stack:
        async with working(first):
            await wait_until(lambda: first.connected() == 2)
            run = await start(database, f"@{CHAT}")
            await wait_until(lambda: is_running(database))
            await stack.enter_async_context(working(heir))
            began = CLOCK.elapsed()
        gone = (await signs(database))["w1"]
        assert gone.left_at is not None
        assert gone.draining
        await wait_until(lambda: heir.connected() == 2)
        assert CLOCK.elapsed() - began < 4
        assert await ended(database, run) == [RunState.DONE]
        assert [name for name, sign in (await signs(database)).items() if not sign.is_gone()] == [
            "w2"
        ]
    jobs = await database.jobs.of_run(run.id)
    assert [job.attempts for job in jobs] <= [1]


async def test_what_was_joined_for_a_task_is_left_with_it(
    database: Database, sandbox: Sandbox
) -> None:
    [account] = await recruit(database, sandbox, sandbox.world.accounts[:1])
    task = await database.tasks.add(
        owner=1,
        chat=1,
        spec=TaskSpec(sources=(f"@{CHAT}",), steps=(Step.JOIN,), join=JoinOptions(leave=True)),
        schedule=Schedule(),
        next_due=None,
        now=CLOCK.now(),
    )
    run = await database.runs.open(task, due=CLOCK.now(), now=CLOCK.now())
    assert run is not None
    async with working(make_worker(database, sandbox)):
        assert await ended(database, run) == [RunState.DONE]
        [membership] = await database.memberships.joined_for(task.id)
        assert await database.memberships.let_go(task.id) == 1

        async def left() -> bool:
            now = await database.memberships.of_chat(account.id, membership.chat or 0)
            return now is not None and now.state is MembershipState.LEFT

        await wait_until(left, timeout=10)
    assert await database.memberships.leaving([account.id]) == []
    assert any(call.method == "channels.leaveChannel" for call in sandbox.counters.calls)


async def signs(database: Database) -> dict[str, WorkerSign]:
    found, _ = await database.workers.page(0, 20)
    return {sign.id: sign for sign in found}


async def is_running(database: Database) -> bool:
    return bool(await database.jobs.running())
