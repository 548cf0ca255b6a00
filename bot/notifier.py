"""Keeps the cards of all chats up to date, for ever and after every restart."""

import asyncio

from bot.cards import Cards
from db.changes import Changes
from db.outage import Outage

POLL_SECONDS = 1.0
GATHER_SECONDS = 0.1


class Notifier:
    """Looks at the runs whenever something changed, and once a second anyway."""

    def __init__(self, cards: Cards, changes: Changes, outage: Outage) -> None:
        self._cards = cards
        self._changes = changes
        self._outage = outage

    async def run(self) -> None:
        """Until cancelled; a store that does not answer is waited for."""
        while True:
            mark = self._changes.mark()
            await self._outage.attempt("cards", self._cards.refresh)
            await self._changes.wait("runs", "jobs", since=mark, timeout=POLL_SECONDS)
            await asyncio.sleep(GATHER_SECONDS)
