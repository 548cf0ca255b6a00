"""What the pages of a job prove and count, once their receipts are there."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog

from collector.context import JobContext
from collector.shield import finish
from collector.sink import Receipt
from core.chat import Chat
from core.errors import CrewError, Retriable
from core.record import Record
from core.span import Counted, Span

log = structlog.get_logger(__name__)

AHEAD = 8
"""Pages that may be on their way into the store while the next one is fetched."""

PROOFS_APART = 0.25
"""Seconds between two writes of what is proven: while pages come faster than that, each write would
cost what storing a page costs. What a kill in between leaves unproven is read again."""


@dataclass(frozen=True, slots=True)
class _Page:
    """A page handed to the sink: what it proves once its receipt is there."""

    receipt: "asyncio.Future[Receipt]"
    ids: tuple[int, ...]
    span: Span | None


class Prover:
    """Hands pages of one chat to the sink. The span moves only behind the receipts, and what is
    counted moves with it, in one write: a page counts once, however often it is read.
    """

    def __init__(self, ctx: JobContext, chat: Chat) -> None:
        self._ctx = ctx
        self._chat = chat
        self._pending: deque[_Page] = deque()
        self._stored: list[tuple[_Page, Receipt]] = []
        self._opened: dict[int, str] = {}
        self._proven_at = ctx.clock.elapsed()
        self._failed = False
        self.opened = 0
        """How many spans were begun."""

    def begin(self) -> None:
        """What comes is of another range."""
        self._opened.clear()

    async def store(self, messages: Sequence[Record], span: Span | None) -> None:
        """Store a page, and prove `span` by it and those before; waits while many are on their
        way. Raises StoreError when an earlier page could not be stored.
        """
        if span is not None and span.hi not in self._opened:
            self._opened[span.hi] = await self._ctx.database.spans.open(self._ctx.job.key(), span)
            self.opened += 1
        receipt = await self._ctx.sink.put(messages, self._ctx.job.id)
        self._pending.append(_Page(receipt, tuple(one["id"] for one in messages), span))
        await self.settle(leave=AHEAD)

    async def settle(self, *, leave: int = 0) -> None:
        """Take the receipts that are there, in order; at most `leave` remain to be waited for."""
        while self._pending and (len(self._pending) > leave or self._pending[0].receipt.done()):
            await self._take()
        if self._ctx.clock.elapsed() - self._proven_at >= PROOFS_APART:
            await finish(self._prove())

    async def finish(self) -> None:
        """Wait for all receipts, and prove what they cover even if a later one is an error."""
        try:
            await self.settle()
        finally:
            await finish(self._prove())

    async def _take(self) -> None:
        """The oldest page. If it is not stored, no later page proves anything, since its span would
        include that one."""
        try:
            receipt = await self._pending[0].receipt
        except CrewError:
            self._pending.clear()
            raise
        self._stored.append((self._pending.popleft(), receipt))
        log.debug("page.stored", job=self._ctx.job.id, new=receipt.new, known=receipt.known)

    async def _prove(self) -> None:
        """Extend the spans once for all stored pages: each one's includes those before it.

        Never cut off in the middle, and never again after an error: a later span would include
        pages whose counts were lost. Whoever comes next begins with what the spans tell.
        """
        pages, self._stored = self._stored, []
        if not pages or self._failed:
            return
        self._failed = True
        self._proven_at = self._ctx.clock.elapsed()
        found = await self._found(one for _, receipt in pages for one in receipt.repeated)
        spans = {page.span.hi: page.span for page, _ in pages if page.span is not None}
        total = Counted()
        for top, span in spans.items():
            ids = [one for page, _ in pages if _top(page) == top for one in _inside(page)]
            counted = _count(ids, found)
            await self._extend(span, counted)
            total += counted
        total += _count([one for page, _ in pages for one in _outside(page)], found)
        self._failed = False
        await self._ctx.reporter.stored(new=total.new, known=total.known)

    async def _found(self, repeated: Iterable[int]) -> set[int]:
        """Of messages that were stored already, those that this job did not store itself: before
        a crash, or in a try whose answer was lost."""
        ids = list(repeated)
        if not ids:
            return set()
        box, messages = self._chat.box(self._ctx.account), self._ctx.database.messages
        return set(ids) - await messages.stored_by(self._ctx.job.id, self._chat.id, box, ids)

    async def _extend(self, span: Span, counted: Counted) -> None:
        key, opened = self._ctx.job.key(), self._opened[span.hi]
        extend = self._ctx.database.spans.extend
        if not await extend(key, span, opened=opened, counted=counted):
            raise Retriable(f"what {key.job} read was purged", reason="store_unavailable")
        log.debug("span.extended", job=key.job, lo=span.lo)


def _top(page: _Page) -> int | None:
    return None if page.span is None else page.span.hi


def _inside(page: _Page) -> list[int]:
    top = _top(page)
    return [] if top is None else [one for one in page.ids if one <= top]


def _outside(page: _Page) -> list[int]:
    """Too young to be proven: whoever reads them again counts them again."""
    top = _top(page)
    return list(page.ids) if top is None else [one for one in page.ids if one > top]


def _count(ids: Sequence[int], found: set[int]) -> Counted:
    known = sum(one in found for one in ids)
    return Counted(new=len(ids) - known, known=known)
