"""From a date to the message ids around it: Telegram is asked, and only what it can answer."""

from datetime import datetime, timedelta

import structlog

from collector.context import JobContext
from collector.gateway import Page
from collector.jobs.second_look import AGREEING_PAGE
from collector.jobs.walk import fetch
from core.chat import Peer
from core.dates import Beyond, second_from

log = structlog.get_logger(__name__)

NOTHING = Page(messages=(), empty=(), total=0)


async def newest_before(
    ctx: JobContext, peer: Peer, moment: datetime | None, *, topic: int | None = None
) -> Page:
    """The newest message that is older than `moment`, or of all; a page of nothing is asked for
    anew. Before what a date of Telegram can say there is nothing, and it is not asked.
    """
    asked = None if moment is None else second_from(moment)
    if asked is Beyond.PAST:
        return NOTHING
    date = None if isinstance(asked, Beyond) else asked
    page = await fetch(ctx, peer, offset_date=date, limit=1, topic=topic)
    if page.ids():
        return page
    return await fetch(ctx, peer, offset_date=date, limit=AGREEING_PAGE, topic=topic)


async def first_since(
    ctx: JobContext, peer: Peer, moment: datetime, *, lowest: int = 1, topic: int | None = None
) -> int:
    """The lowest id, from `lowest` on, that a message of `moment` or later may have.

    Where Telegram answers with a message that is not older, it did not take the date as one: what
    is older is not left out then. To read too much is mended by nobody, to read nothing is a loss.
    """
    older = await newest_before(ctx, peer, moment, topic=topic)
    if any(one["date"] >= moment for one in older.messages):
        older = await newest_before(ctx, peer, moment - timedelta(seconds=1), topic=topic)
    if any(one["date"] >= moment for one in older.messages):
        log.warning("history.date_disregarded", chat=peer.chat, since=moment)
        return lowest
    return max(max(older.ids(), default=0) + 1, lowest)
