"""All repositories of one database."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

import pymongo

from db.accounts import Accounts
from db.admin import default_writes
from db.attachments import Attachments
from db.budgets import Budgets
from db.changes import Changes
from db.chats import Chats
from db.claim_upgrade import ClaimUpgrade
from db.claims import Claims
from db.client import MongoDatabase, connect, database_of
from db.coverages import Coverages
from db.errors import translates_errors
from db.expiry import Expiry
from db.found import Found
from db.indexes import ensure_indexes
from db.jobs import Jobs
from db.lookups import Lookups
from db.media import MediaFiles
from db.memberships import Memberships
from db.messages import Messages
from db.operators import Operators
from db.outage import Outage
from db.pending_updates import PendingUpdates
from db.roles import BotRole
from db.runs import Runs
from db.schema import Schemas
from db.sequences import Sequences
from db.spans import Spans
from db.standings import Standings
from db.subscriptions import Subscriptions
from db.tallies import Tallies
from db.tasks import Tasks
from db.undecoded import UndecodedMessages
from db.workers import Workers

PING_SECONDS = 1.0


@translates_errors
class Database:
    """The store, the queue and the meeting point of the processes."""

    def __init__(self, database: MongoDatabase) -> None:
        sequences = Sequences(database)
        self.schema = Schemas(database)
        self._database = database
        self.operators = Operators(database)
        self.pending_updates = PendingUpdates(database)
        self.accounts = Accounts(database, sequences)
        self.tasks = Tasks(database, sequences)
        self.runs = Runs(database)
        self.jobs = Jobs(database, sequences)
        self.standings = Standings(database)
        self.chats = Chats(database)
        self.memberships = Memberships(database)
        self.messages = Messages(database)
        self.undecoded = UndecodedMessages(database)
        self.attachments = Attachments(database)
        self.media = MediaFiles(database)
        self.spans = Spans(database)
        self.tallies = Tallies(database)
        self.coverages = Coverages(database, self.spans, self.messages, self.tallies)
        self.budgets = Budgets(database)
        self.lookups = Lookups(database)
        self.found = Found(database)
        self.subscriptions = Subscriptions(database)
        self.claims = Claims(database)
        self._claim_upgrade = ClaimUpgrade(database, self.claims)
        self.workers = Workers(database)
        self.bot_role = BotRole(database)
        self.expiry = Expiry(database)
        self.outage = Outage()
        self.changes = Changes(database)

    async def prepare(self) -> None:
        """Upgrade the store and ensure the indexes; at every start. Raises SchemaMismatch."""
        await self.schema.enter()
        await ensure_indexes(self._database)

    async def build_claims(self, now: datetime) -> None:
        """Return when it is known which tasks have a claim to what is stored: at once, but in a
        store of a version that did not write that down."""
        await self._claim_upgrade.ensure(now)

    async def forget_chat(self, chat: int) -> int:
        """Purge what is stored of a chat that no run reads; how many messages.

        First what is proven of it: a crash in between leaves messages that are read again, never
        a proof of messages that are gone.
        """
        await self.spans.forget(chat)
        await self.undecoded.forget(chat)
        return await self.messages.forget(chat)

    async def default_writes(self) -> str | int | None:
        """What the server takes for `w` where none is said; None where it does not tell."""
        return await default_writes(self._database.client.admin)

    async def forget_before(
        self, chat: int, before: datetime, *, now: datetime | None = None
    ) -> int:
        """Purge what is stored of a chat that no run reads and is older than `before`; how many
        messages. First, piece by piece, what is proven of them. `now`: what is dated later is dated
        wrongly.
        """
        gone = 0
        await self.undecoded.forget_before(chat, before)
        for box in await self.messages.boxes(chat):
            last_before = partial(self.messages.last_before, chat, box, before, now=now)
            while (last := await last_before()) is not None:
                await self.spans.cut(chat, box, last)
                await self.undecoded.forget_until(chat, box, last)
                gone += await self.messages.forget_until(chat, box, last)
        return gone

    async def time(self) -> datetime:
        """What MongoDB says that the time is; asked for within a second."""
        with pymongo.timeout(PING_SECONDS):
            answer = await self._database.command("hello")
        moment: datetime = answer["localTime"]
        return moment

    async def ping(self) -> None:
        """Raise when the database does not answer within a second."""
        with pymongo.timeout(PING_SECONDS):
            await self._database.command("ping")

    async def probe(self) -> None:
        """Raise when the database does not take a write within a second: nobody answers, or no
        majority keeps what is written. It changes nothing."""
        with pymongo.timeout(PING_SECONDS):
            await self._database["operators"].update_one({"_id": None}, {"$set": {"role": None}})


@asynccontextmanager
async def look_into_database(uri: str, name: str) -> AsyncIterator[Database]:
    """The database `name` at `uri` as it is: nothing is prepared."""
    async with connect(uri) as client:
        yield Database(database_of(client, name))


@asynccontextmanager
async def open_database(
    uri: str, name: str, *, waits: Callable[[], bool] = lambda: False
) -> AsyncIterator[Database]:
    """The database `name` at `uri`, indexes ensured; StoreError.

    A server that is away is asked again as long as `waits` says so.
    """
    async with connect(uri) as client:
        database = Database(database_of(client, name))
        await database.outage.begin("start", database.prepare, waits=waits)
        yield database
