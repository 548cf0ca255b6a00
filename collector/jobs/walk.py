"""Reading one range of message ids downwards, so that whatever it holds is stored and proven."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog

from collector.context import JobContext
from collector.gateway import Page
from collector.jobs.proving import Prover
from collector.jobs.second_look import SecondLook, patiently
from collector.shield import finish
from core.chat import Chat, ChatKind, Peer
from core.errors import CrewError, NotUnderstood
from core.record import Record, number_edits
from core.settling import SETTLING as SETTLING  # noqa: PLC0414  # of this interface
from core.settling import lowest_young
from core.span import Span, proven_by_page, scope_of
from core.undecoded import Undecoded

log = structlog.get_logger(__name__)

PAGE = 100


LAST_RECEIPTS = 1.5
"""Seconds in which what was read is still stored and proven when the reading is cancelled: a paused
run rests within two."""


class RangeWalk:
    """Reads ranges of one chat, or of one topic of it. The next pages are fetched while earlier
    ones are being stored.
    """

    def __init__(
        self, ctx: JobContext, peer: Peer, chat: Chat, *, topic: int | None = None
    ) -> None:
        self._ctx = ctx
        self._peer = peer
        self._chat = chat
        self._topic = topic
        self._known_floor: int | None = None
        self._lo = 1
        self._witness: int | None = None
        """The lowest message of the range that was read."""
        self._doubt = SecondLook(ctx=ctx, peer=peer, chat=chat, topic=topic, fetch=self._fetch)
        self.actions: set[str] = set()
        """What the service messages told that were read."""
        self._prover = Prover(ctx, chat)

    def spans(self) -> int:
        """How many spans were begun."""
        return self._prover.opened

    async def read(self, lo: int, hi: int, *, limit: int | None) -> int:
        """Store what exists in [lo, hi], at most the newest `limit`; how many that were."""
        try:
            count = await self._read(lo, hi, limit)
        except asyncio.CancelledError:
            await finish(self._rescue())
            raise
        except Exception:
            await self._prover.finish()
            raise
        await self._prover.finish()
        return count

    async def _rescue(self) -> None:
        """Prove what is stored of what was read, so that it is not read again."""
        try:
            async with asyncio.timeout(LAST_RECEIPTS):
                await self._prover.finish()
        except (CrewError, TimeoutError) as error:
            log.info("history.cut_off", job=self._ctx.job.id, error=type(error).__name__)

    async def _read(self, lo: int, hi: int, limit: int | None) -> int:
        offset, top, count = hi + 1, hi, 0
        self._lo, self._witness = lo, None
        self._prover.begin()
        while offset > lo and (limit is None or count < limit):
            wanted = min(PAGE, offset - lo, PAGE if limit is None else limit - count)
            page = await self._page(offset, wanted)
            proven = proven_by_page(offset, page.ids())
            messages = [m for m in page.messages if lo <= m["id"] <= hi]
            lost = [m for m in page.undecoded if lo <= m.id <= hi]
            if page.pts is not None:
                number_edits(messages, page.pts)
            top = self._settled(page, top)
            low = max(lo, await self._floor(offset) if proven is None else proven[0])
            await self._keep(lost)
            await self._store(messages, self._span(low, top))
            if proven is None:
                break
            count += len(messages) + len(lost)
            offset = proven[0]
        return count

    async def _page(self, offset: int, limit: int) -> Page:
        """What is below an offset. That there is nothing, or nothing any more, is not believed
        for one answer that says so."""
        page = await self._fetch(offset, limit)
        if not page.ids():
            await self._prover.settle()
            page = await self._doubt.below(offset, self._lo, self._witness)
        elif page.empty:
            await self._doubt.deny(page.empty)
        self._witness = min(page.there(), default=self._witness)
        return page

    async def _fetch(self, offset: int, limit: int) -> Page:
        return await fetch(self._ctx, self._peer, offset_id=offset, limit=limit, topic=self._topic)

    async def _floor(self, offset: int) -> int:
        """The lowest id that Telegram shows the account: what is empty below it proves nothing, and
        nothing below `offset` where Telegram's answer is not understood."""
        if self._chat.kind not in {ChatKind.CHANNEL, ChatKind.SUPERGROUP}:
            return 1
        if self._known_floor is None:
            try:
                kin = await self._ctx.gateway.kin(self._peer)
            except NotUnderstood as error:
                log.warning("floor.unknown", chat=self._chat.id, error=str(error))
                return offset
            self._known_floor = kin.floor
            await self._ctx.database.memberships.set_floor(
                self._ctx.account, self._chat.id, kin.floor
            )
        return self._known_floor

    async def _keep(self, lost: Sequence[Undecoded]) -> None:
        """Store what is not understood as it came, before anything says that its range is read."""
        if lost:
            await self._ctx.database.undecoded.keep(lost, self._ctx.clock.now())
            self._ctx.reporter.undecoded(len(lost))

    async def _store(self, messages: Sequence[Record], span: Span | None) -> None:
        self.actions.update(one["action"] for one in messages if "action" in one)
        await self._prover.store(messages, span)

    def _span(self, lo: int, hi: int) -> Span | None:
        if lo > hi:
            return None
        return Span(
            chat=self._chat.id,
            box=self._chat.box(self._ctx.account),
            lo=lo,
            hi=hi,
            account=self._ctx.account,
            read_at=self._ctx.clock.now(),
            scope=scope_of(self._topic),
            floor=self._known_floor or 1,
        )

    def _settled(self, page: Page, top: int) -> int:
        """The highest id up to `top` that is old enough to be proven by this page."""
        dated = [(one["id"], one["date"]) for one in page.messages]
        dated += [(one.id, one.date) for one in page.undecoded if one.date is not None]
        certain = self._ctx.trusted.judge().certain
        now = certain or self._ctx.clock.now()
        young = lowest_young(dated, now, certain=certain is not None)
        return top if young is None else min(top, young - 1)


async def fetch(
    ctx: JobContext,
    peer: Peer,
    *,
    offset_id: int = 0,
    offset_date: datetime | None = None,
    limit: int = PAGE,
    topic: int | None = None,
) -> Page:
    """A page of history; short floods are waited out, a long one raises FloodError."""
    return await patiently(
        lambda: ctx.gateway.page(
            peer, offset_id=offset_id, offset_date=offset_date, limit=limit, topic=topic
        )
    )
