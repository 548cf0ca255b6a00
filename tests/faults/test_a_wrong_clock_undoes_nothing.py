"""The service and its embedded mongod on one wrong clock, while Telegram has the right time.

Nothing is purged, no schedule is moved and no dated task ends, however far the clock is off;
collecting goes on, and so does everything else once the clock is right. However it was set, the
service ends soon when it is asked to, and leaves no mongod behind.
"""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from process_side import Service, environment, recruit_by_login, settings_of
from service import CLOCK, ended, start, stored_ids, world_ids
from skewed_mongo import faketime
from waiting import wait_until

from app.embedded_mongo.folder import Folder
from app.embedded_mongo.process import end
from app.store import open_store
from bench.ports import free_port
from core.chat import Chat, ChatKind
from core.job import Family, Job, JobState
from core.message import Message
from core.options import HistoryOptions
from core.run import RunState
from core.task import Schedule, ScheduleKind, Step, Task, TaskSpec, TaskState
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox, SandboxConfig

CHAT, MESSAGES = -1001, 40
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STOP_SECONDS = 10.0
SLEEP = "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds)\n"
"""Python sleeps until a time of the monotonic clock, and libfaketime refuses that; threads of the
driver end by it."""


class Misled(Service):
    """A service whose clock, and that of all it starts, is what a file says."""

    def set(self, offset: str) -> None:
        path = Path(self._environment["FAKETIME_TIMESTAMP_FILE"])
        new = path.with_suffix(".new")
        new.write_text(f"{offset}\n")
        new.replace(path)

    def events(self, name: str) -> list[dict[str, Any]]:
        assert self._log is not None
        lines = [line for line in self._log.read_text().splitlines() if line.startswith("{")]
        return [one for one in map(json.loads, lines) if one["event"] == name]

    async def clock(self) -> str:
        """What `/readyz` says of the clock; nothing while nobody answers."""
        address = f"http://127.0.0.1:{self._environment['METRICS_PORT']}/readyz"
        try:
            async with aiohttp.ClientSession() as http, http.get(address) as response:
                return str((await response.json())["checks"]["clock"])
        except aiohttp.ClientError:
            return ""

    async def is_ahead(self) -> bool:
        return "ahead of" in await self.clock()


