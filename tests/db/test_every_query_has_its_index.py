"""With 100,000 tasks, runs, jobs and messages each query of the product reads little, by an index.

Every verb of every repository is called, what it sends is caught on the way to MongoDB, and
MongoDB explains it.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from every_call import call, calls
from motor.motor_asyncio import AsyncIOMotorClient
from plenty import BLOCKED, FREE, MANY, NOW, QUEUED, fill_all
from pymongo.monitoring import CommandListener

from core.job import Family
from db.client import Document, MongoDatabase, database_of
from db.database import Database
from db.indexes import INDEXES

SMALL = {
    "accounts": "a crew of hundreds at most; reading all of it is the query",
    "operators": "tens of people",
    "sequences": "three counters",
    "workers": "a few collectors, and those of the last week",
}
"""Collections that may be scanned, and why."""

MOST_READ = 1_100
"""Documents that a query may read: what its own limit lets through, and no more."""

WHOLE = {
    "messages.ids": "reads a whole chat, as a stream",
    "messages.stream": "reads a whole chat, as a stream",
    "coverages.of_chat": "counts what is stored of a whole chat, or of one topic in it",
}
"""Verbs that may read more, and why."""

ASKED = {"find", "aggregate", "count", "distinct", "update", "delete", "findAndModify"}
PASSED_OVER = {"insert", "getMore", "killCursors", "endSessions", "explain", "hello", "ping"}
ENVELOPE = {"lsid", "txnNumber", "writeConcern", "ordered", "$db", "$clusterTime"}
ENVELOPE |= {"$readPreference", "readConcern"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What MongoDB says of a command."""

    verb: str
    collection: str
    command: str
    stages: frozenset[str]
    indexes: frozenset[str]
    keys: int
    documents: int
    returned: int

    def __str__(self) -> str:
        read = f"{self.keys} keys and {self.documents} documents for {self.returned}"
        return f"{self.verb} {self.command}: {read}, {sorted(self.stages)} {sorted(self.indexes)}"


class Tap(CommandListener):
    """Catches what a client sends."""

    def __init__(self) -> None:
        self.caught: list[Document] = []

    def started(self, event: Any) -> None:
        self.caught.append(dict(event.command))

    def succeeded(self, event: Any) -> None:
        pass

    def failed(self, event: Any) -> None:
        pass

    def take(self) -> list[Document]:
        caught, self.caught = self.caught, []
        return caught


class Survey:
    """A full store and its tapped repositories."""

    def __init__(self, uri: str) -> None:
        self.tap = Tap()
        self.name = f"test_{os.getpid()}_plenty"
        self.client = AsyncIOMotorClient(uri, tz_aware=True, event_listeners=[self.tap])
        self.raw: MongoDatabase = database_of(self.client, self.name)
        self.database = Database(self.raw)

    async def prepare(self) -> None:
        await fill_all(self.raw)
        await self.database.prepare()

    async def look(self, verb: str, method: Any, **given: Any) -> list[Look]:
        """What MongoDB says of all that a verb sends."""
        self.tap.take()
        await call(method, given)
        caught = self.tap.take()
        assert caught, f"{verb} with {given} sends nothing"
        sent = [one for one in caught if next(iter(one), "hello") not in PASSED_OVER]
        return [await self.explained(verb, one) for command in sent for one in apart(command)]

    async def explained(self, verb: str, command: Document) -> Look:
        name = next(iter(command))
        assert name in ASKED, f"{verb} sends {name}"
        explained = await self.raw.command({"explain": command, "verbosity": "executionStats"})
        plans = list(found(explained, "winningPlan"))
        statistics = list(found(explained, "executionStats"))
        assert plans, f"{verb}: no plan of {command}"
        return Look(
            verb=verb,
            collection=command[name],
            command=name,
            stages=frozenset(found(plans, "stage")),
            indexes=frozenset(found(plans, "indexName")),
            keys=sum(one["totalKeysExamined"] for one in statistics),
            documents=sum(one["totalDocsExamined"] for one in statistics),
            returned=sum(one["nReturned"] for one in statistics),
        )

    async def everything(self) -> list[Look]:
        looks = []
        for verb, method, given in calls(self.database):
            looks += await self.look(verb, method, **given)
        return looks

    async def end(self) -> None:
        await self.client.drop_database(self.name)
        self.client.close()


