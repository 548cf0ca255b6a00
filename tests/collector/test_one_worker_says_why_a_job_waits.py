"""Several collectors: of each job that waits one says why, and only when that changes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from itertools import chain, combinations, product
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandListener
from service import make_worker, recruit, start, working
from waiting import wait_until

from core.account import Account, AccountState
from core.job import Family, Job, JobState
from core.options import HistoryOptions
from core.planning import speaker
from core.task import Step
from db.client import MongoDatabase, database_of
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Said(CommandListener):
    """How often somebody wrote why a job waits, by what was said."""

    def __init__(self) -> None:
        self.waits: Counter[str | None] = Counter()

    def started(self, event: Any) -> None:
        if event.command.get("update") != "jobs":
            return
        for one in event.command["updates"]:
            change = one["u"].get("$set", {}) if isinstance(one["u"], dict) else {}
            if set(change) == {"wait"}:
                self.waits[(change["wait"] or {}).get("why")] += 1

    def succeeded(self, event: Any) -> None:
        pass

    def failed(self, event: Any) -> None:
        pass


@asynccontextmanager
async def crew(
    uri: str, raw: MongoDatabase, sandbox: Sandbox, bounds: Sequence[int]
) -> AsyncIterator[list[Said]]:
    """A collector for each bound of accounts, each with a client of its own."""
    said = [Said() for _ in bounds]
    async with AsyncExitStack() as stack:
        for place, (bound, listener) in enumerate(zip(bounds, said, strict=True)):
            client = AsyncIOMotorClient(uri, tz_aware=True, event_listeners=[listener])
            stack.callback(client.close)
            database = Database(database_of(client, raw.name))
            worker = make_worker(database, sandbox, name=f"w{place}", accounts=bound)
            await stack.enter_async_context(working(worker))
        yield said


@pytest.mark.parametrize("bounds", [(3, 3), (1, 2), (1, 1, 1)], ids=str)
@pytest.mark.parametrize("anybody", [True, False], ids=["anybody's", "pinned"])
async def test_what_is_held_and_not_connected_is_said_by_its_holder(
    database: Database,
    mongo_database: MongoDatabase,
    mongo_uri: str,
    bounds: tuple[int, ...],
    anybody: bool,
) -> None:
    world = small_world(chats={"a_chat": 50}, accounts=3)
    async with Sandbox(world) as sandbox:
        accounts = await recruit(database, sandbox, world.accounts)
        for person in world.accounts:
            sandbox.faults.silence(account=person.id)
        async with crew(mongo_uri, mongo_database, sandbox, bounds) as said:
            await wait_until(lambda: all_held(database, 3), timeout=20)
            pinned = None if anybody else accounts[0]
            run = await start(database, "@a_chat", account=pinned)
            await wait_until(lambda: database.jobs.of_run(run.id))
            await asyncio.sleep(9)
            written = [sum(one.waits.values()) for one in said]
    assert sum(written) <= 4, [one.waits for one in said]
    assert sum(count > 0 for count in written) <= 1


async def all_held(database: Database, count: int) -> bool:
    return len(await database.accounts.leases.held()) == count


def account(number: int, state: AccountState = AccountState.READY) -> Account:
    return Account(
        id=number, name="Ada", username=None, telegram_id=number, phone="", is_default=False,
        state=state, created_at=NOW,
    )  # fmt: skip


def job(*keys: str) -> Job:
    return Job(
        id="r:0", run="r", task="t", step=Step.HISTORY, source="@one", keys=keys,
        options=HistoryOptions(), family=Family.HISTORY, state=JobState.QUEUED, created_at=NOW,
    )  # fmt: skip


def test_each_job_has_one_speaker_whoever_looks() -> None:
    accounts = {1: account(1), 2: account(2, AccountState.PAUSED), 3: account(3)}
    assert speaker(job("*"), accounts, {1, 2, 3}) == 1
    assert speaker(job("a3"), accounts, {1, 2, 3}) == 3
    assert speaker(job("a1", "a3"), accounts, {2, 3}) == 3
    assert speaker(job("a1"), accounts, {2, 3}) == 2, "nobody holds it: one is decided on"
    assert speaker(job("a2"), accounts, {2, 3}) == 2
    assert speaker(job("a9"), accounts, set()) is None


def test_two_never_speak_though_each_watches_the_dead_by_itself() -> None:
    """Four accounts, held by two workers, by one that died, or by nobody; each of the two has found
    out of any of the dead leases or of none. They agree, or one of them alone has the word."""
    accounts = {number: account(number) for number in range(1, 5)}
    jobs = [job("*"), job("a1"), job("a3"), job("a2", "a4")]
    walked = 0
    for holders in product("abx-", repeat=4):
        held = {number: who for number, who in zip(accounts, holders, strict=True) if who != "-"}
        dead = [number for number, who in held.items() if who == "x"]
        views = [held.keys() - set(some) for some in subsets(dead)]
        for one, seen_by_a, seen_by_b in product(jobs, views, views):
            mine = {
                who: speaker(one, accounts, seen)
                for who, seen in (("a", seen_by_a), ("b", seen_by_b))
            }
            speaking = [who for who, chosen in mine.items() if held.get(chosen or 0) == who]
            assert len(speaking) <= 1, (holders, seen_by_a, seen_by_b)
            walked += 1
    assert walked > 2_000


def subsets(some: Sequence[int]) -> Iterator[tuple[int, ...]]:
    return chain.from_iterable(combinations(some, size) for size in range(len(some) + 1))
