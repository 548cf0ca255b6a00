"""Messages dated 1970 or 2038 in the middle or at the top of a chat leave nothing unproven, and
mislead no bound, however Telegram searches for a date."""

from bisect import bisect_left
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from reading_side import Reader, reading
from service import CLOCK

from collector.jobs.dates import first_since, newest_before
from core.clock import Clock
from core.trusted_clock import TimeSource, TrustedClock
from db.database import Database
from sandbox.chat import Chat
from sandbox.seed import small_world
from sandbox.server import Sandbox

ODD = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC))
odds = pytest.mark.parametrize("odd", ODD, ids=["1970", "2038"])


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(small_world(chats={"odd_dates": 240}, accounts=1)) as running:
        yield running


def misdate(chat: Chat, number: int, odd: datetime) -> None:
    message, old = chat.message(number), chat.written(number)
    assert message is not None
    assert old is not None
    message.date = odd
    chat.replace(number, old._replace(raw=bytes(message)))


@odds
async def test_all_is_stored_and_proven(
    database: Database, sandbox: Sandbox, odd: datetime
) -> None:
    chat = sandbox.world.chat("odd_dates")
    ids = chat.ids()
    for number in (ids[-1], ids[-3], ids[120], ids[119], ids[7]):
        misdate(chat, number, odd)
    async with reading(database, sandbox) as one:
        reader = await one.open("odd_dates")
        assert await reader.read(1, ids[-1]) == 0
        assert (await reader.proven()).ranges == ((1, ids[-1]),)
        assert await reader.stored() == list(ids)
    [stored] = [m async for m in database.messages.stream(reader.chat.id) if m.id == ids[7]]
    assert stored.date == odd


class Off:
    """A wall clock that is wrong by so much."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return CLOCK.now() + self._by

    def elapsed(self) -> float:
        return CLOCK.elapsed()


def by_telegram(reader: Reader, clock: Clock) -> Reader:
    """The reader on a machine with this clock; Telegram has answered a moment ago."""
    trusted = TrustedClock(clock, needs=(TimeSource.TELEGRAM,))
    now = clock.elapsed()
    trusted.telegram(CLOCK.now().timestamp(), sent=now, received=now)
    return replace(reader, ctx=replace(reader.ctx, clock=clock, trusted=trusted))


WRONG = [timedelta(), timedelta(days=-4000), timedelta(days=-30), timedelta(days=30)]


@odds
@pytest.mark.parametrize("by", WRONG, ids=str)
async def test_where_no_date_is_true_telegrams_time_tells(
    database: Database, sandbox: Sandbox, odd: datetime, by: timedelta
) -> None:
    chat = sandbox.world.chat("odd_dates")
    ids = chat.ids()
    for number in ids:
        misdate(chat, number, odd)
    async with reading(database, sandbox) as one:
        reader = by_telegram(await one.open("odd_dates"), Off(by))
        await reader.walk().read(ids[-1], ids[-1], limit=None)
        await reader.walk().read(1, ids[-2], limit=None)
        assert (await reader.proven()).missing(1, ids[-1]).ranges == ()


@pytest.mark.parametrize("by", WRONG, ids=str)
async def test_what_is_young_is_told_by_telegrams_time(
    database: Database, sandbox: Sandbox, by: timedelta
) -> None:
    chat = sandbox.world.chat("odd_dates")
    ids = chat.ids()
    for number, seconds in ((ids[-1], 10), (ids[-2], 40), (ids[-3], 90)):
        misdate(chat, number, CLOCK.now() - timedelta(seconds=seconds))
    async with reading(database, sandbox) as one:
        reader = by_telegram(await one.open("odd_dates"), Off(by))
        await reader.walk().read(1, ids[-1], limit=None)
        assert (await reader.proven()).ranges == ((1, ids[-2] - 1),)
        assert await reader.stored() == list(ids)


def by_place(chat: Chat, _: dict[int, int]) -> Callable[[int], int]:
    """The sandbox's own: it knows when each message was truly sent."""
    return chat.first_id_since


def by_looking_at_each(chat: Chat, dates: dict[int, int]) -> Callable[[int], int]:
    """What is before the date is all up to the newest message that has an earlier one."""
    return lambda date: max((one for one in dates if dates[one] < date), default=0) + 1


def by_halving(chat: Chat, dates: dict[int, int]) -> Callable[[int], int]:
    """As if dates rose, which a strange one misleads."""
    ids, told = list(dates), list(dates.values())
    return lambda date: [*ids, ids[-1] + 1][bisect_left(told, date)]


@odds
@pytest.mark.parametrize("search", [by_place, by_looking_at_each, by_halving])
async def test_no_bound_is_misled(
    database: Database,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    odd: datetime,
    search: Callable[..., Callable[[int], int]],
) -> None:
    chat = sandbox.world.chat("odd_dates")
    ids = list(chat.ids())
    middle = len(ids) // 2
    true = {one: chat.date(one) for one in ids}
    moment = datetime.fromtimestamp(true[ids[middle]], UTC)
    kept = {one: chat.written(one) for one in ids}
    places = ([middle - 1], [middle], [middle + 1], [-1], [0], [middle // 2], [-middle // 2])
    runs = ([middle - 1, middle], [*range(middle - 30, middle + 30)], [*range(10, 230)])
    async with reading(database, sandbox) as one:
        reader = await one.open("odd_dates")
        for at in (*places, *runs):
            strange = {ids[place] for place in at}
            for number in strange:
                misdate(chat, number, odd)
            dates = true | dict.fromkeys(strange, int(odd.timestamp()))
            monkeypatch.setattr(chat, "first_id_since", search(chat, dates))
            lowest = await first_since(reader.ctx, reader.peer, moment)
            newest = await newest_before(reader.ctx, reader.peer, moment)
            monkeypatch.undo()
            older = [one for one in ids if true[one] < true[ids[middle]] and one not in strange]
            younger = [one for one in ids if true[one] >= true[ids[middle]] and one not in strange]
            assert lowest <= min(younger), at
            assert max(older) <= max(newest.ids()) < min(younger), at
            if search is not by_halving:
                assert max(older) < lowest, at
            for number in strange:
                chat.replace(number, kept[number])
