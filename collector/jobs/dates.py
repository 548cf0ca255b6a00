"""From a date to the message ids around it: Telegram is asked, and only what it can answer."""

from datetime import datetime, timedelta

import structlog

from collector.context import JobContext
from collector.gateway import Page
from collector.jobs.second_look import AGREEING_PAGE
from collector.jobs.walk import PAGE, fetch
from core.chat import Peer
from core.dates import Beyond, second_from
from core.settling import is_dated

log = structlog.get_logger(__name__)

NOTHING = Page(messages=(), empty=(), total=0)


async def newest_before(
    ctx: JobContext, peer: Peer, moment: datetime | None, *, topic: int | None = None
) -> Page:
    """The newest message that is older than `moment`, or of all; a page of nothing is asked for
    anew. Before what a date of Telegram can say there is nothing, and it is not asked.
    """
    page = await _asked(ctx, peer, moment, topic)
    if moment is None or isinstance(second_from(moment), Beyond) or not page.messages:
        return page
    if await _is_sure(ctx, peer, page, moment, topic):
        return page
    _, younger = await _around(ctx, peer, moment, topic)
    return await fetch(ctx, peer, offset_id=younger, limit=1, topic=topic)


async def first_since(
    ctx: JobContext, peer: Peer, moment: datetime, *, lowest: int = 1, topic: int | None = None
) -> int:
    """The lowest id, from `lowest` on, that a message of `moment` or later may have.

    Where Telegram answers with a message that is not older, it did not take the date as one: what
    is older is not left out then. To read too much is mended by nobody, to read nothing is a loss.
    """
    older = await _asked(ctx, peer, moment, topic)
    if len(_dated(ctx, older)) < len(older.messages):
        last, _ = await _around(ctx, peer, moment, topic)
        return max(last + 1, lowest)
    if any(one["date"] >= moment for one in older.messages):
        older = await _asked(ctx, peer, moment - timedelta(seconds=1), topic)
    if any(one["date"] >= moment for one in older.messages):
        log.warning("history.date_disregarded", chat=peer.chat, since=moment)
        return lowest
    return max(max(older.ids(), default=0) + 1, lowest)


async def _asked(ctx: JobContext, peer: Peer, moment: datetime | None, topic: int | None) -> Page:
    """What Telegram says that is the newest before a moment."""
    asked = None if moment is None else second_from(moment)
    if asked is Beyond.PAST:
        return NOTHING
    date = None if isinstance(asked, Beyond) else asked
    page = await fetch(ctx, peer, offset_date=date, limit=1, topic=topic)
    if page.ids():
        return page
    return await fetch(ctx, peer, offset_date=date, limit=AGREEING_PAGE, topic=topic)


async def _is_sure(
    ctx: JobContext, peer: Peer, page: Page, moment: datetime, topic: int | None
) -> bool:
    """Whether no date of 1970 or 2038 has misled the search: it ends before a message that is not
    older, as far as one is near."""
    if len(_dated(ctx, page)) < len(page.messages):
        return False
    found = max(page.ids())
    above = await fetch(ctx, peer, offset_id=found + PAGE, limit=PAGE, topic=topic)
    dates = {one["id"]: one["date"] for one in above.messages if one["id"] > found}
    nearest = min(dates, default=None)
    if nearest is None:
        return True
    return (nearest, dates[nearest]) in _dated(ctx, above) and dates[nearest] >= moment


async def _around(
    ctx: JobContext, peer: Peer, moment: datetime, topic: int | None
) -> tuple[int, int]:
    """The ids of the last message that is older than `moment` (or 0) and of the first that is not,
    found without asking for the date. Ids rise with true dates, and what has none tells nothing.
    """
    newest = await fetch(ctx, peer, limit=1, topic=topic)
    last, low, high = 0, 0, max(newest.ids(), default=0) + 1
    while high - low > 1:
        middle = (low + high) // 2 + 1
        older, younger = await _below(ctx, peer, moment, (low, middle), topic)
        last, high = older or last, younger or high
        low = middle - 1 if younger is None else older or low
        if younger is not None and older is not None:
            break
    return last, high


async def _below(
    ctx: JobContext, peer: Peer, moment: datetime, between: tuple[int, int], topic: int | None
) -> tuple[int | None, int | None]:
    """Of the messages between two ids, from above, on as many pages as it takes to find one with a
    true date: the first that is older than `moment`, and the last before it that is not."""
    low, offset = between
    younger: int | None = None
    while younger is None and offset > low + 1:
        page = await fetch(ctx, peer, offset_id=offset, limit=PAGE, topic=topic)
        for number, date in _dated(ctx, page):
            if number <= low:
                return None, younger
            if date < moment:
                return number, younger
            younger = number
        offset = min(page.ids(), default=0)
    return None, younger


def _dated(ctx: JobContext, page: Page) -> list[tuple[int, datetime]]:
    """The messages whose dates can be believed, newest first."""
    certain = ctx.trusted.judge().certain
    now = certain or ctx.clock.now()
    dated = sorted(((one["id"], one["date"]) for one in page.messages), reverse=True)
    return [one for one in dated if is_dated(one[1], now, certain=certain is not None)]
