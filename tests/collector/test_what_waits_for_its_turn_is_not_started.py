"""A job begins when its account may call, and then goes on: the slowest pace is fully used, and
nothing is begun in vain. Every family, by its rate and by its bound of a day."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from service import Counts, ended, make_worker, recruit, start, working
from structlog.testing import capture_logs
from waiting import wait_until

from collector.media_folder import MediaFolder
from collector.pacer import Pacer
from core.account import Account
from core.clock import SystemClock
from core.demand import first_calls
from core.job import Family, Job, JobState
from core.options import TELEGRAM_SEARCH, HistoryOptions, MediaOptions, SearchOptions
from core.pacing import Budget
from core.pipeline import FAMILIES
from core.run import Run, RunState
from core.task import Step
from db.database import Database
from db.memberships import Memberships
from sandbox.content.library import Library
from sandbox.entrance import Entrance
from sandbox.seed import SEARCH_BOTS, small_world
from sandbox.server import Sandbox

NAMES = tuple(f"club_number_{number}" for number in range(24))
FILES = tuple(f"files_chat_{number}" for number in range(10))
LIBRARY = Library(distinct=40, least=1, most=3_000, photos=1, expiring=0)
BOT = f"@{SEARCH_BOTS[0].username}"
ACCOUNTS = 2
RATE = 0.5
SECONDS = {Family.BOT: 30.0}
USUALLY = 12.0
"""A search through a bot takes many calls."""

WORK: Mapping[Family, Step] = {
    Family.HISTORY: Step.HISTORY,
    Family.RESOLVE: Step.HISTORY,
    Family.INFO: Step.JOIN,
    Family.JOIN: Step.JOIN,
    Family.DIALOGS: Step.JOIN,
    Family.SEARCH: Step.SEARCH,
    Family.BOT: Step.SEARCH,
    Family.MESSAGES: Step.MEDIA,
    Family.MEDIA: Step.MEDIA,
    Family.CONNECT: Step.HISTORY,
}
"""Jobs of which step call each family."""

MANY = tuple(one for one in Family if one not in {Family.DIALOGS, Family.CONNECT})
"""The families that each of those jobs calls; an account counts its chats, and connects, once."""


class Called(Counts):
    """Counts the calls of each family."""

    def __init__(self) -> None:
        super().__init__()
        self.of: Counter[str] = Counter()

    def called(self, family: str) -> None:
        self.of[family] += 1


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    world = small_world(
        chats={**dict.fromkeys(NAMES, 20), **dict.fromkeys(FILES, 12)},
        accounts=ACCOUNTS,
        topics=dict.fromkeys(NAMES, ("en", "python")),
        entrances=dict.fromkeys(NAMES, Entrance(insiders=())),
        libraries=dict.fromkeys(FILES, LIBRARY),
    )
    async with Sandbox(world) as running:
        yield running


@pytest.fixture
async def crew(database: Database, sandbox: Sandbox) -> list[Account]:
    return await recruit(database, sandbox, sandbox.world.accounts)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute is a second: so that two seconds to the next call are long, as 120 are."""
    monkeypatch.setattr("collector.pacer.LONGEST_WAIT", 1.0)
    monkeypatch.setattr("collector.pacer.SOON", 1.2)
    monkeypatch.setattr("core.outcome.OTHER_ACCOUNT_AFTER", timedelta(milliseconds=300))


async def begin(database: Database, family: Family) -> Run:
    """Many jobs of the step that calls the family."""
    step = WORK[family]
    if step is Step.SEARCH:
        place = BOT if family is Family.BOT else TELEGRAM_SEARCH
        words = tuple(f"python {number}" for number in range(len(NAMES)))
        search = SearchOptions(words=words, places=(place,))
        return await start(database, steps=(step,), search=search)
    if step is Step.MEDIA:
        media = MediaOptions(kinds=("photo", "document"))
        return await start(
            database, *(f"@{name}" for name in FILES), history=HistoryOptions(media=media)
        )
    return await start(database, *(f"@{name}" for name in NAMES), steps=(step,))


