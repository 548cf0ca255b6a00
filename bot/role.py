"""The bot's own lease: who does not hold it fetches nothing, draws nothing and answers nobody.

The rule is that of accounts: the holder's deadline is counted by its own clock from before it
asked; a taker takes only what it watched standing still for longer than that.
"""

import asyncio
import platform
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from core.account import Lease
from core.bot_role import BotElsewhere, BotHolder, RoleLost
from core.clock import Clock
from core.errors import StoreError
from core.lease_watch import MARGIN, LeaseWatch
from db.outage import Outage
from db.roles import BotRole

log = structlog.get_logger(__name__)

LOOKS = 6
"""Looks and renewals in the time of one lease."""

LATE = 0.2
"""Seconds between two looks whether it is held again."""

GIVE_BACK_SECONDS = 2.0
ONLY = 0
"""The watch knows leases by a number; there is one."""


class Role:
    """One process's part in it. `worker`: a name that no other living process has."""

    def __init__(
        self, store: BotRole, outage: Outage, clock: Clock, *, worker: str, seconds: float
    ) -> None:
        self._store = store
        self._outage = outage
        self._clock = clock
        self._worker = worker
        self._host = platform.node()
        self._seconds = seconds
        self._token: int | None = None
        self._deadline = float("-inf")
        self.waits_for: BotHolder | None = None
        """Whose end is waited for; None where nobody's is."""

    def is_held(self) -> bool:
        """Whether nobody else can have it now."""
        return self._token is not None and self._clock.elapsed() < self._deadline

    async def obtain(self) -> None:
        """Return once it is held. Raises BotElsewhere as soon as another holder is seen to live."""
        watch = LeaseWatch(seconds=self._seconds)
        first: BotHolder | None = None
        while not self.is_held():
            holder = await self._outage.insist("role", self._look)
            if holder is None:
                await self._outage.insist("role", self._take_free)
                continue
            watch.saw({ONLY: holder.held}, self._clock.elapsed())
            if first is not None and holder.lease != first.lease:
                raise BotElsewhere(holder)
            if first is None:
                first = self.waits_for = holder
                log.info(
                    "bot.held_elsewhere",
                    worker=holder.lease.worker,
                    host=holder.host,
                    since=holder.since.isoformat(),
                )
            if watch.is_dead(ONLY, holder.lease, self._clock.elapsed()):
                await self._outage.insist("role", partial(self._take_over, holder.lease))
            else:
                await asyncio.sleep(self._seconds / LOOKS)
        self.waits_for = None

    async def keep(self) -> None:
        """Renew it until cancelled. Raises RoleLost once another has it. While the store does not
        answer for longer than the lease nobody can say who has it, so that nothing is sent.
        """
        while True:
            await asyncio.sleep(self._seconds / LOOKS)
            while not await self._outage.attempt("role", self._renew):
                pass
            if self._token is None:
                raise RoleLost

    async def allowed(self) -> None:
        """Return when something may be sent in its name. Raises RoleLost when it is another's."""
        while not self.is_held():
            if self._token is None:
                raise RoleLost
            await asyncio.sleep(LATE)

    async def give_back(self) -> None:
        """At the end, after the last answer; the next one need not wait."""
        token, self._token = self._token, None
        if token is None:
            return
        try:
            async with asyncio.timeout(GIVE_BACK_SECONDS):
                await self._store.give_back(self._worker, token)
        except (StoreError, TimeoutError) as error:
            log.warning("bot.role_not_given_back", error=str(error))

    async def _renew(self) -> None:
        token, asked_at = self._token, self._clock.elapsed()
        if token is None:
            return
        if await self._store.renew(self._worker, token, seconds=self._seconds):
            self._deadline = asked_at + self._seconds * (1 - MARGIN)
        else:
            self._token = None

    async def _look(self) -> BotHolder | None:
        """Who has it. One in our own name is of a former life: whoever has the name is alone."""
        holder = await self._store.look()
        if holder is None or holder.lease.worker != self._worker:
            return holder
        await self._store.give_back(self._worker, holder.lease.token)
        return None

    async def _take_free(self) -> None:
        await self._taken(lambda: self._store.take(self._worker, self._host, seconds=self._seconds))

    async def _take_over(self, seen: Lease) -> None:
        store = self._store
        await self._taken(
            partial(store.take_over, seen, self._worker, self._host, seconds=self._seconds)
        )

    async def _taken(self, take: Callable[[], Awaitable[Lease | None]]) -> None:
        asked_at = self._clock.elapsed()
        lease = await take()
        if lease is not None:
            self._token = lease.token
            self._deadline = asked_at + self._seconds * (1 - MARGIN)
            log.info("bot.role_taken", worker=self._worker, token=lease.token)


class OnlyInRole(BaseRequestMiddleware):
    """Sends nothing while another process may serve the chats: it waits, or raises RoleLost."""

    def __init__(self, role: Role) -> None:
        self._role = role

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        await self._role.allowed()
        return await make_request(bot, method)
