"""Whatever date is named, what is read is what has such a date: of a chat, a topic, a range."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from reading_side import Reader, reading
from service import (
    CLOCK,
    again,
    ended,
    make_worker,
    progress_of,
    recruit,
    start,
    stored_ids,
    working,
)

from bench.soak.truth import marked
from collector.jobs.dates import first_since, newest_before
from core.dates import just_after
from core.options import HistoryOptions
from core.run import RunState
from db.database import Database
from sandbox import threads
from sandbox.chat import ChatKind
from sandbox.seed import small_world
from sandbox.server import Sandbox

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FORUM, PLAIN, POSTS, TALK = "topic_forum", "plain_chat", "posts_daily", "posts_talk"
SECOND, MOMENT = timedelta(seconds=1), timedelta(milliseconds=1)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    world = small_world(
        chats={PLAIN: 2_500, FORUM: 200, POSTS: 60, TALK: 80},
        accounts=3,
        kinds={POSTS: ChatKind.CHANNEL, FORUM: ChatKind.FORUM},
        linked={POSTS: TALK},
    )
    async with Sandbox(world) as running:
        yield running


def moments(dates: Sequence[datetime]) -> list[datetime]:
    """What can be named as a bound: the ends of every range of dates, and what is beside them."""
    first, middle, last = dates[0], dates[len(dates) // 2], dates[-1]
    ends = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
    far = [
        EPOCH - timedelta(days=36_500),
        EPOCH - timedelta(seconds=2**31),
        EPOCH - timedelta(seconds=2**31 + 1),
        EPOCH + timedelta(seconds=2**31 - 1),
        EPOCH + timedelta(seconds=2**31),
        EPOCH + timedelta(seconds=2**32),
        EPOCH + timedelta(seconds=2**32 + 7),
        CLOCK.now() - timedelta(days=36_500),
        CLOCK.now(),
    ]
    beside = [
        one + step
        for one in (EPOCH, first, middle, last)
        for step in (-SECOND, -MOMENT, 0 * MOMENT, MOMENT, SECOND, SECOND + MOMENT)
    ]
    return [*ends, *far, *beside]


def dated(sandbox: Sandbox, name: str, ids: Sequence[int]) -> list[tuple[int, datetime]]:
    chat = sandbox.world.chat(name)
    return [(one, datetime.fromtimestamp(chat.date(one), UTC)) for one in ids]


async def check(reader: Reader, told: list[tuple[int, datetime]], topic: int | None) -> int:
    """Ask for every bound; how many there were."""
    bounds = moments([date for _, date in told])
    for bound in bounds:
        lowest = await first_since(reader.ctx, reader.peer, bound, topic=topic)
        wanted = [number for number, date in told if date >= bound]
        assert [number for number, _ in told if number >= lowest] == wanted, bound
        newest = await newest_before(reader.ctx, reader.peer, just_after(bound), topic=topic)
        below = [number for number, date in told if date.replace(microsecond=0) <= bound]
        assert newest.ids() == tuple(below[-1:]), bound
    return len(bounds)


@pytest.mark.parametrize("of_topic", [False, True])
async def test_each_bound_finds_the_message_at_it(
    database: Database, sandbox: Sandbox, *, of_topic: bool
) -> None:
    name = FORUM if of_topic else PLAIN
    chat = sandbox.world.chat(name)
    topic = next(one for one in chat.newest_of_topics if one != 1) if of_topic else None
    ids = chat.ids() if topic is None else threads.topic(chat, topic)
    async with reading(database, sandbox) as account:
        reader = await account.open(name)
        assert await check(reader, dated(sandbox, name, ids), topic) == 35


@pytest.mark.parametrize(
    "since",
    [
        datetime(1, 1, 3, tzinfo=UTC),
        EPOCH - timedelta(seconds=2**31),
        EPOCH,
        EPOCH + MOMENT,
        CLOCK.now() - timedelta(days=36_500),
    ],
)
@pytest.mark.parametrize("split", [False, True])
async def test_a_date_before_all_messages_leaves_none_out(
    database: Database, sandbox: Sandbox, since: datetime, *, split: bool
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts)
    async with working(make_worker(database, sandbox)):
        history = HistoryOptions(since=since, split=split)
        run = await start(database, f"@{PLAIN}", history=history)
        assert await ended(database, run) == [RunState.DONE]
        jobs = await database.jobs.of_run(run.id)
        assert (len(jobs) > 1) is split
    assert await stored_ids(database, sandbox, PLAIN) == sorted(sandbox.world.chat(PLAIN).ids())


async def test_comments_have_the_same_bounds(database: Database, sandbox: Sandbox) -> None:
    await recruit(database, sandbox, sandbox.world.accounts)
    async with working(make_worker(database, sandbox)):
        history = HistoryOptions(since=EPOCH, comments=True, limit=50)
        run = await start(database, f"@{POSTS}", history=history)
        assert await ended(database, run) == [RunState.DONE]
    for name in (POSTS, TALK):
        ids = sorted(sandbox.world.chat(name).ids())
        assert await stored_ids(database, sandbox, name) == ids[-50:]


async def test_what_no_message_can_be_of_is_done_with_nothing(
    database: Database, sandbox: Sandbox
) -> None:
    await recruit(database, sandbox, sandbox.world.accounts)
    never = (
        HistoryOptions(until=EPOCH - SECOND),
        HistoryOptions(since=EPOCH + timedelta(seconds=2**31)),
        HistoryOptions(since=CLOCK.now()),
    )
    async with working(make_worker(database, sandbox)):
        for history in never:
            run = await start(database, f"@{PLAIN}", history=history)
            assert await ended(database, run) == [RunState.DONE]
            assert (await progress_of(database, run)).read == 0
        far = HistoryOptions(until=datetime.max.replace(tzinfo=UTC))
        run = await start(database, f"@{PLAIN}", history=far)
        assert await ended(database, run) == [RunState.DONE]
        assert len(await stored_ids(database, sandbox, PLAIN)) == sandbox.world.chat(PLAIN).count
        assert await ended(database, await again(database, run)) == [RunState.DONE]


async def test_a_server_that_takes_the_date_for_included_changes_nothing(
    database: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = sandbox.world.chat(PLAIN)
    at = sorted(chat.ids())[100]
    same = datetime.fromtimestamp(chat.date(at), UTC)
    strict = type(chat).first_id_since
    monkeypatch.setattr(type(chat), "first_id_since", lambda self, date: strict(self, date + 1))
    async with reading(database, sandbox) as account:
        reader = await account.open(PLAIN)
        lowest = await first_since(reader.ctx, reader.peer, same)
    expected = [one for one in chat.ids() if chat.date(one) >= chat.date(at)]
    assert [one for one in chat.ids() if one >= lowest] == expected
    assert marked(chat.id) == reader.chat.id