@dataclass(frozen=True, kw_only=True)
class Place:
    """A local Telegram, and settings of a service there with a mongod of its own."""

    sandbox: Sandbox
    settings: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What the store has that a wrong clock could spoil."""

    hourly: Task
    dated: Task
    ending: Task


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    world = small_world(chats={"alpha_chat": 50}, accounts=1)
    async with AsyncExitStack() as stack:
        config = SandboxConfig(data_dir=tmp_path / "telegram")
        sandbox = await stack.enter_async_context(Sandbox(world, config))
        settings = environment(sandbox, "", "telecrew", tmp_path / "data") | {
            "LOG_LEVEL": "INFO",
            "LOG_FORMAT": "json",
            "METRICS_PORT": str(free_port()),
        }
        yield Place(sandbox=sandbox, settings=settings)
        left = Folder(tmp_path / "data").read()
        await end(left.pid or 0, left.birth or "", patience=5)


@asynccontextmanager
async def serving(given: dict[str, str], offset: str) -> AsyncIterator[Misled]:
    """The service from now on, on such a clock."""
    place = Path(given["DATA_DIR"]).with_name("clock")
    faked = {
        "LD_PRELOAD": str(faketime()),
        "FAKETIME_TIMESTAMP_FILE": str(place),
        "FAKETIME_CACHE_DURATION": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        "PYTHONPATH": str(place.parent),
    }
    (place.parent / "sitecustomize.py").write_text(SLEEP)
    service = Misled(given | faked, "run", log=place.with_suffix(".log"))
    service.set(offset)
    await service.start()
    try:
        yield service
    finally:
        if service.alive:
            await service.kill()


@pytest.mark.timeout(300)
async def test_31_days_ahead_and_then_right_again(place: Place) -> None:
    given = settings_of(place.settings)
    async with open_store(given) as store:
        await recruit_by_login(place.settings, place.sandbox.world.accounts)
        kept = await fill(store.database)
    async with serving(place.settings, "+31d") as service:
        await wait_until(service.is_ahead, timeout=100, every=0.1)
        await wait_until(lambda: service.events("clock.wrong"), timeout=60, every=0.1)
        async with open_store(given) as store:
            database = store.database
            await reads_on(database, place.sandbox)
            await unharmed(database, kept)
            assert len(service.events("clock.wrong")) == 1
            service.set("+0")
            await agreed(service, database)
            await unharmed(database, kept)
            due = CLOCK.now() - DAY
            await make_due(database, kept.hourly, due)
            await wait_until(lambda: moved(database, kept.hourly), timeout=60, every=0.1)
            assert await database.runs.dues_of(kept.hourly.id) == [due]
        asked_at = CLOCK.elapsed()
        assert await service.stop() == 0
        assert CLOCK.elapsed() - asked_at < STOP_SECONDS
    assert not Folder(given.data_dir).read().running
    async with open_store(given) as store:
        assert await store.database.messages.count(CHAT) == MESSAGES


async def reads_on(database: Database, sandbox: Sandbox) -> None:
    """A run that somebody starts now reads its chat."""
    run = await start(database, "@alpha_chat")
    assert await ended(database, run, timeout=60) == [RunState.DONE]
    found = await stored_ids(database, sandbox, "alpha_chat")
    assert found == world_ids(sandbox, "alpha_chat")


async def agreed(service: Misled, database: Database) -> None:
    """An account that asks Telegram anything hears the time; else it asks once a minute."""

    async def told() -> bool:
        await database.lookups.ask(["@alpha_chat"], None)
        return await service.clock() == "ok" and bool(service.events("clock.agreed"))

    await wait_until(told, timeout=100, every=0.5)


async def moved(database: Database, task: Task) -> bool:
    """Whether the next time is the one that comes, and no further."""
    after = await database.tasks.get(task.id)
    assert after is not None
    assert after.next_due is not None
    return CLOCK.now() < after.next_due <= CLOCK.now() + HOUR


async def make_due(database: Database, task: Task, due: datetime) -> None:
    assert task.next_due is not None
    assert await database.tasks.move_due(task.id, was=task.next_due, to=due)


async def fill(database: Database) -> Kept:
    """Messages an hour old of a chat that are kept for 30 days; three schedules to come."""
    now = CLOCK.now()
    reader = await task(database, Schedule(), None, keep_days=30)
    await reached(database, reader)
    old = [Message(chat=CHAT, box="", id=n, date=now - HOUR) for n in range(1, MESSAGES + 1)]
    await database.messages.add_new(old)
    hourly = Schedule(kind=ScheduleKind.EVERY, every=HOUR, anchor=now)
    return Kept(
        hourly=await task(database, hourly, now + HOUR),
        dated=await task(database, Schedule(kind=ScheduleKind.AT, at=now + 2 * DAY), now + 2 * DAY),
        ending=await task(
            database,
            Schedule(kind=ScheduleKind.EVERY, every=HOUR, anchor=now, ends_at=now + 10 * DAY),
            now + HOUR,
        ),
    )


async def unharmed(database: Database, kept: Kept) -> None:
    assert await database.messages.count(CHAT) == MESSAGES
    for before in (kept.hourly, kept.dated, kept.ending):
        after = await database.tasks.get(before.id)
        assert after is not None
        assert (after.state, after.next_due) == (TaskState.ACTIVE, before.next_due)
        assert await database.runs.dues_of(before.id) == []


async def task(
    database: Database, schedule: Schedule, due: datetime | None, keep_days: int | None = None
) -> Task:
    return await database.tasks.add(
        owner=1,
        chat=1,
        spec=TaskSpec(sources=("@alpha_chat",), keep_days=keep_days),
        schedule=schedule,
        next_due=due,
        now=CLOCK.now(),
    )


async def reached(database: Database, owner: Task) -> None:
    """A run of the task read the chat."""
    job = Job(
        id=f"r{owner.id}:0000",
        run=f"r{owner.id}",
        task=owner.id,
        step=Step.HISTORY,
        source="@one",
        options=HistoryOptions(),
        keys=("*",),
        family=Family.HISTORY,
        state=JobState.QUEUED,
        created_at=CLOCK.now(),
    )
    await database.jobs.add([job])
    claimed = await database.jobs.claim(job.id, 1, 1, CLOCK.now())
    assert claimed is not None
    await database.jobs.progress(claimed.key(), claimed.progress, chat=CHAT, top_id=1, moved=True)
    await database.jobs.done(claimed.key(), CLOCK.now())
    await database.chats.save(Chat(id=CHAT, kind=ChatKind.SUPERGROUP, title="One", username="one"))
