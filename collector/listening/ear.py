"""One connected account that listens to its chats, and looks whether it missed something."""

import asyncio
import contextlib
import time
from collections.abc import Iterable

import structlog

from collector.crew import Crew
from collector.gateway import Gateway
from collector.jobs.kin import BECAME
from collector.listening.looks import FATAL, Looks
from collector.listening.migration import Migration
from collector.listening.recorder import Heard, Recorder
from collector.listening.review import Review
from collector.listening.watch import Watch
from collector.sources import open_source
from core.chat import SHARED_BOX
from core.continuity import Continuity
from core.errors import CrewError, SourceError
from core.membership import MembershipState
from core.news import Arrived, Missed, News, Removed
from core.subscription import Subscription
from db.subscriptions import Watched

log = structlog.get_logger(__name__)

AGAIN = 5.0
"""Seconds until Telegram is asked once more to tell what happens."""

_CHANNEL_BASE = 1_000_000_000_000


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
        self._wanted: dict[int, Subscription] = {}
        self._watched: dict[int, Watch] = {}
        self._boxed: dict[int, Watch] = {}
        self._left: list[Watched] = []
        self._poke = asyncio.Event()
        review = Review(crew, account, token, gateway)
        self._looks = Looks(self._watched, gateway, crew, recorder, review, self._refuse)
        self._migration = Migration(account, gateway, crew)
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
        await self._begin()
        log.info("account.listens", chats=len(self._wanted))
        while True:
            self._poke.clear()
            if await self._database.outage.attempt("listen", self._step):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._pause()):
                        await self._poke.wait()

    async def _begin(self) -> None:
        """A server in trouble, or a flood, is no reason to leave the connection."""
        while True:
            try:
                await self._gateway.listen(self._hear, self._watched.__contains__)
            except FATAL:
                raise
            except CrewError as error:
                log.info("account.not_listening", reason=error.reason)
                await asyncio.sleep(AGAIN)
            else:
                return

    def _now(self) -> float:
        return self._crew.clock.elapsed()

    def _pause(self) -> float:
        return max(0.0, min(self._looks.next_due() - self._now(), self._options.keep))

    async def _step(self) -> None:
        await self._open()
        await self._looks.look()
        await self._follow()
        await self._keep()

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
            watch.told = watch.unproven = True
            if isinstance(news, Arrived):
                watch.rose(news.record["id"])
                self._see_migration(watch, news)
        if news.pts is None:
            return
        if news.chat is not None and news.chat < -_CHANNEL_BASE:
            if watch is not None:
                watch.continuity.took(news.pts, news.count)
            return
        for one in self._boxed.values():
            one.continuity.took(news.pts, news.count)

    def _see_migration(self, watch: Watch, news: Arrived) -> None:
        if news.record.get("action") == BECAME:
            watch.moved = True
            self._poke.set()

    def _look_soon(self, chat: int | None) -> None:
        """Something was lost: in a chat, or (None) anywhere."""
        if chat is not None and chat not in self._watched:
            return
        for watch in self._watched.values():
            if chat in (None, watch.one.chat):
                watch.due, watch.missed = self._now(), True
        self._poke.set()

    async def _open(self) -> None:
        """Begin with the chats that are new to this connection."""
        for chat, one in list(self._wanted.items()):
            if chat in self._watched:
                continue
            try:
                watch = await self._watch_of(one)
            except FATAL:
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
            peer, chat = await open_source(
                source, self._account, self._gateway, self._database, expects=one.chat
            )
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
            moved=one.box != SHARED_BOX and await self._migration.has_happened(one),
        )

    async def _follow(self) -> None:
        """Go on in the supergroups that basic groups became."""
        for watch in [one for one in self._watched.values() if one.moved]:
            try:
                followed = await self._migration.follow(watch)
            except FATAL:
                raise
            except CrewError as error:
                log.info("chat.not_followed", chat=watch.one.chat, reason=error.reason)
            else:
                if followed and watch.one.chat in self._watched:
                    self._wanted.pop(watch.one.chat, None)
                    self._leave(watch.one.chat)

    def _leave(self, chat: int) -> None:
        watch = self._watched.pop(chat)
        self._boxed.pop(chat, None)
        self._left.append(_told(watch, self._account))
        self._looks.left(chat)

    async def _refuse(self, one: Subscription, error: SourceError) -> None:
        """This account cannot read the chat: another one has to."""
        log.warning("chat.refused", chat=one.chat, reason=error.reason)
        known = await self._database.memberships.of_chat(self._account, one.chat)
        if known is not None and known.state is MembershipState.MEMBER:
            gone = MembershipState.KICKED
            await self._database.memberships.set_state(self._account, one.chat, gone)
        await self._database.subscriptions.refuse(one.id, self._account, error.reason)
        self._wanted.pop(one.chat, None)
        if one.chat in self._watched:
            self._leave(one.chat)

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
