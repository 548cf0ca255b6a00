"""No query of the product scans a collection: MongoDB's own profiler says so."""

from datetime import UTC, datetime, timedelta

from core.account import AccountState
from core.chat import ChatKind, Peer
from core.job import Family, Job, JobKey, JobState, Progress
from core.message import Message
from core.options import HistoryOptions
from core.span import Span
from core.task import Schedule, Step, TaskSpec
from db.client import MongoDatabase
from db.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SMALL = {"accounts", "sequences", "operators"}
"""Collections that hold tens of documents; reading one whole is the query."""


async def use_everything(database: Database) -> None:
    spec = TaskSpec(sources=("@one",))
    task = await database.tasks.add(
        owner=1, chat=1, spec=spec, schedule=Schedule(), next_due=NOW, now=NOW
    )
    run = await database.runs.open(task, due=NOW, now=NOW)
    assert run is not None
    job = Job(
        id=f"{run.id}:0000",
        run=run.id,
        task=task.id,
        step=Step.HISTORY,
        source="@one",
        options=HistoryOptions(),
        keys=("*",),
        family=Family.HISTORY,
        state=JobState.QUEUED,
        created_at=NOW,
    )
    key = JobKey(job=job.id, account=1, token=1)
    await database.jobs.add([job])
    await database.jobs.peek(Family.HISTORY, ["*", "a1"])
    await database.jobs.claim(job.id, 1, 1, NOW)
    await database.jobs.progress(key, Progress(), chat=1, top_id=1, moved=True)
    await database.jobs.running()
    await database.jobs.running_by_account()
    await database.jobs.release(key)
    await database.jobs.wake(NOW)
    await database.jobs.queued()
    await database.jobs.delayed()
    await database.jobs.of_runs([run.id])
    await database.jobs.cancel_queued(run.id, NOW)
    await database.jobs.retry_failed(run.id)
    await database.runs.open_runs()
    await database.runs.to_show()
    await database.runs.latest_of(task.id)
    await database.runs.open_of(task.id)
    await database.runs.has_due(task.id, NOW)
    await database.runs.count_open()
    await database.tasks.page()
    await database.tasks.due(NOW)
    await database.tasks.scheduled()
    await database.tasks.deleting()
    await database.memberships.remember(1, Peer(chat=1, kind=ChatKind.CHANNEL, access_hash=1), "a")
    await database.memberships.peer(1, "@a")
    await database.memberships.accounts_knowing("@a")
    await database.chats.named("@a")
    await database.messages.add_new([Message(chat=1, box="", id=n, date=NOW) for n in range(1, 9)])
    await database.messages.count(1)
    await database.messages.latest(1)
    await database.messages.nth_newest(1, "", lo=1, hi=9, n=2)
    assert [i async for i in database.messages.ids(1)]
    await database.spans.extend(key, Span(chat=1, box="", lo=1, hi=9, account=1, read_at=NOW))
    await database.spans.coverage(1, "")
    await database.budgets.rest(1, "history", NOW + timedelta(days=1))
    await database.budgets.next_times(1)
    await database.budgets.spend_daily(1, Family.RESOLVE, NOW, most=5)
    lookup = await database.lookups.ask(["@a"], 1, NOW)
    await database.lookups.take(NOW - timedelta(days=1))
    await database.lookups.answer(lookup, [])
    await database.accounts.set_state(1, AccountState.READY)
    await database.jobs.delete_of(task.id)
    await database.runs.delete_of(task.id)


async def test_no_query_scans_a_collection(
    database: Database, mongo_database: MongoDatabase
) -> None:
    await mongo_database.command("profile", 2)
    await use_everything(database)
    await mongo_database.command("profile", 0)
    scans = mongo_database["system.profile"].find({"planSummary": {"$regex": "COLLSCAN"}})
    found = {(row["ns"].split(".", 1)[1], str(row["command"])) async for row in scans}
    assert {one for one in found if one[0] not in SMALL} == set()
    seen = await mongo_database["system.profile"].count_documents(
        {"planSummary": {"$regex": "IXSCAN|IDHACK"}}
    )
    assert seen > 30
