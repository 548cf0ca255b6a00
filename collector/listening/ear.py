"""One connected account that listens to its chats, and looks whether it missed something."""

import asyncio
import contextlib
import time
from collections.abc import Iterable, Sequence

import structlog

from collector.crew import Crew
from collector.gateway import Gateway
from collector.listening.recorder import Heard, Recorder
from collector.listening.review import Review
from collector.listening.watch import Watch
from collector.sources import open_source
from core.chat import SHARED_BOX
from core.continuity import Continuity
from core.errors import AccountLost, CrewError, FloodError, LeaseGone, SourceError, StoreError
from core.membership import MembershipState
from core.news import Arrived, Missed, News, Removed, Top
from core.subscription import Subscription
from db.subscriptions import Watched

log = structlog.get_logger(__name__)

_CHANNEL_BASE = 1_000_000_000_000
_FATAL = (AccountLost, LeaseGone, StoreError)
MOST_LOOKED_AT = 100


class Ear:
    """Of one connection. `run` ends only by an error of the account or its cancellation."""

    def __init__(
        self, account: int, token: int, gateway: Gateway, crew: Crew, recorder: Recorder
    ) -> None:
        self._account = account
        self._gateway = gateway
        self._crew = crew
        self._database = crew.database
        self._options = crew.listening
        self._recorder = recorder
        self._review = Review(crew, account, token, gateway)
        self._wanted: dict[int, Subscription] = {}
        self._watched: dict[int, Watch] = {}
        self._boxed: dict[int, Watch] = {}
        self._left: list[Watched] = []
        self._poke = asyncio.Event()
        self._reading: tuple[int, asyncio.Timeout] | None = None
        self._kept_at = crew.clock.elapsed()

    def watch(self, ours: Iterable[Subscription]) -> None:
        """Listen to these chats and no others, from now on; returns at once."""
        wanted = {one.chat: one for one in ours}
        for chat in self._watched.keys() - wanted.keys():
            self._leave(chat)
        for chat, one in wanted.items():
            if chat in self._watched:
                self._watched[chat].one = one
        if wanted.keys() != self._wanted.keys():
            self._poke.set()
        self._wanted = wanted

    async def run(self) -> None:
        """Listen once there is something to listen to."""
        await self._poke.wait()
        await self._gateway.listen(self._hear, self._watched.__contains__)
        log.info("account.listens", chats=len(self._wanted))
        while True:
            self._poke.clear()
            if await self._database.outage.attempt("listen", self._step):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._pause()):
                        await self._poke.wait()

    def _now(self) -> float:
        return self._crew.clock.elapsed()

    def _pause(self) -> float:
        due = min((watch.due for watch in self._watched.values()), default=float("inf"))
        return max(0.0, min(due - self._now(), self._options.keep))

    async def _step(self) -> None:
        await self._open()
        await self._look()
        await self._keep()

    # What is heard

    def _hear(self, news: News) -> None:
        """At once: into the queue, or past it what needs no storing."""
        if isinstance(news, Missed):
            self._look_soon(news.chat)
            return
        shared = news.chat is not None and news.chat < -_CHANNEL_BASE
        placeless = isinstance(news, Removed) and news.chat is None and bool(self._boxed)
        if type(news) is News or not (news.chat in self._watched or placeless):
            self._stored(news)
            return
        box = SHARED_BOX if shared else f"a{self._account}"
        if not self._recorder.offer(Heard(news, box, self._stored, time.monotonic())):
            self._look_soon(news.chat)

    def _stored(self, news: News) -> None:
        """The news is in the store, or has no place there."""
        watch = None if news.chat is None else self._watched.get(news.chat)
        if watch is not None and type(news) is not News:
            watch.moves += 1
            watch.moved_at = self._crew.clock.now()
            watch.told = True
            if isinstance(news, Arrived):
                watch.rose(news.record["id"])
        if news.pts is None:
            return
        if news.chat is not None and news.chat < -_CHANNEL_BASE:
            if watch is not None:
                watch.continuity.took(news.pts, news.count)
            return
        for one in self._boxed.values():
            one.continuity.took(news.pts, news.count)

    def _look_soon(self, chat: int | None) -> None:
        """Something was lost: in a chat, or (None) anywhere."""
        for watch in self._watched.values():
            if chat in (None, watch.one.chat):
                watch.due = self._now()
        self._poke.set()

    # Which chats

    async def _open(self) -> None:
        """Begin with the chats that are new to this connection."""
        for chat, one in list(self._wanted.items()):
            if chat in self._watched:
                continue
            try:
                watch = await self._watch_of(one)
            except _FATAL:
                raise
            except SourceError as error:
                await self._refuse(one, error)
            except CrewError as error:
                log.info("chat.not_opened", chat=chat, reason=error.reason)
            else:
                if chat in self._wanted:
                    self._watched[chat] = watch
                    if one.box != SHARED_BOX:
                        self._boxed[chat] = watch

    async def _watch_of(self, one: Subscription) -> Watch:
        source = one.source
        membership = await self._database.memberships.of_chat(self._account, one.chat)
        chat = await self._database.chats.get(one.chat)
        peer = None if membership is None else membership.peer
        if peer is None or chat is None:
            peer, chat = await open_source(source, self._account, self._gateway, self._database)
        return Watch(
            one=one,
            chat=chat,
            peer=peer,
            continuity=Continuity(one.pts),
            due=self._now(),
            pause=self._options.soonest,
            proved=self._now(),
            top=one.top,
            checked_at=one.checked_at,
            moved_at=one.moved_at,
            polled=one.polled,
        )

    def _leave(self, chat: int) -> None:
        watch = self._watched.pop(chat)
        self._boxed.pop(chat, None)
        self._left.append(_told(watch, self._account))
        if self._reading is not None and self._reading[0] == chat:
            self._reading[1].reschedule(asyncio.get_running_loop().time())

    async def _refuse(self, one: Subscription, error: SourceError) -> None:
        """This account cannot read the chat: another one has to."""
        log.warning("chat.refused", chat=one.chat, reason=error.reason)
        await self._database.subscriptions.refuse(one.id, self._account, error.reason)
        await self._database.memberships.set_state(self._account, one.chat, MembershipState.KICKED)
        self._wanted.pop(one.chat, None)
        if one.chat in self._watched:
            self._leave(one.chat)

    # What was missed

    async def _look(self) -> None:
        """Ask how the chats are whose time has come, and read where something was missed."""
        while batch := self._due():
            await self._look_at(batch)

    def _due(self) -> list[Watch]:
        """Those whose time has come, and of those whose time is near so many as cost nothing."""
        now = self._now()
        if all(watch.due > now for watch in self._watched.values()):
            return []
        near = [one for one in self._watched.values() if one.due - now <= one.pause / 4]
        return sorted(near, key=lambda one: one.due)[:MOST_LOOKED_AT]

    async def _look_at(self, batch: Sequence[Watch]) -> None:
        try:
            tops, state = await self._gateway.tops([watch.peer for watch in batch])
        except _FATAL:
            raise
        except CrewError as error:
            self._later(batch, error)
            return
        states = {watch.one.chat: _state(watch, tops, state) for watch in batch}
        await self._recorder.settled()
        if any(not self._is_whole(watch, states[watch.one.chat]) for watch in batch):
            await asyncio.sleep(self._options.grace)
            await self._recorder.settled()
        for watch in batch:
            if watch.one.chat in self._watched:
                await self._judge(watch, tops.get(watch.one.chat), states[watch.one.chat])

    def _is_whole(self, watch: Watch, state: int | None) -> bool:
        return state is not None and watch.continuity.covers(state)

    async def _judge(self, watch: Watch, top: Top | None, state: int | None) -> None:
        whole = self._is_whole(watch, state)
        stale = self._now() - watch.proved >= self._options.prove and watch.moves > watch.seen
        try:
            if not whole or stale:
                await self._read(watch, top, missed=not whole)
        except _FATAL:
            raise
        except SourceError as error:
            await self._refuse(watch.one, error)
        except CrewError as error:
            self._later([watch], error)
        else:
            self._looked(watch, state, whole=whole)

    async def _read(self, watch: Watch, top: Top | None, *, missed: bool) -> None:
        """The whole of it can be cut short: nobody may want the chat any more."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None) as deadline:
                self._reading = (watch.one.chat, deadline)
                try:
                    newest = top.id if top is not None else await self._newest(watch)
                    await self._review.read(watch, newest, missed=missed)
                    watch.proved = self._now()
                    watch.rose(newest)
                finally:
                    self._reading = None

    async def _newest(self, watch: Watch) -> int:
        """The newest id of a chat that has no dialog here."""
        page = await self._gateway.page(watch.peer, limit=1)
        return max(page.ids(), default=0)

    def _looked(self, watch: Watch, state: int | None, *, whole: bool) -> None:
        options = self._options
        if state is not None:
            watch.continuity.looked(state)
        first = watch.checked_at is None
        silent = watch.moves == watch.seen
        if not whole and not first:
            watch.polled = silent
            watch.moved_at = self._crew.clock.now() if silent else watch.moved_at
        quiet = whole or first
        watch.pause = min(watch.pause * 2, options.rarest) if quiet else options.soonest
        watch.seen = watch.moves
        watch.checked_at = self._crew.clock.now()
        watch.due = self._now() + watch.pause
        watch.told = True

    def _later(self, batch: Sequence[Watch], error: CrewError) -> None:
        wait = error.seconds if isinstance(error, FloodError) else self._options.soonest
        log.info("chats.not_looked_at", chats=len(batch), reason=error.reason, seconds=wait)
        for watch in batch:
            watch.due = self._now() + max(wait, 1.0)

    async def _keep(self) -> None:
        """Let others see how far the chats are."""
        if self._now() - self._kept_at < self._options.keep and not self._left:
            return
        told = [watch for watch in self._watched.values() if watch.told]
        batch = [*self._left, *(_told(watch, self._account) for watch in told)]
        await self._database.subscriptions.watched(batch)
        self._left.clear()
        for watch in told:
            watch.told = False
        self._kept_at = self._now()


def _state(watch: Watch, tops: dict[int, Top], state: int | None) -> int | None:
    """The state of whatever numbers the chat's changes."""
    if watch.one.box != SHARED_BOX:
        return state
    top = tops.get(watch.one.chat)
    return None if top is None else top.pts


def _told(watch: Watch, account: int) -> Watched:
    return Watched(
        id=watch.one.id,
        reader=account,
        top=watch.top,
        pts=watch.continuity.known,
        checked_at=watch.checked_at,
        moved_at=watch.moved_at,
        polled=watch.polled,
    )
