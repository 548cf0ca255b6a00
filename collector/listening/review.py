"""What updates did not tell of a chat, found in its history."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from collector.context import JobContext
from collector.crew import Crew
from collector.gateway import Gateway, Page
from collector.jobs.dates import first_since
from collector.jobs.kin import BECAME
from collector.jobs.walk import PAGE, RangeWalk
from collector.listening.watch import Watch
from collector.progress import Reporter
from core.job import Family, Job, JobState
from core.message import DeletionPolicy
from core.options import HistoryOptions
from core.record import Record
from core.span import Span
from core.task import Step

log = structlog.get_logger(__name__)

ASKED = PAGE - 1
"""Messages that one call asks about, beside one that is known to be there."""


class Silent(Reporter):
    """Nobody watches this reading's progress."""

    async def stored(self, *, new: int, known: int) -> None:
        """Nothing to tell."""


class SeeingWalk(RangeWalk):
    """Remembers which ids its pages spoke of, and which messages of its ranges were edited."""

    def __init__(self, ctx: JobContext, watch: Watch) -> None:
        super().__init__(ctx, watch.peer, watch.chat)
        self.ctx = ctx
        self.seen: set[int] = set()
        self.edited: list[Record] = []

    async def _page(self, offset: int, limit: int) -> Page:
        page = await super()._page(offset, limit)
        self.seen.update(page.there())
        return page

    async def _store(self, messages: Sequence[Record], span: Span | None) -> None:
        self.edited += [
            message
            for message in messages
            if "edit_date" in message or "hidden_edit_date" in message
        ]
        await super()._store(messages, span)


class Review:
    """Reads for one account under its lease's token."""

    def __init__(self, crew: Crew, account: int, token: int, gateway: Gateway) -> None:
        self._crew = crew
        self._database = crew.database
        self._account = account
        self._token = token
        self._gateway = gateway

    async def read(self, watch: Watch, top: int, *, state: int | None, missed: bool) -> None:
        """Store what is not proven of the chat from where its listening began up to `top`, unless
        it is older than what is kept of the chat.

        `state` was the chat's before anything is read. `missed`: something is lost, so the newest
        stored messages are read again, within the depth of the options: their edits are found, and
        those that are gone.
        """
        chat, box = watch.one.chat, watch.one.box
        walk = SeeingWalk(self._context(watch), watch)
        kept = await self._kept_from(chat)
        depth = await self._depth(chat, box, kept) if missed else []
        if depth:
            await walk.read(min(depth), max(top, depth[-1]), limit=None)
        covered = await self._database.spans.coverage(chat, box)
        lowest = await self._lowest(walk.ctx, watch, kept)
        for lo, hi in reversed(covered.missing(lowest, top).ranges):
            hi = min(hi, depth[0] - 1) if depth else hi  # noqa: PLW2901 - what is above was read
            if lo <= hi:
                await walk.read(lo, hi, limit=None)
        if missed and state is not None and walk.edited:
            await self._database.messages.edit_records(walk.edited, state)
        if absent := [number for number in depth if number not in walk.seen]:
            await self._bury(watch, absent, walk.seen)
        watch.moved = watch.moved or BECAME in walk.actions
        await self._database.spans.join(chat, box, self._context(watch).job.id)
        if depth or missed:
            log.info("chat.reviewed", chat=chat, depth=len(depth), absent=len(absent), top=top)

    async def _kept_from(self, chat: int) -> datetime | None:
        """From when on the chat's messages are kept; None: all are."""
        days = await self._database.chats.kept_for(chat)
        return None if days is None else self._crew.clock.now() - timedelta(days=days)

    async def _lowest(self, ctx: JobContext, watch: Watch, kept: datetime | None) -> int:
        """The lowest id that is wanted: what retention deletes is not read again."""
        begin = watch.one.begin + 1
        if kept is None:
            return begin
        return await first_since(ctx, watch.peer, kept, lowest=begin)

    async def _depth(self, chat: int, box: str, kept: datetime | None) -> list[int]:
        """The stored messages whose edits and deletions are looked for, ascending."""
        options = self._crew.listening
        horizon = self._crew.clock.now() - options.depth_age
        horizon = horizon if kept is None else max(horizon, kept)
        newest = await self._database.messages.newest(chat, box, limit=options.depth_messages)
        return sorted(number for number, date in newest if date >= horizon)

    async def _bury(self, watch: Watch, absent: Sequence[int], seen: set[int]) -> None:
        """Only what Telegram says is gone, while it shows this account a neighbour, is deleted."""
        neighbour = max(seen, default=None)
        if neighbour is None:
            return
        for start in range(0, len(absent), ASKED):
            asked = [neighbour, *absent[start : start + ASKED]]
            page = await self._gateway.exist(watch.peer, asked)
            gone = [number for number in page.empty if number != neighbour]
            if neighbour not in page.empty and gone:
                await self._delete(watch, gone)

    async def _delete(self, watch: Watch, gone: Sequence[int]) -> None:
        chat, box = watch.one.chat, watch.one.box
        policies = await self._database.chats.deletions({chat})
        policy = policies.get(chat, DeletionPolicy.MIRROR)
        now = self._crew.clock.now()
        await self._database.messages.delete(chat, box, gone, now, policy)
        log.info("chat.deletions_found", chat=chat, messages=len(gone))

    def _context(self, watch: Watch) -> JobContext:
        """Reading needs a job's key for what it proves; this one is in no queue."""
        job = Job(
            id=f"live:{watch.one.id}",
            run="",
            task="",
            step=Step.LISTEN,
            source=watch.one.source,
            options=HistoryOptions(),
            keys=(),
            family=Family.HISTORY,
            state=JobState.RUNNING,
            created_at=self._crew.clock.now(),
            account=self._account,
            token=self._token,
        )
        return JobContext(
            job=job,
            account=self._account,
            gateway=self._gateway,
            sink=self._crew.sink,
            reporter=Silent(job, self._database.jobs, self._crew.clock),
            database=self._database,
            clock=self._crew.clock,
            trusted=self._crew.trusted,
        )
