"""Whether a connected account missed something, and the reading that makes it good."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from collector.crew import Crew
from collector.gateway import Gateway
from collector.listening.recorder import Recorder
from collector.listening.review import Review
from collector.listening.watch import Watch
from core.chat import SHARED_BOX
from core.errors import AccountLost, CrewError, FloodError, LeaseGone, SourceError, StoreError
from core.news import Top
from core.subscription import Subscription

log = structlog.get_logger(__name__)

FATAL = (AccountLost, LeaseGone, StoreError)
"""Not the chat's fault, nor over soon: whoever runs the ear decides."""

MOST = 100
"""Chats that are looked at in one call."""

Refuse = Callable[[Subscription, SourceError], Awaitable[None]]


class Looks:
    """Looks at the `watched` chats whose time has come. `refuse`: the account cannot read one."""

    def __init__(
        self,
        watched: Mapping[int, Watch],
        gateway: Gateway,
        crew: Crew,
        recorder: Recorder,
        review: Review,
        refuse: Refuse,
    ) -> None:
        self._watched = watched
        self._gateway = gateway
        self._clock = crew.clock
        self._options = crew.listening
        self._recorder = recorder
        self._review = review
        self._refuse = refuse
        self._reading: tuple[int, asyncio.Timeout] | None = None

    def left(self, chat: int) -> None:
        """Nobody wants the chat here any more: stop reading it."""
        if self._reading is not None and self._reading[0] == chat:
            self._reading[1].reschedule(asyncio.get_running_loop().time())

    def next_due(self) -> float:
        """When the next look is due, in seconds of the clock's `elapsed`."""
        return min((watch.due for watch in self._watched.values()), default=float("inf"))

    async def look(self) -> None:
        """Ask how the chats are whose time has come, and read where something was missed.

        Of those of which nothing was missed one is proven; the others' time stays, so that whoever
        looks can do something else in between.
        """
        if batch := self._due():
            await self._look_at(batch)

    def _now(self) -> float:
        return self._clock.elapsed()

    def _due(self) -> list[Watch]:
        """Those whose time has come, and of those whose time is near so many as cost nothing."""
        now = self._now()
        if all(watch.due > now for watch in self._watched.values()):
            return []
        near = [one for one in self._watched.values() if one.due - now <= one.pause / 4]
        return sorted(near, key=lambda one: one.due)[:MOST]

    async def _look_at(self, batch: Sequence[Watch]) -> None:
        for watch in batch:
            watch.missed = False
        try:
            tops, state = await self._gateway.tops([watch.peer for watch in batch])
        except FATAL:
            raise
        except CrewError as error:
            self._later(batch, error)
            return
        states = {watch.one.chat: _state(watch, tops, state) for watch in batch}
        await self._recorder.settled()
        if any(not self._is_whole(watch, states[watch.one.chat]) for watch in batch):
            await asyncio.sleep(self._options.grace)
            await self._recorder.settled()
        proven = False
        for watch in batch:
            chat = watch.one.chat
            if chat not in self._watched:
                continue
            stale = self._is_whole(watch, states[chat]) and self._is_stale(watch)
            if proven and stale:
                watch.due = self._now()
            else:
                await self._judge(watch, tops.get(chat), states[chat])
            proven = proven or stale

    def _is_whole(self, watch: Watch, state: int | None) -> bool:
        return state is not None and watch.continuity.covers(state)

    def _is_stale(self, watch: Watch) -> bool:
        return watch.unproven and self._now() - watch.proved >= self._options.prove

    async def _judge(self, watch: Watch, top: Top | None, state: int | None) -> None:
        whole = self._is_whole(watch, state)
        before = watch.top
        try:
            if not whole or self._is_stale(watch):
                await self._read(watch, top, state, missed=not whole)
        except FATAL:
            raise
        except SourceError as error:
            await self._refuse(watch.one, error)
        except CrewError as error:
            self._later([watch], error)
        else:
            still = state is None and watch.top == before
            self._looked(watch, state, whole=whole, still=still)

    async def _read(
        self, watch: Watch, top: Top | None, state: int | None, *, missed: bool
    ) -> None:
        """The whole of it can be cut short: nobody may want the chat any more."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None) as deadline:
                self._reading = (watch.one.chat, deadline)
                try:
                    shown = None if top is None else top.id
                    newest = await self._newest(watch) if shown is None else shown
                    await self._review.read(watch, newest, state=state, missed=missed)
                    watch.proved, watch.unproven = self._now(), False
                    watch.rose(newest)
                finally:
                    self._reading = None

    async def _newest(self, watch: Watch) -> int:
        """The newest id of a chat that has no dialog here."""
        page = await self._gateway.page(watch.peer, limit=1)
        return max(page.ids(), default=0)

    def _looked(self, watch: Watch, state: int | None, *, whole: bool, still: bool) -> None:
        """`still`: Telegram numbers nothing here, and no newer message came."""
        options = self._options
        if state is not None:
            watch.continuity.looked(state)
        first = watch.checked_at is None
        silent = watch.moves == watch.seen
        if not (whole or first or still):
            watch.polled = silent
            watch.moved_at = self._clock.now() if silent else watch.moved_at
        quiet = whole or first or still
        watch.pause = min(watch.pause * 2, options.rarest) if quiet else options.soonest
        watch.seen = watch.moves
        watch.checked_at = self._clock.now()
        watch.due = self._now() + (0.0 if watch.missed else watch.pause)
        watch.told = True

    def _later(self, batch: Sequence[Watch], error: CrewError) -> None:
        wait = error.seconds if isinstance(error, FloodError) else self._options.soonest
        log.info("chats.not_looked_at", chats=len(batch), reason=error.reason, seconds=wait)
        for watch in batch:
            watch.due = self._now() + max(wait, 1.0)


def _state(watch: Watch, tops: dict[int, Top], state: int | None) -> int | None:
    """The state of whatever numbers the chat's changes."""
    if watch.one.box != SHARED_BOX:
        return state
    top = tops.get(watch.one.chat)
    return None if top is None else top.pts
