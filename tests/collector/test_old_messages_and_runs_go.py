"""Retention by the strictest task, spans first; and of each task only the newest runs are kept."""

from datetime import datetime, timedelta

from service import CLOCK

from collector.keeping.retention import Retention
from collector.run_keeper import RunKeeper
from core.chat import Chat, ChatKind
from core.job import Family, Job, JobState
from core.message import DeletionPolicy, Message
from core.options import HistoryOptions
from core.run import Intent, Run
from core.span import Span
from core.task import Schedule, Step, Task, TaskSpec
from db.client import MongoDatabase
from db.database import Database

CHAT = -1001
DAY = timedelta(days=1)


async def test_the_strictest_task_of_a_chat_decides(
    database: Database, mongo_database: MongoDatabase
) -> None:
    now = CLOCK.now()
    await fill(database, now)
    await reached(database, await task(database, keep_days=30), CHAT)
    strict = await task(database, keep_days=10)
    await reached(database, strict, CHAT)
    await reached(database, await task(database, keep_days=None), CHAT)
    await Retention(database).sweep(CLOCK.now())
    assert [number async for number in database.messages.ids(CHAT)] == list(range(31, 41))
    assert (await database.spans.coverage(CHAT, "")).ranges == ((31, 40),)
    assert await database.chats.kept_for(CHAT) == 10
    await mongo_database["tasks"].update_one({"_id": strict.id}, {"$set": {"spec.keep_days": None}})
    await Retention(database).sweep(CLOCK.now())
    assert await database.chats.kept_for(CHAT) == 30


async def test_tombstones_go_with_what_is_around_them(database: Database) -> None:
    now = CLOCK.now()
    await fill(database, now)
    await database.messages.delete(CHAT, "", [1, 2, 15, 35], now, DeletionPolicy.MIRROR)
    gone = await database.forget_before(CHAT, now - 10 * DAY - timedelta(hours=1))
    assert gone == 29
    assert await database.tallies.of_chat(CHAT) == 11


async def test_a_chat_that_is_being_read_is_left_alone(database: Database) -> None:
    await fill(database, CLOCK.now())
    owner = await task(database, keep_days=10)
    await reached(database, owner, CHAT, state=JobState.RUNNING)
    await Retention(database).sweep(CLOCK.now())
    assert await database.tallies.of_chat(CHAT) == 40


async def test_a_run_reads_nothing_that_would_go_again(database: Database) -> None:
    now = CLOCK.now()
    spec = TaskSpec(sources=("@one",), keep_days=7)
    assert spec.at(now).history.since == now - 7 * DAY
    later = TaskSpec(sources=("@one",), keep_days=7, history=HistoryOptions(since=now - DAY))
    assert later.at(now).history.since == now - DAY
    owner = await task(database, keep_days=7)
    run = await database.runs.open(owner, due=now, now=now)
    assert run is not None
    assert run.spec.history.since == now - 7 * DAY


async def test_of_each_task_the_newest_runs_are_kept(database: Database) -> None:
    keeper = RunKeeper(database, CLOCK, keep_runs=3)
    owner, other = await task(database), await task(database)
    runs = [await ended(database, keeper, owner, number) for number in range(5)]
    spared = await ended(database, keeper, other, 0)
    kept = [await database.runs.get(run.id) is not None for run in runs]
    assert kept == [False, False, True, True, True]
    assert [len(await database.jobs.of_run(run.id)) for run in runs] == [0, 0, 1, 1, 1]
    assert await database.runs.get(spared.id) is not None


async def test_only_so_many_runs_are_at_work_and_the_oldest_begin_first(
    database: Database,
) -> None:
    keeper = RunKeeper(database, CLOCK, most_runs=2)
    runs = []
    for _ in range(4):
        owner = await task(database)
        run = await database.runs.open(owner, due=CLOCK.now(), now=CLOCK.now())
        assert run is not None
        runs.append(run)
    await keeper.plan_new()
    assert [len(await database.jobs.of_run(run.id)) for run in runs] == [1, 1, 0, 0]
    await database.runs.set_intent(runs[0].id, Intent.CANCEL)
    await keeper.end_stopped(runs[0])
    await keeper.sweep()
    assert [len(await database.jobs.of_run(run.id)) for run in runs] == [1, 1, 1, 0]


async def fill(database: Database, now: datetime) -> None:
    """Forty messages of forty days, the newest of now; all of it proven, in two spans."""
    dates = {number: now - (40 - number) * DAY for number in range(1, 41)}
    batch = [Message(chat=CHAT, box="", id=n, date=date) for n, date in dates.items()]
    await database.messages.add_new(batch)
    for lo, hi in ((1, 20), (21, 40)):
        key = job_of("r", "t", place=lo, account=1).key()
        span = Span(chat=CHAT, box="", lo=lo, hi=hi, account=1, read_at=now)
        await database.spans.extend(key, span)


async def task(database: Database, *, keep_days: int | None = None) -> Task:
    return await database.tasks.add(
        owner=1,
        chat=1,
        spec=TaskSpec(sources=("@one",), keep_days=keep_days),
        schedule=Schedule(),
        next_due=None,
        now=CLOCK.now(),
    )


async def reached(
    database: Database, owner: Task, chat: int, state: JobState = JobState.DONE
) -> None:
    """A run of the task reached the chat."""
    job = job_of(f"r{owner.id}", owner.id)
    await database.jobs.add([job])
    claimed = await database.jobs.claim(job.id, 1, 1, CLOCK.now())
    assert claimed is not None
    await database.jobs.progress(claimed.key(), claimed.progress, chat=chat, top_id=1, moved=True)
    if state is JobState.DONE:
        await database.jobs.done(claimed.key(), CLOCK.now())
    await database.chats.save(Chat(id=chat, kind=ChatKind.SUPERGROUP, title="One", username="one"))


async def ended(database: Database, keeper: RunKeeper, owner: Task, number: int) -> Run:
    run = await database.runs.open(owner, due=CLOCK.now() + number * DAY, now=CLOCK.now())
    assert run is not None
    await keeper.derive(run.id)
    await database.runs.set_intent(run.id, Intent.CANCEL)
    await keeper.end_stopped(run)
    return run


def job_of(run: str, owner: str, *, place: int = 0, account: int | None = None) -> Job:
    return Job(
        id=f"{run}:{place:04d}",
        run=run,
        task=owner,
        step=Step.HISTORY,
        source="@one",
        options=HistoryOptions(),
        keys=("*",),
        family=Family.HISTORY,
        state=JobState.QUEUED,
        created_at=CLOCK.now(),
        account=account,
        token=account,
    )
