"""SIGTERM: jobs and leases are handed back at once, and the next process finishes the work."""

from process_side import Crew
from service import ended, start, stored_ids, world_ids
from waiting import wait_until

from core.account import Lease
from core.job import JobState
from core.run import Run, RunState

CHATS = {"alpha_chat": 2_000, "beta_chat": 1_500}
PAGE_SECONDS = 0.15


async def read(crew: Crew, run: Run) -> int:
    jobs = await crew.database.jobs.of_run(run.id)
    return sum(job.progress.read for job in jobs)


async def whole(crew: Crew) -> None:
    for name in CHATS:
        assert await stored_ids(crew.database, crew.sandbox, name) == world_ids(crew.sandbox, name)


async def test_a_clean_stop_hands_jobs_and_leases_back(make_crew) -> None:
    crew = await make_crew(CHATS)
    crew.sandbox.faults.delay(PAGE_SECONDS, method="messages.getHistory")
    service = await crew.start("collector")
    run = await start(crew.database, *(f"@{name}" for name in CHATS))
    await wait_until(lambda: reached(crew, run, 300), timeout=60)
    assert await service.stop() == 0
    states = {job.state for job in await crew.database.jobs.of_run(run.id)}
    assert states == {JobState.QUEUED}
    leases: list[Lease | None] = [one.lease for one in await crew.database.accounts.all()]
    assert leases == [None]
    await crew.start("collector")
    assert await ended(crew.database, run, timeout=60) == [RunState.DONE]
    await whole(crew)


async def reached(crew: Crew, run: Run, count: int) -> bool:
    return await read(crew, run) >= count
