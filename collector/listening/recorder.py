"""From news to the store: bounded, batched, in any order, and again until MongoDB takes it."""

import asyncio
import contextlib
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from collector.listening.options import ListenOptions
from collector.meter import Meter
from core.clock import Clock
from core.message import DeletionPolicy, Edit
from core.news import Arrived, News, Removed, Revised
from core.record import Record
from db.database import Database

log = structlog.get_logger(__name__)

BATCH = 500
WRITERS = 2
TELL_SECONDS = 10.0
UNPLACED = 5_000
"""Deletions that are remembered because their message is not stored yet: it may come late."""


@dataclass(frozen=True, slots=True)
class Heard:
    """News, who is told when it is stored, and when it was heard (monotonic seconds).

    `box` is the id space of what it speaks of, which a deletion does not tell by itself.
    """

    news: News
    box: str
    stored: Callable[[News], None]
    at: float


@dataclass(slots=True)
class _Batch:
    first: int
    heard: list[Heard]


class Recorder:
    """One of a worker. `run` must be running while anybody offers."""

    def __init__(
        self, database: Database, meter: Meter, clock: Clock, options: ListenOptions
    ) -> None:
        self._database = database
        self._meter = meter
        self._clock = clock
        self._options = options
        self._queue: deque[Heard] = deque()
        self._filled = asyncio.Event()
        self._moved = asyncio.Event()
        self._gathering = asyncio.Lock()
        self._given = self._taken = 0
        self._writing: set[int] = set()
        self._told_at = float("-inf")
        self._unplaced: OrderedDict[tuple[str, int], datetime] = OrderedDict()
        self.watcher: Callable[[Sequence[Heard]], None] | None = None
        """Is told of each batch that was stored, for whoever measures."""

        self.dropped = 0
        """News that found the queue full since the start."""

    @property
    def waiting(self) -> int:
        """News in the queue."""
        return len(self._queue)

    def offer(self, heard: Heard) -> bool:
        """Take news; False when the queue is full, and the news is dropped. Returns at once."""
        if len(self._queue) >= self._options.queue:
            self._drop()
            return False
        self._queue.append(heard)
        self._given += 1
        self._filled.set()
        return True

    def _drop(self) -> None:
        self.dropped += 1
        now = time.monotonic()
        if now - self._told_at >= TELL_SECONDS:
            log.warning("news.dropped", dropped=self.dropped, waiting=len(self._queue))
            self._told_at = now

    async def settled(self) -> None:
        """Return when everything that was offered before is stored."""
        target = self._given
        while self._lowest() < target:
            self._moved.clear()
            await self._moved.wait()

    async def run(self) -> None:
        """Write for ever."""
        async with asyncio.TaskGroup() as writers:
            for _ in range(WRITERS):
                writers.create_task(self._write_for_ever())

    def _lowest(self) -> int:
        """How many of those offered are stored, with all before them."""
        return min(self._writing, default=self._taken)

    async def _write_for_ever(self) -> None:
        while True:
            async with self._gathering:
                batch = await self._gather()
            await self._database.outage.insist("listen", partial(self._write, batch.heard))
            self._settle(batch)

    async def _gather(self) -> _Batch:
        while not self._queue:
            self._filled.clear()
            await self._filled.wait()
        if len(self._queue) < BATCH:
            waited = time.monotonic() - self._queue[0].at
            await asyncio.sleep(max(self._options.linger - waited, 0.0))
        first = self._taken
        heard = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
        self._taken += len(heard)
        self._writing.add(first)
        return _Batch(first, heard)

    def _settle(self, batch: _Batch) -> None:
        self._writing.discard(batch.first)
        self._moved.set()
        seconds = time.monotonic() - batch.heard[0].at
        self._meter.recorded(len(batch.heard), seconds=seconds, waiting=len(self._queue))
        if self.watcher is not None:
            self.watcher(batch.heard)
        for heard in batch.heard:
            heard.stored(heard.news)

    async def _write(self, batch: Sequence[Heard]) -> None:
        records = [one.news.record for one in batch if isinstance(one.news, Arrived)]
        edits = [one.news.edit for one in batch if isinstance(one.news, Revised)]
        removed = [(one.box, one.news) for one in batch if isinstance(one.news, Removed)]
        if records:
            stored = await self._database.messages.add_records(records)
            self._meter.stored(stored.new)
        if edits:
            await self._database.messages.edit(edits)
        if removed:
            await self._remove(removed)
        await self._remove_late(records, edits)

    async def _remove(self, removed: Sequence[tuple[str, Removed]]) -> None:
        by_chat: dict[tuple[int, str], list[int]] = {}
        unknown: dict[str, list[int]] = {}
        for box, news in removed:
            if news.chat is None:
                unknown.setdefault(box, []).extend(news.ids)
            else:
                by_chat.setdefault((news.chat, box), []).extend(news.ids)
        for box, ids in unknown.items():
            placed = await self._database.messages.places(box, ids)
            self._remember(box, [one for one in ids if one not in placed])
            for number, chat in placed.items():
                by_chat.setdefault((chat, box), []).append(number)
        await self._delete(by_chat)

    async def _delete(self, by_chat: dict[tuple[int, str], list[int]]) -> None:
        policies = await self._database.chats.deletions({chat for chat, _ in by_chat})
        now = self._clock.now()
        for (chat, box), ids in by_chat.items():
            policy = policies.get(chat, DeletionPolicy.MIRROR)
            await self._database.messages.delete(chat, box, ids, now, policy)

    def _remember(self, box: str, ids: Sequence[int]) -> None:
        now = self._clock.now()
        for number in ids:
            self._unplaced[box, number] = now
        while len(self._unplaced) > UNPLACED:
            self._unplaced.popitem(last=False)

    async def _remove_late(self, records: Sequence[Record], edits: Sequence[Edit]) -> None:
        """Delete what came after its own deletion, which named no chat then."""
        if not self._unplaced:
            return
        came = [(one["chat"], one["box"], one["id"]) for one in records]
        came += [(one.message.chat, one.message.box, one.message.id) for one in edits]
        late: dict[tuple[int, str], list[int]] = {}
        for chat, box, number in came:
            if (box, number) in self._unplaced:
                late.setdefault((chat, box), []).append(number)
        await self._delete(late)
        for (_, box), ids in late.items():
            for number in ids:
                with contextlib.suppress(KeyError):
                    del self._unplaced[box, number]
