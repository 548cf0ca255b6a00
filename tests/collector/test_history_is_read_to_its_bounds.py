"""Bounds of a history: a first message, a topic, what is hidden, and chats that belong to it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from service import CLOCK, again, ended, job_of, make_worker, recruit, start, stored_ids, working
from service import world_ids as whole

from bench.soak.truth import marked
from core.account import Account
from core.chat import Chat, ChatKind, Peer
from core.job import JobState
from core.options import HistoryOptions
from core.run import RunState
from core.task import Step
from db.database import Database
from sandbox import threads
from sandbox.box import Peer as BoxPeer
from sandbox.chat import ChatKind as Kind
from sandbox.entrance import Entrance
from sandbox.seed import small_world
from sandbox.server import Sandbox

FIRST, SECOND = 777_000_001, 777_000_002


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    world = small_world(
        chats={
            "plain_chat": 400, "topic_forum": 300, "posts_daily": 120, "posts_talk": 200,
            "late_room": 300, "old_friends": 150,
        },
        accounts=2,
        kinds={"posts_daily": Kind.CHANNEL, "topic_forum": Kind.FORUM},
        private=("late_room", "old_friends"),
        linked={"posts_daily": "posts_talk"},
        groups={"Friends": 130, "Hikers": 140},
        migrated={"Friends": "old_friends"},
        entrances={
            "late_room": Entrance(invite="LateRoom01", hidden_history=True, insiders=(FIRST,)),
            "old_friends": Entrance(insiders=(FIRST, SECOND)),
            "Hikers": Entrance(invite="Hikers01", insiders=(FIRST,)),
        },
    )  # fmt: skip
    async with Sandbox(world) as running:
        yield running


@pytest.fixture
async def crew(database: Database, sandbox: Sandbox) -> list[Account]:
    return await recruit(database, sandbox, sandbox.world.accounts)


async def knows(
    database: Database, sandbox: Sandbox, account: Account, title: str, *, group: bool = False
) -> Chat:
    """Let the account be a known member of a private chat or of a basic group."""
    if group:
        chat = Chat(id=-sandbox.world.group(title).id, kind=ChatKind.GROUP, title=title)
        key = 0
    else:
        bare = sandbox.world.titled(title).id
        chat = Chat(id=marked(bare), kind=ChatKind.SUPERGROUP, title=title)
        key = sandbox.world.access_hash(777_000_000 + account.id, "channel", bare)
    peer = Peer(chat=chat.id, kind=chat.kind, access_hash=key)
    await database.chats.save(chat)
    await database.memberships.joined(account.id, peer, str(chat.id), CLOCK.now(), task=None)
    return chat


async def ids(database: Database, chat: int, box: str = "") -> list[int]:
    return [one async for one in database.messages.ids(chat, box)]


async def test_nothing_is_older_than_the_first_message(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    everything = whole(sandbox, "plain_chat")
    first = everything[150]
    async with working(make_worker(database, sandbox)):
        run = await start(database, "@plain_chat", history=HistoryOptions(from_id=first))
        assert await ended(database, run) == [RunState.DONE]
        assert await stored_ids(database, sandbox, "plain_chat") == everything[150:]


async def test_a_topic_is_read_alone_and_a_whole_chat_covers_its_topics(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    forum = sandbox.world.chat("topic_forum")
    topics = [one for one in forum.newest_of_topics if one != 1]
    small, other = topics[0], topics[1]
    wanted = threads.topic(forum, small)
    async with working(make_worker(database, sandbox)):
        options = HistoryOptions(topic=small)
        run = await start(database, "@topic_forum", history=options)
        assert await ended(database, run) == [RunState.DONE]
        assert await stored_ids(database, sandbox, "topic_forum") == wanted
        chat = marked(forum.id)
        assert not (await database.spans.coverage(chat, "")).ranges
        covered = await database.coverages.of_chat(chat, "", top=wanted[-1], topic=small)
        assert (covered.stored, covered.unknown) == (len(wanted), 0)

        everything = await start(database, "@topic_forum")
        assert await ended(database, everything) == [RunState.DONE]
        before = replies(sandbox)
        known = await start(database, "@topic_forum", history=HistoryOptions(topic=other))
        assert await ended(database, known) == [RunState.DONE]
        assert replies(sandbox) - before == 1
        nowhere = await start(database, "@topic_forum", history=HistoryOptions(topic=9_999))
        assert await ended(database, nowhere) == [RunState.FAILED]
        failure = (await job_of(database, nowhere)).failure
        assert failure is not None
        assert failure.reason == "topic_unknown"
    assert await stored_ids(database, sandbox, "topic_forum") == whole(sandbox, "topic_forum")


def replies(sandbox: Sandbox) -> int:
    return sum(call.method == "messages.getReplies" for call in sandbox.counters.calls)


async def test_comments_are_read_as_the_chat_that_they_are(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    async with working(make_worker(database, sandbox)):
        plain = await start(database, "@posts_daily")
        assert await ended(database, plain) == [RunState.DONE]
        assert len(await database.jobs.of_run(plain.id)) == 1
        run = await start(database, "@posts_daily", history=HistoryOptions(comments=True))
        assert await ended(database, run) == [RunState.DONE]
    sources = [job.source for job in await database.jobs.of_run(run.id)]
    assert sources == ["@posts_daily", "@posts_talk"]
    for name in ("posts_daily", "posts_talk"):
        assert await stored_ids(database, sandbox, name) == whole(sandbox, name)
    known = await database.chats.get(marked(sandbox.world.chat("posts_daily").id))
    assert known is not None
    assert known.discussion == marked(sandbox.world.chat("posts_talk").id)


async def test_what_is_hidden_from_the_account_is_unreadable_until_another_reads_it(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    chat = await knows(database, sandbox, crew[0], "late_room")
    room = sandbox.world.titled("late_room")
    top, hidden = room.top_id, sandbox.world.first_readable(FIRST, room)
    async with working(make_worker(database, sandbox)):
        run = await start(database, str(chat.id), account=crew[0])
        assert await ended(database, run) == [RunState.DONE]
    assert await ids(database, chat.id) == [one for one in room.ids() if one > hidden]
    assert (await database.spans.coverage(chat.id, "")).ranges == ((hidden + 1, top),)
    covered = await database.coverages.of_chat(chat.id, "")
    assert (covered.unreadable, covered.unknown) == (hidden, 0)
    second = Peer(chat=chat.id, kind=chat.kind, access_hash=1)
    await database.memberships.joined(crew[1].id, second, str(chat.id), CLOCK.now(), task=None)
    covered = await database.coverages.of_chat(chat.id, "")
    assert (covered.unreadable, covered.unknown) == (0, hidden)


async def test_a_group_that_migrated_goes_on_in_its_supergroup_and_back(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    group = await knows(database, sandbox, crew[0], "Friends", group=True)
    after = sandbox.world.titled("old_friends")
    box = list(sandbox.world.box(FIRST).ids(BoxPeer("chat", -group.id)))
    async with working(make_worker(database, sandbox)):
        run = await start(database, str(group.id), account=crew[0])
        assert await ended(database, run) == [RunState.DONE]
        assert await ids(database, group.id, "a1") == box
        assert await ids(database, marked(after.id)) == sorted(after.ids())
        jobs = await database.jobs.of_run(run.id)
        assert [job.chat for job in jobs] == [group.id, marked(after.id)]
        assert {job.state for job in jobs} == {JobState.DONE}
        repeated = await again(database, run)
        assert await ended(database, repeated) == [RunState.DONE]
        assert len(await database.jobs.of_run(repeated.id)) == 2

        await knows(database, sandbox, crew[1], "old_friends")
        backwards = await start(database, str(marked(after.id)), account=crew[1])
        assert await ended(database, backwards) == [RunState.DONE]
        chats = [job.chat for job in await database.jobs.of_run(backwards.id)]
        assert chats == [marked(after.id), group.id]
    linked = await database.chats.get(group.id)
    assert linked is not None
    assert linked.migrated_to == marked(after.id)
    successor = await database.chats.get(marked(after.id))
    assert successor is not None
    assert successor.migrated_from == group.id


async def test_what_an_account_is_not_in_is_left_to_one_that_is(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    group = await knows(database, sandbox, crew[0], "Hikers", group=True)
    await database.accounts.claimed({1}, CLOCK.now() + timedelta(days=1))
    async with working(make_worker(database, sandbox)):
        run = await start(database, str(group.id))
        assert await ended(database, run) == [RunState.DONE]
    assert (await job_of(database, run)).account == 1
    assert await ids(database, group.id, "a1")


async def test_a_repeated_run_stores_what_is_new_and_leaves_old_edits_to_listening(
    database: Database, sandbox: Sandbox, crew: list[Account]
) -> None:
    forum = sandbox.world.chat("plain_chat")
    async with working(make_worker(database, sandbox)):
        run = await start(database, "@plain_chat", steps=(Step.HISTORY,))
        assert await ended(database, run) == [RunState.DONE]
        edited = await stored_ids(database, sandbox, "plain_chat")
        newest = forum.post()
        target = edited[-5]
        forum.replace(target, forum.written(edited[-3]))
        repeated = await again(database, run)
        assert await ended(database, repeated) == [RunState.DONE]
    progress = (await job_of(database, repeated)).progress
    assert (progress.new, progress.known) == (1, len(edited))
    assert (await stored_ids(database, sandbox, "plain_chat"))[-1] == newest
    assert await database.messages.versions(marked(forum.id), "", target) == []
