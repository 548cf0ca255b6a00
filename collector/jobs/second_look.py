"""Before an answer of history without a message proves anything: other questions to Telegram."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from collector.context import JobContext
from collector.gateway import Page
from collector.pacer import LONGEST_WAIT
from core.chat import Chat, ChatKind, Peer
from core.errors import FloodError, Retriable
from db.topics import GENERAL

log = structlog.get_logger(__name__)

AGREEING_PAGE = 20
"""Size of the second request after an empty page: another request than the first."""

ASKED = 100
"""Ids that one call asks about: half of them next to where the messages end, half spread."""

_T = TypeVar("_T")
_TOP = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLook:
    """Doubts of one chat, or of one topic of it. `fetch`: the page below an id, of a size.

    What contradicts itself raises Retriable: the job comes again, and nothing was proven.
    """

    ctx: JobContext
    peer: Peer
    chat: Chat
    topic: int | None
    fetch: Callable[[int, int], Awaitable[Page]]

    async def below(self, offset: int, lo: int, witness: int | None) -> Page:
        """What is below `offset` after all, after a page of nothing; empty once all agrees.

        `witness`: the lowest message that was just read. A page that begins with it cannot be
        empty, so one that holds it and nothing below `offset` is believed, if Telegram counts no
        more messages than are stored. In any other case ids down to `lo` are asked for one by one.
        """
        page = await self.fetch(offset if witness is None else witness + 1, AGREEING_PAGE)
        below = _below(page, offset)
        if below.ids():
            await self.deny(below.empty)
            return below
        if witness is not None and not page.ids():
            raise contradicted(offset=offset, witness=witness)
        ended = witness is not None and len(page.ids()) < AGREEING_PAGE
        if not (ended and page.total <= await self._known(offset)):
            await self.deny(_sample(lo, offset))
        return below

    async def deny(self, ids: Sequence[int]) -> None:
        """Have Telegram say of each of these ids that there is no message. Those of a basic group
        are the account's own: it cannot be asked for them alone, so it is believed."""
        if not ids or self.chat.kind is ChatKind.GROUP:
            return
        page = await patiently(lambda: self.ctx.gateway.exist(self.peer, ids))
        there = [one["id"] for one in page.messages if self._mine(one.get("topic"))]
        there += [one.id for one in page.undecoded if self.topic is None]
        if there:
            raise contradicted(there=len(there), lowest=min(there))

    async def _known(self, offset: int) -> int:
        box = self.chat.box(self.ctx.account)
        stored = self.ctx.database.coverages.stored
        known = await stored(self.chat.id, box, lo=offset, hi=_TOP, topic=self.topic)
        return known + await self.ctx.database.undecoded.count(self.chat.id, box, lo=offset)

    def _mine(self, topic: int | None) -> bool:
        return self.topic is None or self.topic == (GENERAL if topic is None else topic)


def contradicted(**seen: int) -> Retriable:
    """The error of two answers that cannot both be true."""
    log.warning("history.contradicted", **seen)
    return Retriable(f"history contradicts itself: {seen}", reason="server")


async def patiently(call: Callable[[], Awaitable[_T]]) -> _T:
    """Short floods are waited out by the pacer, a long one raises FloodError."""
    while True:
        try:
            return await call()
        except FloodError as error:
            if error.seconds > LONGEST_WAIT:
                raise


def _below(page: Page, offset: int) -> Page:
    return replace(
        page,
        messages=tuple(one for one in page.messages if one["id"] < offset),
        empty=tuple(number for number in page.empty if number < offset),
        undecoded=tuple(one for one in page.undecoded if one.id < offset),
    )


def _sample(lo: int, offset: int) -> list[int]:
    """Ids of [lo, offset - 1], at most ASKED: the newest, and some all the way down."""
    near = max(lo, offset - ASKED // 2)
    step = max(1, -(-(near - lo) // (ASKED // 2)))
    return [*range(lo, near, step), *range(near, offset)]
