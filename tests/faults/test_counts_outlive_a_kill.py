"""kill -9 of a collector between storing messages and writing their count: what a card tells of the
run afterwards is what is so, whether it reads for the first time, once more, or again."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from process_side import Service, environment, settings_of
from service import ended, recruit, start, stored_ids, world_ids

from bench.nursery import Nursery
from bench.soak.truth import marked
from collector.telegram.vault import SessionVault
from core.job import Progress
from core.options import HistoryOptions
from core.run import Intent, Run, RunState, total_progress
from core.task import AccountPolicy
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

CHAT, COUNT, BEFORE, YOUNG = "long_chat", 1_600, 500, 250
PAGE_SECONDS = 0.05
POINTS = ("page.stored:2", "span.extended:1", "span.extended:2", "job.finished:1")
"""A page is stored and not proven; it is proven and the job does not know; all is, and the job is
not done."""

YOUNG_POINTS = ("page.stored:1", "page.stored:3", "job.finished:1")
"""Messages younger than a minute are not proven."""


@dataclass
class House:
    """One collector after the other on one sandbox and one store."""

    sandbox: Sandbox
    database: Database
    given: dict[str, str]
    nursery: Nursery

    async def finish(self, run: Run) -> None:
        """A collector that nothing happens to ends the run."""
        service = Service(self.given, "collector", nursery=self.nursery)
        await service.start()
        try:
            assert await ended(self.database, run, timeout=60) in (
                [RunState.DONE],
                [RunState.FAILED],
            )
        finally:
            assert await service.stop() == 0

    async def crash(self, run: Run, *points: str) -> None:
        """One dies at each point; whatever is told meanwhile is no more than what is stored."""
        for point in points:
            service = Service(self.given, "collector", crash_at=point, nursery=self.nursery)
            await service.start()
            try:
                assert await service.ended(60) == -9, f"it never came to {point}"
            finally:
                await service.kill()
            told = await self.told(run)
            stored = len(await stored_ids(self.database, self.sandbox, CHAT))
            assert told.read == told.new + told.known <= stored

    async def proven(self) -> int:
        chat = marked(self.sandbox.world.chat(CHAT).id)
        covered = await self.database.spans.coverage(chat, "")
        ids = set(world_ids(self.sandbox, CHAT))
        return len({one for lo, hi in covered.ranges for one in range(lo, hi + 1)} & ids)

    async def told(self, run: Run) -> Progress:
        return total_progress(await self.database.jobs.of_run(run.id))

    async def whole(self, run: Run, *, new: int, known: int) -> None:
        found = await self.database.runs.get(run.id)
        assert found is not None
        assert found.status.state is RunState.DONE
        told = await self.told(run)
        assert (told.read, told.new, told.known) == (new + known, new, known)
        ids = await stored_ids(self.database, self.sandbox, CHAT)
        assert ids == world_ids(self.sandbox, CHAT)


@pytest.fixture
async def house(
    database: Database, database_name: str, mongo_uri: str, tmp_path: Path, nursery: Nursery
) -> AsyncIterator[House]:
    async with Sandbox(small_world(chats={CHAT: COUNT}, accounts=1)) as sandbox:
        sandbox.faults.delay(PAGE_SECONDS, method="messages.getHistory")
        given = environment(sandbox, mongo_uri, database_name, tmp_path)
        key = settings_of(given).session_keys[0].get_secret_value()
        await recruit(database, sandbox, sandbox.world.accounts, seal=SessionVault([key]).seal)
        yield House(sandbox, database, given, nursery)


@pytest.mark.timeout(180)
async def test_of_a_first_reading(house: House) -> None:
    run = await start(house.database, f"@{CHAT}")
    await house.crash(run, *POINTS)
    await house.finish(run)
    await house.whole(run, new=COUNT, known=0)


@pytest.mark.timeout(180)
async def test_of_a_run_that_reads_what_another_left(house: House) -> None:
    """What the first one read is known; what came since is young, and proven by nobody."""
    first = await start(house.database, f"@{CHAT}", history=HistoryOptions(limit=BEFORE))
    await house.finish(first)
    assert (await house.told(first)).new == BEFORE
    second = await start(house.database, f"@{CHAT}")
    await house.crash(second, *POINTS)
    await house.finish(second)
    await house.whole(second, new=COUNT - BEFORE, known=BEFORE)
    house.sandbox.live.post(CHAT, times=YOUNG)
    third = await start(house.database, f"@{CHAT}")
    await house.crash(third, *YOUNG_POINTS)
    await house.finish(third)
    await house.whole(third, new=YOUNG, known=COUNT)


@pytest.mark.timeout(180)
async def test_of_a_run_that_failed_and_is_tried_again(house: House) -> None:
    run = await start(house.database, f"@{CHAT}")
    await house.crash(run, "span.extended:2")
    proven = await house.proven()
    house.sandbox.faults.fail("CHANNEL_PRIVATE", code=400, method="messages.getHistory")
    await house.finish(run)
    told = await house.told(run)
    assert (told.read, told.new) == (proven, proven)
    await house.database.runs.reopen(run.id, run.created_at, AccountPolicy())
    await house.database.jobs.retry_failed(run.id, AccountPolicy())
    await house.database.runs.replan(run.id)
    await house.crash(run, *POINTS)
    await house.finish(run)
    await house.whole(run, new=COUNT, known=0)


@pytest.mark.timeout(180)
async def test_of_a_run_that_nobody_reads_on(house: House) -> None:
    """It is stopped before anybody takes it again."""
    run = await start(house.database, f"@{CHAT}")
    await house.crash(run, "span.extended:2")
    proven = await house.proven()
    await house.database.runs.set_intent(run.id, Intent.CANCEL)
    service = Service(house.given, "collector", nursery=house.nursery)
    await service.start()
    try:
        assert await ended(house.database, run, timeout=60) == [RunState.CANCELLED]
    finally:
        assert await service.stop() == 0
    told = await house.told(run)
    assert (told.read, told.new) == (proven, proven)
