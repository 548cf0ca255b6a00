"""What is heard is stored at once, together with what came while it waited."""

import asyncio
import time

from service import CLOCK, Counts

from collector.listening.options import ListenOptions
from collector.listening.recorder import Heard, Recorder
from core.news import News, Removed
from db.database import Database


async def test_news_that_waited_for_the_store_linger_no_more(database: Database) -> None:
    recorder = Recorder(database, Counts(), CLOCK, ListenOptions(linger=5.0))
    batches: list[int] = []
    recorder.watcher = lambda batch: batches.append(len(batch))
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(recorder.run())
        for seconds in (5.0, 1.0, 0.0):
            recorder.offer(heard(time.monotonic() - seconds))
        async with asyncio.timeout(2):
            await recorder.settled()
        writing.cancel()
    assert batches == [3]


def heard(at: float) -> Heard:
    return Heard(Removed(chat=-1001, ids=(1,)), "", ignore, at)


def ignore(news: News) -> None:
    """Nobody waits for it."""
