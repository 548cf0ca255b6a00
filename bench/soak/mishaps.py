"""What goes wrong for those who listen: one thing after another."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from bench.soak.service import Service
from bench.soak.site import Site

DROPPED, REPEATED, LATE = 0.05, 0.05, 0.1
"""Shares of all updates."""


class Mishaps:
    """`seen` counts them. `silent`: chats that never tell anything."""

    def __init__(self, site: Site, collectors: Sequence[Service], *, silent: Sequence[str]) -> None:
        self._site = site
        self._collectors = collectors
        self._silent = silent
        self._turns = itertools.count()
        self.seen: Counter[str] = Counter()

    def begin(self) -> None:
        """From now on updates are lost, sent twice, and late."""
        updates = self._site.sandbox.faults.updates
        updates.drop(DROPPED)
        updates.repeat(REPEATED, after=0.05)
        updates.reorder(LATE, seconds=0.2)
        for name in self._silent:
            updates.drop(chat_id=self._site.sandbox.world.chat(name).id)

    async def happen(self, *, pause: float, seconds: float) -> None:
        """In turns, each at least once, as long as that."""
        turns: tuple[Callable[[], Awaitable[None]], ...] = (
            self.broken_line,
            self.chat_too_long,
            self.stopped_mongod,
            self.account_too_long,
            self.killed_collector,
            self.frozen_mongod,
        )
        began = time.monotonic()
        for turn in itertools.cycle(turns):
            await asyncio.sleep(pause)
            if len(self.seen) == len(turns) and time.monotonic() - began >= seconds:
                return
            await turn()
            self.seen[turn.__name__.replace("_", " ")] += 1

    async def broken_line(self) -> None:
        """Every account reconnects, and is told nothing of what it missed."""
        self._site.sandbox.faults.cut()

    async def chat_too_long(self) -> None:
        """For a moment a chat tells nothing, and then that it was too much."""
        chats = list(self._site.sandbox.world.chats)
        chat, updates = chats[next(self._turns) % len(chats)], self._site.sandbox.faults.updates
        updates.drop(chat_id=chat, lasting=0.5)
        await asyncio.sleep(0.5)
        updates.channel_too_long(chat, push=True)

    async def account_too_long(self) -> None:
        """The same, for all that an account hears."""
        accounts = self._site.sandbox.world.accounts
        account = accounts[next(self._turns) % len(accounts)].id
        updates = self._site.sandbox.faults.updates
        updates.drop(account=account, lasting=0.5)
        await asyncio.sleep(0.5)
        updates.too_long(account=account)
        updates.push_too_long(None, account)

    async def stopped_mongod(self) -> None:
        """News wait, and the queue is full before it is back."""
        await self._site.mongod.stop(2.0)

    async def frozen_mongod(self) -> None:
        """Connections stay and nothing answers."""
        await self._site.mongod.freeze(2.0)

    async def killed_collector(self) -> None:
        """kill -9; the same one starts again at once, while the other may take over."""
        collector = self._collectors[next(self._turns) % len(self._collectors)]
        await collector.kill()
        await collector.start()
