"""One account that reads ranges of a chat by itself, without a worker around it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from agreed import Agreed
from service import CLOCK, Counts, Unpaced, sign_in, telegram

from collector.context import JobContext
from collector.jobs.walk import RangeWalk
from collector.progress import Reporter
from collector.sink import Sink
from collector.telegram.gateway import TelethonGateway
from core.chat import Chat, Peer
from core.errors import Retriable
from core.job import Family, Job, JobState
from core.options import HistoryOptions
from core.span import IntervalSet
from core.task import Step
from db.database import Database
from sandbox.server import Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A chat that is open, and the job on it that is held; `errors` of its attempts."""

    ctx: JobContext
    peer: Peer
    chat: Chat
    errors: list[Retriable] = field(default_factory=list)

    def walk(self) -> RangeWalk:
        return RangeWalk(self.ctx, self.peer, self.chat)

    async def proven(self) -> IntervalSet:
        return await self.ctx.database.spans.coverage(self.chat.id, "")

    async def stored(self) -> list[int]:
        return [number async for number in self.ctx.database.messages.ids(self.chat.id)]

    async def read(self, lo: int, hi: int) -> int:
        """Read what is missing of a range until it is proven; how many attempts failed."""
        self.errors.clear()
        while missing := (await self.proven()).missing(lo, hi).ranges:
            try:
                for first, last in reversed(missing):
                    await self.walk().read(first, last, limit=None)
            except Retriable as error:
                self.errors.append(error)
        return len(self.errors)


class Reading:
    """An account that is connected."""

    def __init__(self, database: Database, gateway: TelethonGateway, sink: Sink) -> None:
        self._database = database
        self.gateway = gateway
        self._sink = sink

    async def open(self, name: str) -> Reader:
        """`name` is a public chat's."""
        peer, chat = await self.gateway.resolve(name)
        await self._database.memberships.remember(1, peer, name)
        job = Job(
            id=f"r:{name}",
            run="r",
            task="t",
            step=Step.HISTORY,
            source=f"@{name}",
            options=HistoryOptions(),
            keys=("*",),
            family=Family.HISTORY,
            state=JobState.QUEUED,
            created_at=CLOCK.now(),
        )
        await self._database.jobs.add([job])
        held = await self._database.jobs.claim(job.id, 1, 1, CLOCK.now())
        assert held is not None
        ctx = JobContext(
            job=held,
            account=1,
            gateway=self.gateway,
            sink=self._sink,
            reporter=Reporter(held, self._database.jobs, CLOCK),
            database=self._database,
            clock=CLOCK,
            trusted=Agreed(CLOCK),
        )
        return Reader(ctx=ctx, peer=peer, chat=chat)


@asynccontextmanager
async def reading(database: Database, sandbox: Sandbox) -> AsyncIterator[Reading]:
    """The first account of the sandbox, connected inside the block."""
    who = await sign_in(sandbox, sandbox.world.accounts[0])
    gateway = TelethonGateway(
        who.session,
        telegram(sandbox),
        account=1,
        pace=Unpaced(),
        may_write=lambda: True,
        call_timeout=5.0,
    )
    sink = Sink(database.messages, Counts())
    async with asyncio.TaskGroup() as group:
        running = group.create_task(sink.run())
        try:
            await gateway.connect()
            yield Reading(database, gateway, sink)
        finally:
            await gateway.disconnect()
            running.cancel()
