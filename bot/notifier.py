"""Keeps the cards of all chats up to date, for ever and after every restart."""

import asyncio

import structlog

from bot.cards import Cards
from core.errors import StoreError
from db.changes import Changes

log = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
GATHER_SECONDS = 0.1


class Notifier:
    """Looks at the runs whenever something changed, and once a second anyway."""

    def __init__(self, cards: Cards, changes: Changes) -> None:
        self._cards = cards
        self._changes = changes

    async def run(self) -> None:
        """Until cancelled; a store that does not answer is waited for."""
        while True:
            mark = self._changes.mark()
            try:
                await self._cards.refresh()
            except StoreError as error:
                log.warning("notifier.no_store", error=str(error))
                await asyncio.sleep(POLL_SECONDS)
            await self._changes.wait("runs", "jobs", since=mark, timeout=POLL_SECONDS)
            await asyncio.sleep(GATHER_SECONDS)
