"""No call goes out inside a flood's window, or before a slow turn, whatever ends in between."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from service import (
    CLOCK,
    Counts,
    ended,
    make_worker,
    recruit,
    start,
    stored_ids,
    working,
    world_ids,
)
from structlog.testing import capture_logs
from waiting import wait_until

from collector.pacer import Pacer
from core.errors import FloodError, Paced
from core.job import Family
from core.pacing import CAREFUL, Budget
from core.run import RunState
from db.budgets import Budgets
from db.client import connect, database_of
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox


@asynccontextmanager
async def away() -> AsyncIterator[Budgets]:
    """The budgets of a MongoDB at an address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        uri = f"mongodb://127.0.0.1:{taken.getsockname()[1]}/?directConnection=true"
        async with connect(uri, timeout_ms=20) as client:
            yield Budgets(database_of(client, "none"))


def pacer_of(database: Database, budgets: dict[Family, Budget] | None = None) -> Pacer:
    return Pacer(1, budgets or {}, database.budgets, CLOCK, Counts())


@pytest.mark.parametrize("given_up", [False, True])
async def test_a_flood_that_mongodb_did_not_take_is_written_later(
    database: Database, monkeypatch: pytest.MonkeyPatch, given_up: bool
) -> None:
    """By whoever was flooded, or if he is gone by the account's next call."""
    monkeypatch.setattr("collector.rests.WRITE_AGAIN", 0.05)
    pacer = pacer_of(database)
    async with away() as nowhere, asyncio.TaskGroup() as room:
        pacer._rests.store = nowhere
        with capture_logs() as logs:
            flooded = room.create_task(pacer.flooded(Family.HISTORY, 90))
            await wait_until(
                lambda: "account.flood_unwritten" in [entry["event"] for entry in logs]
            )
        if given_up:
            flooded.cancel()
            await asyncio.wait({flooded})
        with pytest.raises(FloodError):
            await pacer(Family.HISTORY)
        pacer._rests.store = database.budgets
        if given_up:
            await pacer(Family.INFO)
    later = pacer_of(database)
    await later.load()
    with pytest.raises(FloodError) as flood:
        await later(Family.HISTORY)
    assert flood.value.reason == "flood"
    assert 60 < flood.value.seconds <= 91


async def test_a_new_worker_makes_no_call_inside_a_flood(database: Database) -> None:
    async with Sandbox(small_world(chats={"a_chat": 300}, accounts=1)) as sandbox:
        (account,) = await recruit(database, sandbox, sandbox.world.accounts)
        sandbox.faults.flood(3, method="messages.getHistory")
        async with working(make_worker(database, sandbox)):
            run = await start(database, "@a_chat", account=account)
            await wait_until(lambda: sandbox.counters.floods)
            await wait_until(lambda: database.budgets.rests(account.id))
        async with working(make_worker(database, sandbox)):
            assert await ended(database, run) == [RunState.DONE]
        assert sandbox.counters.floods == 1
        assert sandbox.counters.violations == 0
        assert sandbox.counters.family_violations == 0


async def test_a_worker_that_starts_again_does_not_join_at_once(database: Database) -> None:
    for _ in range(2):
        pacer = pacer_of(database, dict(CAREFUL))
        await pacer.load()
        with contextlib.suppress(Paced):
            await pacer(Family.JOIN)
            joined = pacer
    with pytest.raises(Paced) as paced:
        await pacer(Family.JOIN)
    assert joined is not pacer
    assert paced.value.reason == "paced"
    assert 440 < paced.value.seconds <= 450


async def test_what_was_used_of_a_slow_burst_stays_used(database: Database) -> None:
    slow = {Family.DIALOGS: Budget(rate=1 / 100, burst=2)}
    await pacer_of(database, slow)(Family.DIALOGS)
    second = pacer_of(database, slow)
    await second.load()
    await second(Family.DIALOGS)
    third = pacer_of(database, slow)
    await third.load()
    with pytest.raises(Paced) as paced:
        await third(Family.DIALOGS)
    assert 90 < paced.value.seconds <= 100


async def test_floods_that_grow_are_obeyed_and_cost_no_message(database: Database) -> None:
    async with Sandbox(small_world(chats={"a_chat": 900}, accounts=1)) as sandbox:
        history = "messages.getHistory"
        sandbox.faults.limit(history, calls=3, seconds=0.5, wait=1, escalate=True, most=4)
        await recruit(database, sandbox, sandbox.world.accounts)
        async with working(make_worker(database, sandbox)):
            assert await ended(database, await start(database, "@a_chat"), timeout=40) == [
                RunState.DONE
            ]
        assert await stored_ids(database, sandbox, "a_chat") == world_ids(sandbox, "a_chat")
        assert sandbox.counters.floods >= 2
        calls = sandbox.counters.calls
        assert [call for call in calls if call.violation or call.family_violation] == []
