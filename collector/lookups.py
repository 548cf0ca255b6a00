"""Answering the bot's questions about sources, with an account that is connected anyway."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import structlog

from collector.gateway import Gateway
from collector.runner import Runner
from collector.sources import open_source
from core.chat import Chat, Peer
from core.clock import Clock
from core.errors import CrewError, SourceUnknown, StoreError
from core.links import chat_id, is_invite
from core.lookup import Found, Lookup
from db.database import Database

log = structlog.get_logger(__name__)

STALE = 5.0
"""Nobody waits longer for an answer."""

ANSWER_WITHIN = 4.5
"""Seconds for all sources of a question: the operator is waiting."""


class LookupDesk:
    """Takes questions and answers them."""

    def __init__(self, database: Database, runners: Mapping[int, Runner], clock: Clock) -> None:
        self._database = database
        self._runners = runners
        self._clock = clock
        self._group: asyncio.TaskGroup | None = None

    def open(self, group: asyncio.TaskGroup) -> None:
        """Answer in this group from now on, several questions at once."""
        self._group = group

    async def answer_all(self) -> None:
        """Begin to answer every question that somebody still waits for."""
        while self._group is not None and any(one.gateway for one in self._runners.values()):
            lookup = await self._database.lookups.take(within=STALE)
            if lookup is None:
                return
            self._group.create_task(self._try_to_answer(lookup), name=f"lookup {lookup.id}")

    async def _try_to_answer(self, lookup: Lookup) -> None:
        try:
            await self._answer(lookup)
        except StoreError as error:
            log.warning("lookup.unanswered", error=str(error))

    async def _answer(self, lookup: Lookup) -> None:
        answers: dict[str, Found] = {}
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                for source in lookup.sources:
                    answers[source] = await self._find(source, await self._choose(lookup, source))
        except TimeoutError:
            log.info("lookup.timeout", answered=len(answers), asked=len(lookup.sources))
        complete = [
            answers.get(source, Found(source=source, problem="timeout"))
            for source in lookup.sources
        ]
        await self._database.lookups.answer(lookup.id, complete)

    async def _choose(self, lookup: Lookup, source: str) -> Runner | None:
        """The asked account; where any may do it, one that met the source before."""
        connected = {
            number: runner for number, runner in self._runners.items() if runner.gateway is not None
        }
        if lookup.account in connected:
            return connected[lookup.account]
        if not source.startswith("@"):
            for number in await self._database.memberships.accounts_knowing(source):
                if number in connected:
                    return connected[number]
        return next(iter(connected.values()), None)

    async def _find(self, source: str, runner: Runner | None) -> Found:
        gateway = None if runner is None else runner.gateway
        if runner is None or gateway is None:
            return Found(source=source, problem="no_ready_account")
        try:
            return await self._see(source, runner.account.id, gateway)
        except SourceUnknown as error:
            return await self._suggest(source, error, gateway)
        except CrewError as error:
            return Found(source=source, problem=error.reason)
        except Exception:
            log.exception("lookup.broken", source=source)
            return Found(source=source, problem="unexpected")

    async def _see(self, source: str, account: int, gateway: Gateway) -> Found:
        if is_invite(source):
            return await self._behind(source, account, gateway)
        if chat_id(source) is not None:
            return await self._inside(source, account, gateway)
        chat = await self._look(source, account, gateway)
        await self._database.chats.save(chat)
        return Found(source=source, chat=chat)

    async def _look(self, source: str, account: int, gateway: Gateway) -> Chat:
        """The chat of a name, resolved again when the name has moved to another chat."""
        peer, _ = await open_source(source, account, gateway, self._database)
        chat = await _in_full(gateway, peer)
        if chat.username is not None and f"@{chat.username.lower()}" == source:
            return chat
        await self._database.memberships.forget_name(account, source)
        peer, _ = await open_source(source, account, gateway, self._database)
        return await _in_full(gateway, peer)

    async def _behind(self, source: str, account: int, gateway: Gateway) -> Found:
        """What an invite leads to, without entering: the chat only where the account is in it."""
        invite = await gateway.check_invite(source)
        if invite.entered is None:
            return Found(source=source, invite=invite)
        peer, _ = invite.entered
        await self._database.memberships.joined(account, peer, source, self._clock.now(), task=None)
        chat = await _in_full(gateway, peer)
        await self._database.chats.save(chat)
        return Found(source=source, chat=chat)

    async def _inside(self, source: str, account: int, gateway: Gateway) -> Found:
        """The chat of an id: only an account that met it before can tell."""
        peer, _ = await open_source(source, account, gateway, self._database)
        chat = await _in_full(gateway, peer)
        await self._database.chats.save(chat)
        return Found(source=source, chat=chat)

    async def _suggest(self, source: str, error: SourceUnknown, gateway: Gateway) -> Found:
        if is_invite(source):
            return Found(source=source, problem=error.reason)
        try:
            near = await gateway.suggest(source)
        except CrewError:
            near = []
        return Found(source=source, problem=error.reason, suggestions=tuple(near))


async def _in_full(gateway: Gateway, peer: Peer) -> Chat:
    """The chat with its members, and with its size, which only a page of it tells."""
    chat = await gateway.describe(peer)
    newest = await gateway.page(peer, limit=1)
    return replace(chat, messages=newest.total, top_id=max(newest.ids(), default=None))
