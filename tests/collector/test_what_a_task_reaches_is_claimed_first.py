"""However a task comes to a chat, it has a claim to it before the first message is stored."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bson
import pytest
from listening_side import listen, listener
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandListener
from service import CLOCK, ended, make_worker, recruit, start, working
from waiting import wait_until

from bench.soak.truth import marked
from collector.media_folder import MediaFolder
from core.account import Account
from core.chat import Chat, ChatKind, Peer
from core.claim import Came
from core.options import HistoryOptions, JoinOptions, JoinPolicy, MediaOptions, SearchOptions
from core.repair import repair_jobs
from core.run import Run, RunState
from core.task import Step
from db.client import MongoDatabase, database_of
from db.database import Database
from sandbox.chat import ChatKind as Kind
from sandbox.content.library import Library
from sandbox.entrance import Entrance
from sandbox.seed import small_world
from sandbox.server import Sandbox

FIRST = 777_000_001


@dataclass
class Order(CommandListener):
    """The claims and the chats of messages in the order in which they went to MongoDB."""

    claimed: dict[int, set[str]] = field(default_factory=dict)
    stored: dict[int, set[str]] = field(default_factory=dict)
    writes: int = 0

    def started(self, event: Any) -> None:
        command = event.command
        if command.get("update") == "claims":
            self.writes += 1
            for one in command["updates"]:
                task, _, chat = one["q"]["_id"].rpartition(":")
                self.claimed.setdefault(int(chat), set()).add(task)
        if command.get("insert") == "messages":
            for one in command["documents"]:
                chat = bson.decode(one.raw)["chat"] if hasattr(one, "raw") else one["chat"]
                self.stored.setdefault(chat, set(self.claimed.get(chat, ())))

    def succeeded(self, event: Any) -> None:
        pass

    def failed(self, event: Any) -> None:
        pass


@asynccontextmanager
async def tapped(uri: str, raw: MongoDatabase) -> AsyncIterator[tuple[Database, Order]]:
    order = Order()
    client = AsyncIOMotorClient(uri, tz_aware=True, event_listeners=[order])
    yield Database(database_of(client, raw.name)), order
    client.close()


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    world = small_world(
        chats={
            "plain_chat": 150, "topic_forum": 150, "posts_daily": 60, "posts_talk": 80,
            "old_friends": 90, "large_chat": 2_500, "python_club": 60, "files_chat": 30,
            "secret_circle": 60,
        },
        accounts=2,
        kinds={"posts_daily": Kind.CHANNEL, "topic_forum": Kind.FORUM},
        topics={"python_club": ("en", "python")},
        private=("old_friends", "secret_circle"),
        linked={"posts_daily": "posts_talk"},
        groups={"Friends": 70, "Hikers": 12},
        migrated={"Friends": "old_friends"},
        libraries={"files_chat": Library(distinct=5, least=1, most=3_000, photos=0.4)},
        entrances={
            "old_friends": Entrance(insiders=(FIRST,)),
            "secret_circle": Entrance(invite="SecretHash01", insiders=()),
            "python_club": Entrance(insiders=()),
        },
    )  # fmt: skip
    async with Sandbox(world) as running:
        yield running


@pytest.fixture
async def crew(database: Database, sandbox: Sandbox) -> list[Account]:
    return await recruit(database, sandbox, sandbox.world.accounts)


async def knows_friends(database: Database, sandbox: Sandbox) -> tuple[int, int]:
    """The first account is in the group and in what it became; both chats."""
    group, after = sandbox.world.group("Friends"), sandbox.world.titled("old_friends")
    hashed = sandbox.world.access_hash(FIRST, "channel", after.id)
    chats = (
        (Chat(id=-group.id, kind=ChatKind.GROUP, title="Friends"), 0),
        (Chat(id=marked(after.id), kind=ChatKind.SUPERGROUP, title="Old"), hashed),
    )
    for chat, key in chats:
        peer = Peer(chat=chat.id, kind=chat.kind, access_hash=key)
        await database.chats.save(chat)
        await database.memberships.joined(1, peer, str(chat.id), CLOCK.now(), task=None)
    return -group.id, marked(after.id)


async def came(database: Database, run: Run) -> dict[int, Came]:
    found = {}
    for chat in await database.claims.chats_of(run.task):
        claim = await database.claims.get(run.task, chat)
        assert claim is not None, chat
        assert not claim.waits
        found[chat] = claim.came
    return found


async def test_each_way_to_a_chat(
    database: Database,
    mongo_database: MongoDatabase,
    mongo_uri: str,
    sandbox: Sandbox,
    crew: list[Account],
    tmp_path: Path,
) -> None:
    group, after = await knows_friends(database, sandbox)
    chat = {name: marked(sandbox.world.chat(name).id) for name in (
        "plain_chat", "topic_forum", "posts_daily", "posts_talk", "large_chat", "python_club",
        "files_chat",
    )}  # fmt: skip
    secret = marked(sandbox.world.titled("secret_circle").id)
    media = HistoryOptions(media=MediaOptions(kinds=("photo", "document")))
    anyone = JoinOptions(policy=JoinPolicy.AUTO)
    searched = {
        "steps": (Step.SEARCH, Step.JOIN, Step.HISTORY),
        "search": SearchOptions(words=("python",)),
        "join": anyone,
    }
    async with tapped(mongo_uri, mongo_database) as (seen, order):
        worker = make_worker(seen, sandbox, folder=MediaFolder(tmp_path))
        async with working(worker):
            await wait_until(lambda: worker.connected() == 2, timeout=20)
            runs = {
                "topic": await start(
                    database, "@topic_forum", history=HistoryOptions(topic=_topic(sandbox))
                ),
                "named": await start(database, "@plain_chat", "@topic_forum"),
                "comments": await start(
                    database, "@posts_daily", history=HistoryOptions(comments=True)
                ),
                "split": await start(database, "@large_chat", history=HistoryOptions(split=True)),
                "forward": await start(database, str(group), account=crew[0]),
                "media": await start(database, "@files_chat", history=media),
                "found": await start(database, **searched),
                "invite": await start(
                    database, "+SecretHash01", steps=(Step.JOIN, Step.HISTORY), join=anyone
                ),
            }
            states = await ended(database, *runs.values())
            runs["back"] = await start(database, str(after), account=crew[0])
            states += await ended(database, runs["back"])
    assert dict.fromkeys(runs, RunState.DONE) == dict(zip(runs, states, strict=True))
    ways = {name: await came(database, run) for name, run in runs.items()}
    assert ways == {
        "topic": {chat["topic_forum"]: Came.HISTORY},
        "named": {chat["plain_chat"]: Came.HISTORY, chat["topic_forum"]: Came.HISTORY},
        "comments": {chat["posts_daily"]: Came.HISTORY, chat["posts_talk"]: Came.COMMENTS},
        "split": {chat["large_chat"]: Came.HISTORY},
        "forward": {group: Came.HISTORY, after: Came.MIGRATED},
        "media": {chat["files_chat"]: Came.HISTORY},
        "found": {chat["python_club"]: Came.FOUND},
        "invite": {secret: Came.JOIN},
        "back": {group: Came.MIGRATED, after: Came.HISTORY},
    }
    for number in order.stored:
        assert order.stored[number] & set(await database.claims.tasks_of(number)), number
    assert order.stored.keys() >= {*chat.values(), group, after, secret}
    assert order.writes <= 3 * sum(len(way) for way in ways.values()), "once, not once a page"


async def test_listening_and_reading_the_rest(
    database: Database,
    mongo_database: MongoDatabase,
    mongo_uri: str,
    sandbox: Sandbox,
    crew: list[Account],
) -> None:
    plain = marked(sandbox.world.chat("plain_chat").id)
    async with (
        tapped(mongo_uri, mongo_database) as (seen, order),
        working(listener(seen, sandbox)),
    ):
        run = await listen(database, "@plain_chat")
        sandbox.live.post("plain_chat", "said now")
        await wait_until(lambda: plain in order.stored)
        assert await came(database, run) == {plain: Came.LISTEN}
        await database.claims.delete_of(run.task)
        jobs = await database.jobs.of_run(run.id)
        await database.jobs.add(repair_jobs(run, jobs, CLOCK.now()))
        await wait_until(lambda: settled(database, run.task, plain))
        assert await came(database, run) == {plain: Came.HISTORY}
    assert order.stored[plain] == {run.task}


async def test_a_group_that_migrates_while_it_is_listened_to(
    database: Database, mongo_database: MongoDatabase, mongo_uri: str, sandbox: Sandbox
) -> None:
    [account] = await recruit(database, sandbox, sandbox.world.accounts[:1])
    group = sandbox.world.group("Hikers")
    peer = Peer(chat=-group.id, kind=ChatKind.GROUP, access_hash=0)
    await database.chats.save(Chat(id=-group.id, kind=ChatKind.GROUP, title="Hikers"))
    await database.memberships.joined(account.id, peer, "+invite", CLOCK.now(), task=None)
    async with (
        tapped(mongo_uri, mongo_database) as (seen, order),
        working(listener(seen, sandbox)),
    ):
        run = await listen(database, f"{-group.id}")
        after = sandbox.society.migrate(group)
        sandbox.live.post(after.id, "said at once")
        await wait_until(lambda: marked(after.id) in order.stored, timeout=20)
    assert order.stored[marked(after.id)] == {run.task}
    assert (await came(database, run))[marked(after.id)] is Came.MIGRATED


async def settled(database: Database, task: str, chat: int) -> bool:
    claim = await database.claims.get(task, chat)
    return claim is not None and not claim.waits


def _topic(sandbox: Sandbox) -> int:
    """Some topic of the forum."""
    return next(one for one in sandbox.world.chat("topic_forum").newest_of_topics if one != 1)