def events(logs: list[dict[str, object]]) -> Counter[object]:
    return Counter(entry["event"] for entry in logs)


async def state_counts(database: Database, run: Run) -> Counter[JobState]:
    return Counter(job.state for job in await database.jobs.of_run(run.id))


@pytest.mark.parametrize("family", MANY)
async def test_a_slow_pace_is_used_and_nothing_is_begun_in_vain(
    database: Database, sandbox: Sandbox, crew: list[Account], tmp_path: Path, family: Family
) -> None:
    meter, seconds = Called(), SECONDS.get(family, USUALLY)
    budgets = {family: Budget(rate=RATE)}
    worker = make_worker(
        database, sandbox, budgets=budgets, meter=meter, folder=MediaFolder(tmp_path / "media")
    )
    clock = SystemClock()
    with capture_logs() as logs:
        async with working(worker):
            run = await begin(database, family)
            await wait_until(lambda: meter.of[family], timeout=20)
            began = clock.elapsed()

            async def over() -> bool:
                found = await database.runs.get(run.id)
                ended = found is not None and not found.is_open()
                return ended or clock.elapsed() - began > seconds

            await wait_until(over, timeout=seconds + 10)
            took, calls = clock.elapsed() - began, meter.of[family]
            told = events(logs)
    states = await state_counts(database, run)
    assert told["job.released"] == 0
    begun_in_vain = told["job.started"] - told["job.done"]
    assert begun_in_vain <= 2 * ACCOUNTS
    finished = states[JobState.QUEUED] + states[JobState.RUNNING] == 0
    assert finished or calls >= 0.9 * ACCOUNTS * RATE * took
    assert told["job.done"] > 0


@pytest.mark.parametrize("family", MANY)
async def test_a_bound_of_a_day_is_used_and_then_nothing_is_begun(
    database: Database, sandbox: Sandbox, crew: list[Account], tmp_path: Path, family: Family
) -> None:
    meter, daily = Called(), 3
    budgets = {family: Budget(rate=1000.0, burst=1000, daily=daily)}
    folder = MediaFolder(tmp_path / "media")
    with capture_logs() as logs:
        async with working(
            make_worker(database, sandbox, budgets=budgets, meter=meter, folder=folder)
        ):
            run = await begin(database, family)

            async def used() -> bool:
                states = await state_counts(database, run)
                idle = bool(states) and not states[JobState.RUNNING]
                return idle and meter.of[family] >= daily * ACCOUNTS

            await wait_until(used, timeout=30)
            before = events(logs)

            async def explained() -> bool:
                jobs = await database.jobs.of_run(run.id)
                waits = [job.wait for job in jobs if job.state is JobState.QUEUED]
                return all(wait is not None and wait.why == "daily_limit" for wait in waits)

            await wait_until(explained, timeout=20)
            await wait_until(wakes(database, 3), timeout=20)
            after = events(logs)
        async with working(
            make_worker(database, sandbox, budgets=budgets, meter=meter, folder=folder)
        ):
            await wait_until(wakes(database, 2), timeout=20)
            again = events(logs)
    assert meter.of[family] == daily * ACCOUNTS
    assert after["job.started"] == again["job.started"]
    assert after["job.started"] - before["job.started"] <= ACCOUNTS
    assert after["job.released"] <= 8 * ACCOUNTS
    assert [job for job in await database.jobs.of_run(run.id) if job.failure] == []


def wakes(database: Database, times: int):
    """True once the queue was asked for what is ready `times` times from now on."""
    seen = 0
    wake = database.jobs.wake

    async def counted(now):
        nonlocal seen
        seen += 1
        return await wake(now)

    database.jobs.wake = counted  # type: ignore[method-assign]

    def done() -> bool:
        return seen > times

    return done


