"""A running job that Telegram makes wait says so, whatever call it waits with."""

from functools import partial

import pytest
from service import job_of, make_worker, recruit, start, working
from waiting import wait_until

from core.run import Run
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox


async def is_flooded(database: Database, run: Run) -> bool:
    wait = (await job_of(database, run)).wait
    return wait is not None and wait.why == "flood"


@pytest.mark.parametrize("method", ["messages.getHistory", "contacts.resolveUsername"])
async def test_a_job_says_that_its_very_first_call_is_flooded(
    database: Database, method: str
) -> None:
    async with Sandbox(small_world(chats={"a_chat": 300}, accounts=1)) as sandbox:
        (account,) = await recruit(database, sandbox, sandbox.world.accounts)
        sandbox.faults.flood(50, method=method)
        async with working(make_worker(database, sandbox)):
            run = await start(database, "@a_chat", account=account)
            await wait_until(partial(is_flooded, database, run), timeout=10)


async def test_a_job_says_nothing_of_a_call_that_another_one_waits_with(
    database: Database,
) -> None:
    chats = {"a_chat": 300, "other_chat": 300}
    async with Sandbox(small_world(chats=chats, accounts=1)) as sandbox:
        (account,) = await recruit(database, sandbox, sandbox.world.accounts)
        async with working(make_worker(database, sandbox)):
            sandbox.faults.silence(method="messages.getHistory")
            reading = await start(database, "@a_chat", account=account)
            await wait_until(
                lambda: sandbox.counters.totals[account.telegram_id, "messages.getHistory"]
            )
            sandbox.faults.flood(50, method="contacts.resolveUsername")
            resolving = await start(database, "@other_chat", account=account)
            await wait_until(partial(is_flooded, database, resolving), timeout=10)
            assert (await job_of(database, reading)).wait is None
