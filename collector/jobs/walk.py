"""Reading one range of message ids downwards; the span moves only behind the receipts."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from collector.context import JobContext
from collector.gateway import Page
from collector.pacer import LONGEST_WAIT
from collector.sink import Receipt
from core.chat import Chat, Peer
from core.errors import CrewError, FloodError
from core.message import Message
from core.span import Span, proven_by_page

log = structlog.get_logger(__name__)

PAGE = 100
AHEAD = 8
"""Pages that may be on their way into the store while the next one is fetched."""

AGREEING_PAGE = 20
"""Size of the second request after an empty page: another request than the first."""

SETTLING = timedelta(minutes=1)
"""Younger ids may surface late, so they are stored but not proven."""


@dataclass(frozen=True, slots=True)
class _Pending:
    """A page handed to the sink: what it proves once its receipt is there."""

    receipt: "asyncio.Future[Receipt]"
    span: Span | None

    def is_stored(self) -> bool:
        return self.receipt.done() and self.receipt.exception() is None


class RangeWalk:
    """Reads ranges of one chat. The next pages are fetched while earlier ones are being stored."""

    def __init__(self, ctx: JobContext, peer: Peer, chat: Chat) -> None:
        self._ctx = ctx
        self._peer = peer
        self._chat = chat
        self._pending: deque[_Pending] = deque()

    async def read(self, lo: int, hi: int, *, limit: int | None) -> int:
        """Store what exists in [lo, hi], at most the newest `limit`; how many that were."""
        try:
            count = await self._read(lo, hi, limit)
        except CrewError:
            await self._settle()
            raise
        await self._settle()
        return count

    async def _read(self, lo: int, hi: int, limit: int | None) -> int:
        offset, top, count = hi + 1, hi, 0
        while offset > lo and (limit is None or count < limit):
            wanted = PAGE if limit is None else min(PAGE, limit - count)
            page = await self._page(offset, wanted)
            proven = proven_by_page(offset, page.ids())
            messages = [m for m in page.messages if lo <= m.id <= hi]
            top = self._settled(page, top)
            low = lo if proven is None else max(proven[0], lo)
            await self._store(messages, self._span(low, top))
            if proven is None:
                break
            count += len(messages)
            offset = proven[0]
        return count

    async def _page(self, offset: int, limit: int) -> Page:
        page = await fetch(self._ctx, self._peer, offset_id=offset, limit=limit)
        if page.ids():
            return page
        return await fetch(self._ctx, self._peer, offset_id=offset, limit=AGREEING_PAGE)

    async def _store(self, messages: Sequence[Message], span: Span | None) -> None:
        receipt = await self._ctx.sink.put(messages)
        self._pending.append(_Pending(receipt, span))
        await self._settle(leave=AHEAD)

    async def _settle(self, *, leave: int = 0) -> None:
        """Prove what is stored, in order; at most `leave` pages remain to be waited for."""
        while self._pending and (len(self._pending) > leave or self._pending[0].receipt.done()):
            await self._prove(await self._stored())

    async def _stored(self) -> list[tuple[Receipt, Span | None]]:
        """The oldest page, and all after it that are stored by then.

        If one is not, no later page proves anything, since its span would include that one.
        """
        found: list[tuple[Receipt, Span | None]] = []
        try:
            while self._pending and (not found or self._pending[0].is_stored()):
                receipt = await self._pending[0].receipt
                found.append((receipt, self._pending.popleft().span))
                log.debug("page.stored", job=self._ctx.job.id, new=receipt.new, known=receipt.known)
        except CrewError:
            self._pending.clear()
            raise
        return found

    async def _prove(self, pages: Sequence[tuple[Receipt, Span | None]]) -> None:
        """Extend the spans once for all these pages: each one's includes those before it."""
        for span in {span.hi: span for _, span in pages if span is not None}.values():
            await self._ctx.database.spans.extend(self._ctx.job.key(), span)
            log.debug("span.extended", job=self._ctx.job.id, lo=span.lo)
        new = sum(receipt.new for receipt, _ in pages)
        await self._ctx.reporter.stored(new=new, known=sum(one.known for one, _ in pages))

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
        )

    def _settled(self, page: Page, top: int) -> int:
        """The highest id up to `top` that is old enough to be proven by this page."""
        horizon = self._ctx.clock.now() - SETTLING
        young = [m.id for m in page.messages if m.date > horizon and m.id <= top]
        return min(young) - 1 if young else top


async def fetch(
    ctx: JobContext,
    peer: Peer,
    *,
    offset_id: int = 0,
    offset_date: datetime | None = None,
    limit: int = PAGE,
) -> Page:
    """A page of history; short floods are waited out, a long one raises FloodError."""
    while True:
        try:
            return await ctx.gateway.page(
                peer, offset_id=offset_id, offset_date=offset_date, limit=limit
            )
        except FloodError as error:
            if error.seconds > LONGEST_WAIT:
                raise