@pytest.mark.parametrize("family", [Family.DIALOGS, Family.CONNECT])
async def test_what_an_account_calls_a_few_times_may_be_slow(
    database: Database, sandbox: Sandbox, crew: list[Account], family: Family
) -> None:
    """It takes several turns to connect, each of them further away than others would wait."""
    with capture_logs() as logs:
        async with working(
            make_worker(database, sandbox, budgets={family: Budget(rate=RATE)}, call_timeout=1.5)
        ):
            run = await begin(database, family)
            assert await ended(database, run, timeout=40) == [RunState.DONE]
    told = events(logs)
    assert told["job.released"] == 0
    assert told["account.disconnected"] == 0


async def test_a_job_that_was_stopped_on_its_way_is_begun_once_it_may_go_on(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    """What follows the newest message is another call: the day's only one each day."""
    moved = MovedClock()
    budgets = {Family.HISTORY: Budget(rate=1000.0, burst=1000, daily=1)}
    with capture_logs() as logs:
        async with working(make_worker(database, sandbox, budgets=budgets, clock=moved)):
            run = await start(database, "@files_chat_1", account=crew[0])

            async def rests() -> bool:
                (job,) = await database.jobs.of_run(run.id) or [None]
                return job is not None and (job.state is JobState.DONE or job.wait is not None)

            for _ in range(5):
                await wait_until(rests, timeout=20)
                moved.by += timedelta(days=1)
                (job,) = await database.jobs.of_run(run.id)
                if job.state is JobState.DONE:
                    break
                await wait_until(woken(database, run), timeout=20)
            assert await ended(database, run, timeout=20) == [RunState.DONE]
    assert events(logs)["job.released"] <= 4


class MovedClock(SystemClock):
    """A clock whose time of day can be set forward."""

    by = timedelta(0)

    def now(self):
        return super().now() + self.by


def woken(database: Database, run: Run):
    async def is_woken() -> bool:
        (job,) = await database.jobs.of_run(run.id)
        return job.attempts > 0 or job.state is not JobState.QUEUED or job.wait is None

    return is_woken


async def test_what_must_wait_hides_nothing_behind_it(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    """Sixty sources that nobody may resolve today stand before one that is known."""
    peers = Memberships(database._database)
    budgets = {Family.RESOLVE: Budget(rate=1000.0, burst=1000, daily=1)}
    async with working(make_worker(database, sandbox, budgets=budgets)):
        assert await ended(database, await start(database, f"@{NAMES[0]}")) == [RunState.DONE]
        spent = await start(database, f"@{NAMES[1]}")
        assert await ended(database, spent) == [RunState.DONE]
        unknown = [f"@nobody_knows_{number}" for number in range(120)]
        await start(database, *unknown)
        await wait_until(database.jobs.queued, timeout=10)
        known = await start(database, f"@{NAMES[0]}", chat=2)
        assert await ended(database, known, timeout=30) == [RunState.DONE]
    assert await peers.accounts_knowing(f"@{NAMES[0]}")


async def test_every_step_says_what_it_calls_first() -> None:
    for step, family in FAMILIES.items():
        calls = first_calls(job_like(step), met=False)
        assert calls, step
        assert family in calls or step is Step.LISTEN


def job_like(step: Step) -> Job:
    return Job(
        id="r:0",
        run="r",
        task="t",
        step=step,
        source="@name",
        options=HistoryOptions(),
        keys=("*",),
        family=FAMILIES[step],
        state=JobState.QUEUED,
        created_at=SystemClock().now(),
    )


async def test_a_call_of_a_job_waits_for_its_turn_and_any_other_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    pacer = Pacer(1, {Family.INFO: Budget(rate=RATE)}, database.budgets, SystemClock(), Counts())
    await pacer(Family.INFO)
    with pytest.raises(Exception, match="wait 2 s"):
        await pacer(Family.INFO)
    promise = pacer.promise({Family.INFO})
    assert pacer.room()[Family.INFO] < 0
    with promise.held():
        await pacer(Family.INFO)
    assert pacer.room()[Family.INFO] > -1
    promise.drop()
