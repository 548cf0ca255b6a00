"""A message ends as Telegram has it last, whether an edit has a date, hides it, or has none."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.edit_order import Age
from core.message import Edit, Media, Message, Sender, Wording
from core.record import Record, number_edits, record_of
from db.client import MongoDatabase, connect, database_of
from db.database import Database

CHAT = -1001
NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
FIRST = Message(chat=CHAT, box="", id=1, date=NOW, text="state 0")
SHOWN, HIDDEN, UNDATED = "shown", "hidden", "undated"


@dataclass(frozen=True)
class State:
    """What a message was after its n-th edit, and how that edit was dated."""

    number: int
    kind: str
    second: int

    @property
    def pts(self) -> int:
        return 10 + self.number * 3

    def message(self, chat_id: int) -> Message:
        at = NOW + timedelta(seconds=self.second)
        return replace(
            FIRST,
            id=chat_id,
            text=f"state {self.number}",
            edit_date=at if self.kind == SHOWN else None,
            hidden_edit_date=at if self.kind == HIDDEN else None,
        )

    def update(self, chat_id: int) -> Edit:
        return Edit(message=self.message(chat_id), pts=self.pts)

    def in_history(self, chat_id: int, later: int) -> Record:
        """As a page of the channel's history shows it, some events later."""
        record = record_of(self.message(chat_id))
        number_edits([record], self.pts + later)
        return record


KINDS = st.sampled_from([SHOWN, HIDDEN, UNDATED])


@st.composite
def lives(draw: st.DrawFn) -> list[State]:
    """What became of a message: dates never go back, several edits may share a second."""
    second, states = 0, [State(0, UNDATED, 0)]
    for number, kind in enumerate(draw(st.lists(KINDS, min_size=1, max_size=5)), 1):
        second += draw(st.integers(0, 2))
        states.append(State(number, kind, second))
    return states


@st.composite
def trials(draw: st.DrawFn) -> tuple[list[State], list[tuple[str, State, int]]]:
    """A life, and what was heard and read of it: every edit was told at least once."""
    life = draw(lives())
    told = [("told", state, 0) for state in life[1:]]
    told += draw(st.lists(st.sampled_from(told), max_size=3))
    seen = [life[0], *(state for state in life if state.kind != UNDATED)]
    read = draw(st.lists(st.tuples(st.sampled_from(seen), st.integers(0, 2)), max_size=3))
    told += [("read", state, later) for state, later in read]
    return life, draw(st.permutations(told))


async def happen(database: Database, number: int, event: tuple[str, State, int]) -> None:
    how, state, later = event
    if how == "told":
        await database.messages.edit([state.update(number)])
    else:
        await database.messages.add_records([state.in_history(number, later)])


DATED_THEN_NOT = [State(0, UNDATED, 0), State(1, SHOWN, 1), State(2, UNDATED, 1)]
NOT_THEN_DATED = [State(0, UNDATED, 0), State(1, UNDATED, 0), State(2, SHOWN, 5)]


def told(*states: State) -> list[tuple[str, State, int]]:
    return [("told", state, 0) for state in states]


def test_any_order_ends_with_the_newest(mongo_uri: str) -> None:
    numbers = itertools.count(1)
    name = f"test_{os.getpid()}_newest"

    @asynccontextmanager
    async def opened() -> AsyncIterator[Database]:
        async with connect(mongo_uri) as client:
            database = Database(database_of(client, name))
            await database.prepare()
            yield database
            await client.drop_database(name)

    with asyncio.Runner() as runner:
        store = opened()
        database = runner.run(store.__aenter__())

        async def trial(life: list[State], events: list[tuple[str, State, int]]) -> None:
            number = next(numbers)
            for event in events:
                await happen(database, number, event)
            [stored] = await database.messages.latest(CHAT, limit=1)
            assert (stored.id, stored.text) == (number, f"state {life[-1].number}"), events
            past = await database.messages.versions(CHAT, "", number)
            assert stored.text not in [one.text for one in past]
            shown = [state.number for state in life if f"state {state.number}" in texts(past)]
            assert shown == sorted(shown)

        @settings(max_examples=80, database=None, deadline=None)
        @given(trials())
        @example((DATED_THEN_NOT, told(*DATED_THEN_NOT[1:])))
        @example((DATED_THEN_NOT, told(*DATED_THEN_NOT[:0:-1])))
        @example((NOT_THEN_DATED, told(*NOT_THEN_DATED[1:])))
        @example((NOT_THEN_DATED, told(*NOT_THEN_DATED[:0:-1])))
        def holds(case: tuple[list[State], list[tuple[str, State, int]]]) -> None:
            runner.run(trial(*case))

        try:
            holds()
        finally:
            runner.run(store.__aexit__(None, None, None))


