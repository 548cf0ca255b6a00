"""Claims of a store from before there were any: nothing that a task collected is taken for another
one's, and what nobody can tell of is an earlier task's."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from core.chat import Chat, ChatKind, Peer
from core.claim import EARLIER, Came
from core.job import Family, Job, JobState
from core.message import Message
from core.options import HistoryOptions, SearchOptions
from core.run import Intent, Run, RunState, Status
from core.subscription import Want
from core.task import Schedule, Step, Task, TaskSpec, TaskState
from db.client import MongoDatabase
from db.codec import to_document
from db.database import Database
from db.subscriptions import Begun

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=60)
DAY = timedelta(days=1)
CHAT, OTHER = -1_001_000_000_001, -1_001_000_000_002
GROUP = -77
READS = TaskSpec(sources=("@one",))
SEARCHES = TaskSpec(
    sources=(), steps=(Step.SEARCH, Step.HISTORY), search=SearchOptions(words=("word",))
)


class Past:
    """Writes what a collector of the last release left in a store."""

    def __init__(self, raw: MongoDatabase) -> None:
        self.raw = raw
        self.database = Database(raw)
        self.numbers = 0

    async def chat(self, chat: int, **more: Any) -> None:
        kind = ChatKind.GROUP if chat > -(10**12) else ChatKind.SUPERGROUP
        await self.database.chats.save(Chat(id=chat, kind=kind, title=f"{chat}", **more))
        await self.database.messages.add_new([Message(chat=chat, box="", id=1, date=START)])

    async def task(self, spec: TaskSpec, day: int = 0, *, rev: int = 1) -> str:
        self.numbers += 1
        task = Task(
            id=f"t{self.numbers}", number=self.numbers, owner=1, chat=1, spec=spec,
            schedule=Schedule(), state=TaskState.ACTIVE, created_at=START + day * DAY, rev=rev,
        )  # fmt: skip
        await self.raw["tasks"].insert_one(to_document(task))
        return task.id

    async def run(
        self, task: str, day: float, *chats: int, pruned: bool = False, step: Step = Step.HISTORY
    ) -> str:
        """A run that read these chats. `pruned`: all that is left of it are its proofs."""
        at = START + day * DAY
        run = str(ObjectId.from_datetime(at))[:16] + str(ObjectId())[16:]
        if not pruned:
            await self.raw["runs"].insert_one(
                to_document(
                    Run(
                        id=run, task=task, number=1, owner=1, spec=READS, due=at,
                        intent=Intent.GO, status=Status(state=RunState.DONE), rev=1, planned=True,
                        created_at=at,
                    )
                )
            )  # fmt: skip
        for place, chat in enumerate(chats):
            job = Job(
                id=f"{run}:{place:04d}", run=run, task=task, step=step, source="@one",
                options=HistoryOptions(), keys=("*",), family=Family.HISTORY, created_at=at,
                state=JobState.DONE, chat=chat,
            )  # fmt: skip
            await self.proof(chat, f"{job.id}:1:9:{ObjectId()}", at)
            if not pruned:
                await self.raw["jobs"].insert_one(to_document(job))
        return run

    async def proof(self, chat: int, name: str, at: datetime) -> None:
        span = {"chat": chat, "box": "", "scope": "chat", "lo": 1, "hi": 9}
        await self.raw["spans"].insert_one({"_id": name, **span, "account": 1, "read_at": at})

    async def claims(self) -> dict[int, dict[str, Came]]:
        """The claims by chat and task, once they are built."""
        await self.database.build_claims(NOW)
        found: dict[int, dict[str, Came]] = {}
        async for one in self.raw["claims"].find({}):
            found.setdefault(one["chat"], {})[one["task"]] = Came(one["came"])
        return found


@pytest.fixture
async def past(database: Database, mongo_database: MongoDatabase) -> Past:
    return Past(mongo_database)


async def test_what_a_run_that_is_left_reached_is_its_tasks(past: Past) -> None:
    await past.chat(CHAT)
    task = await past.task(READS)
    await past.run(task, 1, CHAT)
    assert await past.claims() == {CHAT: {task: Came.HISTORY}}


async def test_what_is_listened_to_is_the_listening_tasks(past: Past) -> None:
    await past.chat(CHAT)
    task = await past.task(replace(READS, sources=("@old_name",), steps=(Step.LISTEN,)))
    run = await past.run(task, 1)
    want = Want(run=run, task=task)
    await past.database.subscriptions.want(Begun(chat=CHAT, box="", source="@one", want=want))
    await past.proof(CHAT, f"live:{CHAT}:1:9:x", START + 2 * DAY)
    assert await past.claims() == {CHAT: {task: Came.LISTEN}}


@pytest.mark.parametrize("way", ["name", "id", "invite", "old name"])
async def test_what_a_task_names_is_its_own_though_its_runs_are_pruned(
    past: Past, way: str
) -> None:
    source = {"name": "@one", "id": str(CHAT), "invite": "+AbCdEfGhIjKlMnOp", "old name": "@was"}[
        way
    ]
    await past.chat(CHAT, username="one")
    if way in {"invite", "old name"}:
        peer = Peer(chat=CHAT, kind=ChatKind.SUPERGROUP, access_hash=1)
        await past.database.memberships.joined(1, peer, source, START, task=None)
    task = await past.task(replace(READS, sources=(source,)))
    await past.run(task, 1, CHAT, pruned=True)
    await past.run(task, 9)
    assert await past.claims() == {CHAT: {task: Came.NAMED}}


async def test_what_a_history_led_on_to_is_its_tasks_though_its_runs_are_pruned(past: Past) -> None:
    channel, talk, before = CHAT, OTHER, GROUP
    await past.chat(channel, username="one", discussion=talk)
    await past.chat(talk, migrated_from=before)
    await past.chat(before, migrated_to=talk)
    task = await past.task(replace(READS, history=HistoryOptions(comments=True)))
    await past.run(task, 1, channel, talk, before, pruned=True)
    await past.run(task, 9)
    assert await past.claims() == {
        channel: {task: Came.NAMED},
        talk: {task: Came.COMMENTS},
        before: {task: Came.MIGRATED},
    }


async def test_what_nobody_reached_is_an_earlier_tasks(past: Past) -> None:
    await past.chat(CHAT)
    await past.chat(OTHER)
    await past.run("gone", 1, CHAT, pruned=True)
    assert await past.claims() == {
        CHAT: {EARLIER: Came.EARLIER},
        OTHER: {EARLIER: Came.EARLIER},
    }


async def test_who_names_a_chat_and_never_ran_did_not_collect_it(past: Past) -> None:
    await past.chat(CHAT, username="one")
    await past.task(READS)
    assert await past.claims() == {CHAT: {EARLIER: Came.EARLIER}}


async def test_what_a_pruned_search_reached_is_not_only_another_tasks(past: Past) -> None:
    """The runs of the task that reads the chat are all there: none of them was the one that is
    gone. It may have been the search's."""
    await past.chat(CHAT, username="one")
    reader = await past.task(READS)
    await past.run(reader, 3, CHAT)
    searcher = await past.task(SEARCHES)
    await past.run(searcher, 5, CHAT, pruned=True)
    await past.run(searcher, 9)
    assert (await past.claims())[CHAT] == {reader: Came.HISTORY, EARLIER: Came.EARLIER}


