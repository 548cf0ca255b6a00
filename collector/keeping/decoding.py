"""Asking anew for messages that an earlier version did not understand."""

from collections.abc import AsyncIterator, Mapping

import structlog

from collector.gateway import Gateway
from collector.runner import Runner
from core.chat import SHARED_BOX, Peer
from core.clock import Clock
from core.errors import CrewError, SourceError
from db.database import Database

log = structlog.get_logger(__name__)

CHATS = 100
"""Chats that are looked at in one go."""

MESSAGES = 100
"""Messages that one call asks for."""


class Decoding:
    """One worker's share: what the accounts that are connected here can see. Each version asks for
    a message once."""

    def __init__(self, database: Database, runners: Mapping[int, Runner], clock: Clock) -> None:
        self._database = database
        self._runners = runners
        self._clock = clock

    async def again(self) -> None:
        """Ask for a hundred messages of each chat; what cannot be asked now waits."""
        decoder = next((one.gateway.decoder for one in self._runners.values() if one.gateway), None)
        if decoder is None:
            return
        for chat, box in await self._database.undecoded.older(decoder, limit=CHATS):
            try:
                await self._ask(chat, box, decoder)
            except CrewError as error:
                log.info("chat.not_decoded_yet", chat=chat, reason=error.reason)

    async def _ask(self, chat: int, box: str, decoder: str) -> None:
        ids = await self._database.undecoded.unasked(chat, box, decoder, limit=MESSAGES)
        async for gateway, peer in self._readers(chat, box):
            try:
                page = await gateway.exist(peer, ids)
            except SourceError as error:
                log.info("chat.not_decoded_here", chat=chat, reason=error.reason)
                continue
            await self._database.messages.add_records(page.messages)
            read = [message["id"] for message in page.messages]
            await self._database.undecoded.drop(chat, box, read)
            await self._database.undecoded.keep(page.undecoded, self._clock.now())
            await self._database.undecoded.asked(chat, box, ids, decoder)
            log.info("chat.decoded", chat=chat, messages=len(read), left=len(ids) - len(read))
            return

    async def _readers(self, chat: int, box: str) -> AsyncIterator[tuple[Gateway, Peer]]:
        """Accounts that know the chat; of a basic group the one whose ids they are."""
        for account, runner in list(self._runners.items()):
            if box not in (SHARED_BOX, f"a{account}"):
                continue
            known = await self._database.memberships.of_chat(account, chat)
            if runner.gateway is not None and known is not None and known.peer is not None:
                yield runner.gateway, known.peer