def texts(past: list[object]) -> list[str]:
    return [one.text for one in past]  # type: ignore[attr-defined]


async def test_what_history_shows_without_a_number_counts_as_it_comes(database: Database) -> None:
    """Basic groups number no history: what was read last is how it is."""
    state = State(1, UNDATED, 0)
    await database.messages.edit([state.update(1)])
    dated = State(2, SHOWN, 5).message(1)
    await database.messages.add_new([dated])
    assert await database.messages.latest(CHAT) == [dated]
    await database.messages.edit([state.update(1)])
    assert await database.messages.latest(CHAT) == [dated]
    later = State(3, UNDATED, 5)
    await database.messages.edit([later.update(1)])
    assert await database.messages.latest(CHAT) == [later.message(1)]


async def test_a_hidden_edit_that_changes_what_is_around_leaves_no_version(
    database: Database,
) -> None:
    poll = Media(kind="poll")
    question = Wording(kind="poll_question", text="Tea?")
    first = replace(FIRST, text="", media=poll, texts=(question,))
    await database.messages.add_new([first])
    at = NOW + timedelta(minutes=1)
    around = (
        question,
        *(
            Wording(kind=kind, text="new")
            for kind in ("button", "preview_title", "fact_check", "poll_solution", "reply_hint")
        ),
    )
    hidden = replace(first, texts=around, hidden_edit_date=at, views=9)
    await database.messages.edit([Edit(message=hidden, pts=4)])
    assert await database.messages.latest(CHAT) == [hidden]
    assert await database.messages.versions(CHAT, "", 1) == []
    changed = replace(
        hidden, texts=(Wording(kind="poll_question", text="Coffee?"),), hidden_edit_date=at
    )
    await database.messages.edit([Edit(message=changed, pts=5)])
    [version] = await database.messages.versions(CHAT, "", 1)
    assert version.texts == around
    assert version.edit_date == at


async def test_texts_that_were_not_kept_once_are_no_change(
    database: Database, mongo_database: MongoDatabase
) -> None:
    """A store of the version before has none."""
    stored = replace(FIRST, text="", media=Media(kind="poll"))
    await database.messages.add_new([stored])
    more = replace(
        stored,
        texts=(Wording(kind="poll_question", text="Tea?"),),
        edit_date=NOW + timedelta(seconds=9),
    )
    await database.messages.edit([Edit(message=more, pts=4)])
    assert await database.messages.latest(CHAT) == [more]
    assert await mongo_database["versions"].count_documents({}) == 0


async def test_an_edit_without_a_name_keeps_the_one_that_is_known(database: Database) -> None:
    ada = replace(FIRST, sender=Sender(id=7, name="Ada"))
    await database.messages.add_new([ada])
    nameless = replace(FIRST, sender=Sender(id=7), edit_date=NOW + timedelta(seconds=1), text="x")
    await database.messages.edit([Edit(message=nameless, pts=4)])
    [stored] = await database.messages.latest(CHAT)
    assert (stored.text, stored.sender) == ("x", Sender(id=7, name="Ada"))
    other = replace(nameless, sender=Sender(id=8), edit_date=NOW + timedelta(seconds=2))
    await database.messages.edit([Edit(message=other, pts=5)])
    [stored] = await database.messages.latest(CHAT)
    assert stored.sender == Sender(id=8)


@settings(max_examples=400)
@given(
    st.lists(
        st.builds(
            Age,
            st.one_of(st.none(), st.integers(0, 3).map(lambda s: NOW + timedelta(seconds=s))),
            st.one_of(st.none(), st.integers(0, 3)),
        ),
        min_size=2,
        max_size=2,
    )
)
def test_of_two_states_one_at_most_is_newer_where_they_can_be_compared(ages: list[Age]) -> None:
    one, other = ages
    assert not one.newer_than(one)
    assert one.comparable(other) == other.comparable(one)
    if one.comparable(other):
        assert not (one.newer_than(other) and other.newer_than(one))
        assert one.pts == other.pts or one.newer_than(other) or other.newer_than(one)