def apart(command: Document) -> Iterator[Document]:
    """A command as MongoDB explains it: one update or deletion at a time."""
    bare = {name: value for name, value in command.items() if name not in ENVELOPE}
    many = next((name for name in ("updates", "deletes") if name in bare), None)
    if many is None:
        yield bare
    else:
        yield from ({**bare, many: [one]} for one in bare[many])


def found(tree: Any, name: str) -> Iterator[Any]:
    """Every value of this name, wherever it is; what MongoDB decided against is left out."""
    if isinstance(tree, list):
        for one in tree:
            yield from found(one, name)
    elif isinstance(tree, dict):
        for key, value in tree.items():
            if key == name:
                yield value
            elif key != "rejectedPlans":
                yield from found(value, name)
            if key == name and isinstance(value, dict):
                yield from found(value, name)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="module")
def survey(mongo_uri: str, runner: asyncio.Runner) -> Iterator[Survey]:
    made = Survey(mongo_uri)
    runner.run(made.prepare())
    yield made
    runner.run(made.end())


@pytest.fixture(scope="module")
def looks(survey: Survey, runner: asyncio.Runner) -> list[Look]:
    """Of every verb, told by `pytest -s`; asked for after the queue was looked at."""
    found = runner.run(survey.everything())
    by_cost = sorted(found, key=lambda look: (look.documents, look.keys), reverse=True)
    sys.stdout.write("".join(f"{look}\n" for look in by_cost))
    return found


def test_a_blocked_head_of_the_queue_is_not_read(survey: Survey, runner: asyncio.Runner) -> None:
    jobs = survey.database.jobs
    [peek] = runner.run(survey.look("peek", jobs.peek, family=Family.HISTORY, keys=["a8", "*"]))
    assert QUEUED - FREE > MANY // 2
    assert (peek.documents, peek.returned) == (50, 50)
    assert peek.keys <= 60
    [first, *_] = runner.run(jobs.peek(Family.HISTORY, ["a8", "*"]))
    taken = runner.run(survey.look("claim", jobs.claim, job=first.id, account=8, token=1, now=NOW))
    assert [look.documents <= 1 for look in taken] == [True] * len(taken)
    [head] = runner.run(survey.look("peek", jobs.peek, family=Family.HISTORY, keys=[BLOCKED]))
    assert head.documents == 50


def test_every_query_has_an_index(looks: list[Look]) -> None:
    scans = [str(one) for one in looks if "COLLSCAN" in one.stages and one.collection not in SMALL]
    assert scans == []
    assert {one.collection for one in looks} >= {"tasks", "runs", "jobs", "messages", "spans"}


def test_no_query_reads_more_than_it_has_to(looks: list[Look]) -> None:
    wide = [str(one) for one in looks if one.documents > MOST_READ and one.verb not in WHOLE]
    assert wide == []


def test_what_is_sorted_in_memory_is_little(looks: list[Look]) -> None:
    sorts = [one for one in looks if "SORT" in one.stages and one.collection not in SMALL]
    assert [str(one) for one in sorts if one.documents > 10] == []


def test_no_index_is_idle(looks: list[Look]) -> None:
    declared = {(one.collection, name_of(one.keys, one.options)) for one in INDEXES}
    used = {(one.collection, name) for one in looks for name in one.indexes}
    guards = {(one.collection, name_of(one.keys, one.options)) for one in INDEXES if guards_(one)}
    assert declared - used - guards == set()


def name_of(keys: list[tuple[str, int]], options: Document) -> str:
    return options.get("name") or "_".join(f"{name}_{way}" for name, way in keys)


def guards_(index: Any) -> bool:
    return bool(index.options.get("unique") or "expireAfterSeconds" in index.options)