async def test_a_search_may_have_reached_what_a_pruned_task_reads(past: Past) -> None:
    await past.chat(CHAT, username="one")
    reader = await past.task(READS)
    await past.run(reader, 5, CHAT, pruned=True)
    await past.run(reader, 9, CHAT)
    searcher = await past.task(SEARCHES)
    await past.run(searcher, 9)
    assert (await past.claims())[CHAT] == {reader: Came.HISTORY, EARLIER: Came.EARLIER}


async def test_a_task_of_later_did_not_read_before_it_was_made(past: Past) -> None:
    await past.chat(CHAT, username="one")
    await past.run("deleted", 1, CHAT, pruned=True)
    task = await past.task(READS, day=5)
    await past.run(task, 6, CHAT)
    assert (await past.claims())[CHAT] == {task: Came.HISTORY, EARLIER: Came.EARLIER}


async def test_what_a_live_reader_stored_needs_somebody_who_listened(past: Past) -> None:
    await past.chat(CHAT, username="one")
    task = await past.task(READS)
    await past.run(task, 1, CHAT)
    await past.proof(CHAT, f"live:{CHAT}:1:9:x", START + 2 * DAY)
    assert (await past.claims())[CHAT] == {task: Came.HISTORY, EARLIER: Came.EARLIER}


async def many(past: Past, count: int = 110) -> None:
    """Chats of a task, and as many of nobody's."""
    task = await past.task(READS)
    chats = [CHAT - place for place in range(count)]
    await past.run(task, 1, *chats)
    batch = [Message(chat=chat, box="", id=1, date=START) for chat in chats]
    batch += [Message(chat=chat - count, box="", id=1, date=START) for chat in chats]
    await past.database.messages.add_new(batch)


def shares(claims: dict[int, dict[str, Came]]) -> tuple[int, int]:
    of = [set(by) for by in claims.values()]
    return of.count({"t1"}), of.count({EARLIER})


async def test_several_processes_build_them_at_once(past: Past, mongo_database: Any) -> None:
    await many(past)
    others = [Database(mongo_database) for _ in range(4)]
    async with asyncio.TaskGroup() as group:
        for one in others:
            group.create_task(one.build_claims(NOW))
    assert shares(await past.claims()) == (110, 110)


async def test_a_crash_on_the_way_is_made_good(past: Past, mongo_database: Any) -> None:
    await many(past)
    broken = Database(mongo_database)
    judge, left = broken._claim_upgrade._judge, iter(range(200))

    async def crash(*args: Any) -> None:
        if next(left) == 150:
            raise RuntimeError
        await judge(*args)

    broken._claim_upgrade._judge = crash
    with pytest.raises(RuntimeError):
        await broken.build_claims(NOW)
    marker = await mongo_database["upgrades"].find_one({"_id": "claims"})
    assert "done" not in marker
    assert shares(await past.claims()) == (110, 110)


async def test_once_built_nobody_looks_again_and_what_was_decided_stays(past: Past) -> None:
    await past.chat(CHAT)
    assert (await past.claims())[CHAT] == {EARLIER: Came.EARLIER}
    await past.database.claims.keep(CHAT)
    await past.chat(OTHER)
    again = Past(past.raw)
    assert list(await again.claims()) == [CHAT]
    assert await again.database.claims.count_earlier(undecided=True) == 0
    kept = await again.database.claims.get(EARLIER, CHAT)
    assert kept is not None
    assert kept.kept


async def test_beside_a_collector_that_writes_none_its_jobs_count(past: Past) -> None:
    """Also once its runs are pruned: they are looked through before that."""
    await past.claims()
    await past.chat(CHAT)
    task = await past.task(READS, day=59)
    await past.run(task, 59.5, CHAT)
    assert await past.database.claims.chats_of(task) == {CHAT}
    assert await past.database.claims.tasks_of(CHAT) == [task]
    assert [one async for one in past.database.claims.others(CHAT, "another")] == [task]
    await past.database.claims.keep_since(NOW - 2 * DAY, NOW)
    await past.raw["jobs"].delete_many({})
    assert await past.database.claims.chats_of(task) == {CHAT}
    assert await past.database.claims.tasks_of(CHAT) == [task]
