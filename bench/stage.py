"""What every benchmark stands on: a MongoDB of its own, and collectors as their users run them."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.embedded_mongo import EmbeddedMongo
from bench.process import Child, child
from bench.telegram import Person, Telegram
from collector.telegram.vault import SessionVault
from core.clock import SystemClock
from core.run import OPEN_STATES, Run, RunState
from core.task import AccountPolicy, Schedule, TaskSpec
from db.accounts import SignedIn
from db.client import MongoDatabase, connect, database_of
from db.database import Database

CLOCK = SystemClock()
POLL_SECONDS = 0.05
"""A hundred questions a second would take a tenth of the machine from what is measured."""
PATIENCE = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One reading: messages in the store, seconds of CPU and of wall time that it took."""

    messages: int
    cpu: float
    wall: float

    @property
    def by_cpu(self) -> float:
        return self.messages / max(self.cpu, 0.001)

    @property
    def by_wall(self) -> float:
        return self.messages / self.wall


class Collector:
    """A `telecrew collector` and the database that it works on."""

    def __init__(
        self, process: Child, bare: MongoDatabase, database: Database, *, chat: int = 1
    ) -> None:
        self._chat = chat
        self.process = process
        self.bare = bare
        self.database = database

    async def collect(self, *runs: Sequence[str], accounts: Sequence[int] | None = None) -> Pass:
        """Read the sources of each run, all runs at once, and wait for their end.

        The accounts are the runs' own, one each; without them the crew shares the work.
        """
        cpu, began = self.process.cpu(), time.perf_counter()
        opened = [
            await self.open(sources, None if accounts is None else accounts[place])
            for place, sources in enumerate(runs)
        ]
        await self._ended(opened)
        wall = time.perf_counter() - began
        return Pass(messages=await self._stored(), cpu=self.process.cpu() - cpu, wall=wall)

    async def open(self, sources: Sequence[str], account: int | None = None) -> Run:
        """A new task and its run, of this account or of any."""
        policy = AccountPolicy() if account is None else AccountPolicy.pinned(account)
        now = CLOCK.now()
        task = await self.database.tasks.add(
            owner=self._chat,
            chat=self._chat,
            spec=TaskSpec(sources=tuple(sources), policy=policy),
            schedule=Schedule(),
            next_due=None,
            now=now,
        )
        run = await self.database.runs.open(task, due=now, now=now)
        if run is None:
            raise RuntimeError("a new task has no run")
        return run

    async def forget(self) -> None:
        """Remove what was collected, so that it is read again."""
        await self.bare["messages"].delete_many({})
        await self.bare["spans"].delete_many({})

    async def _ended(self, runs: Sequence[Run]) -> None:
        for run in runs:

            async def has_ended(run: Run = run) -> bool:
                return await self._state(run) not in OPEN_STATES

            await until(has_ended)
            if (state := await self._state(run)) is not RunState.DONE:
                raise RuntimeError(f"a run ended as {state}")

    async def _state(self, run: Run) -> RunState:
        found = await self.database.runs.get(run.id)
        if found is None:
            raise RuntimeError("a run is gone")
        return found.status.state

    async def _stored(self) -> int:
        return int(await self.bare["messages"].count_documents({}))


class Crew:
    """A database with accounts, and the settings of whoever is to work on it."""

    def __init__(
        self,
        bare: MongoDatabase,
        database: Database,
        vault: SessionVault,
        settings: dict[str, str],
    ) -> None:
        self.bare = bare
        self.database = database
        self._vault = vault
        self._settings = settings

    @property
    def settings(self) -> dict[str, str]:
        """What every process of it is given."""
        return dict(self._settings)

    async def sign_in(self, telegram: Telegram, *people: Person) -> None:
        """Make these people accounts, or sign them in again."""
        await recruit(self.database, telegram, people, self._vault)

    @asynccontextmanager
    async def process(self, module: str) -> AsyncIterator[Child]:
        """A module of ours in place of `telecrew`, with the same settings; it talks."""
        async with child(module, environment=self._settings) as process:
            yield process

    @asynccontextmanager
    async def collector(self, **settings: str) -> AsyncIterator[Collector]:
        """A `telecrew collector`; it connects the accounts by itself."""
        words, given = ("app.cli", "collector", "--no-env-file"), {**self._settings, **settings}
        async with child(*words, environment=given, talks=False) as process:
            chat = int(self._settings["ADMINS"])
            yield Collector(process, self.bare, self.database, chat=chat)


class Stage:
    """A folder and a MongoDB. `quick`: just enough to see that everything works."""

    def __init__(self, folder: Path, mongo: EmbeddedMongo, *, quick: bool) -> None:
        self.folder = folder
        self.mongo = mongo
        self.quick = quick
        self._numbers = itertools.count(1)

    def fresh(self, what: str) -> str:
        """A name that nothing else has."""
        return f"{what}_{next(self._numbers)}"

    @asynccontextmanager
    async def database(self) -> AsyncIterator[tuple[MongoDatabase, Database, str]]:
        """An empty database, bare and with its repositories, and its name; dropped afterwards."""
        name = self.fresh("bench")
        async with connect(self.mongo.uri) as client:
            bare = database_of(client, name)
            database = Database(bare)
            await database.prepare()
            yield bare, database, name
            await client.drop_database(name)

    @asynccontextmanager
    async def crew(self, telegram: Telegram, people: Sequence[Person]) -> AsyncIterator[Crew]:
        """A database with these people as its accounts."""
        async with self.database() as (bare, database, name):
            key = SessionVault.new_key()
            settings = {
                **telegram.settings,
                "MONGODB_URI": self.mongo.uri,
                "MONGODB_DB": name,
                "DATA_DIR": str(self.folder / name),
                "SESSION_KEYS": key,
                "PACE": "off",
                "LOG_LEVEL": "WARNING",
            }
            crew = Crew(bare, database, SessionVault([key]), settings)
            await crew.sign_in(telegram, *people)
            yield crew

    @asynccontextmanager
    async def collector(
        self, telegram: Telegram, people: Sequence[Person], **settings: str
    ) -> AsyncIterator[Collector]:
        """The product's collector with these people as its accounts."""
        async with self.crew(telegram, people) as crew, crew.collector(**settings) as collector:
            yield collector


async def recruit(
    database: Database, telegram: Telegram, people: Sequence[Person], vault: SessionVault
) -> None:
    """Sign people in and keep them as accounts."""
    for person in people:
        who = await telegram.sign_in(person)
        await database.accounts.signed_in(
            SignedIn(
                telegram_id=who.telegram_id,
                name=who.name,
                username=who.username,
                phone=person.phone,
                phone_secret=vault.seal_phone(person.phone),
                session=vault.seal(who.telegram_id, who.session),
            ),
            CLOCK.now(),
        )


async def until(condition: Callable[[], Awaitable[bool]], *, seconds: float = PATIENCE) -> None:
    """Ask an async condition again and again until it holds; TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what it waits for is in other processes
            await asyncio.sleep(POLL_SECONDS)
