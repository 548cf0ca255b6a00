"""A task of a pool is done by the accounts of the pool, whoever else is free."""

import pytest
from service import CLOCK, ended, job_of, make_worker, recruit, working
from waiting import wait_until

from core.run import Run, RunState
from core.task import AccountPolicy, Schedule, TaskSpec
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHATS = {f"chat_number_{n}": 200 for n in range(4)}


@pytest.fixture
async def sandbox() -> Sandbox:
    async with Sandbox(small_world(chats=CHATS, accounts=3)) as sandbox:
        sandbox.faults.delay(0.05, method="messages.getHistory")
        yield sandbox


async def test_only_its_members_work_and_they_share(database: Database, sandbox: Sandbox) -> None:
    crew = await recruit(database, sandbox, sandbox.world.accounts[:3])
    first, second, outsider = (account.id for account in crew)
    pool = AccountPolicy.pool(first, second)
    async with working(make_worker(database, sandbox)) as worker:
        await wait_until(lambda: worker.connected() == 3)
        runs = [await start(database, f"@{name}", pool) for name in CHATS]
        assert await ended(database, *runs) == [RunState.DONE] * 4
        assert {(await job_of(database, run)).account for run in runs} == {first, second}
        run = await start(database, "@chat_number_1", AccountPolicy.pinned(outsider))
        assert await ended(database, run) == [RunState.DONE]
        assert (await job_of(database, run)).account == outsider


async def start(database: Database, source: str, policy: AccountPolicy) -> Run:
    now = CLOCK.now()
    spec = TaskSpec(sources=(source,), policy=policy)
    task = await database.tasks.add(
        owner=1, chat=1, spec=spec, schedule=Schedule(), next_due=None, now=now
    )
    run = await database.runs.open(task, due=now, now=now)
    assert run is not None
    return run
