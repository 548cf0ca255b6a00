"""Keeps the cards of all chats up to date, for ever and after every restart."""

import asyncio
import time

from bot.cards import Cards
from db.changes import Changes
from db.outage import Outage

POLL_SECONDS = 1.0
GATHER_SECONDS = 0.1


class Notifier:
    """Looks at runs whenever something changed, and once a second anyway; at most half of the
    time.
    """

    def __init__(self, cards: Cards, changes: Changes, outage: Outage) -> None:
        self._cards = cards
        self._changes = changes
        self._outage = outage

    async def run(self) -> None:
        """Until cancelled; a store that does not answer is waited for."""
        while True:
            mark = self._changes.mark()
            began = time.monotonic()
            drawn = await self._outage.attempt("cards", self._cards.refresh)
            took = time.monotonic() - began
            if not (drawn and self._cards.is_behind()):
                await self._changes.wait("runs", "jobs", since=mark, timeout=POLL_SECONDS)
            await asyncio.sleep(max(GATHER_SECONDS, took))
