"""Leaving the chats that were joined for a task that is gone."""

from collections.abc import Mapping

import structlog

from collector.runner import Runner
from core.chat import ChatKind
from core.errors import CrewError, SourceError
from core.membership import Membership, MembershipState
from db.database import Database

MOST = 20
"""Chats of one look."""

log = structlog.get_logger(__name__)


class Leaving:
    """One worker's share: the chats of the accounts that are connected here."""

    def __init__(self, database: Database, runners: Mapping[int, Runner]) -> None:
        self._database = database
        self._runners = runners
        self._after = ""

    async def leave(self) -> None:
        """Leave what is to be left, some each time, in turn: what cannot be now holds up nothing
        else, and is tried again later."""
        connected = [number for number, runner in self._runners.items() if runner.gateway]
        if not connected:
            return
        leaving = await self._database.memberships.leaving(connected, after=self._after, limit=MOST)
        self._after = leaving[-1].id if len(leaving) == MOST else ""
        for membership in leaving:
            try:
                await self._leave(membership)
            except CrewError as error:
                log.info("chat.not_left_yet", account=membership.account, reason=error.reason)

    async def _leave(self, membership: Membership) -> None:
        runner = self._runners.get(membership.account)
        if runner is None or runner.gateway is None:
            return
        if membership.peer is None or membership.chat is None:
            return
        try:
            await runner.gateway.leave(membership.peer)
        except SourceError as error:
            log.info("chat.left_before", account=membership.account, reason=error.reason)
        if membership.peer.kind is not ChatKind.GROUP:
            await self._database.accounts.move_slots(membership.account, -1)
        await self._database.memberships.set_state(
            membership.account, membership.chat, MembershipState.LEFT
        )
        log.info("chat.left", account=membership.account, chat=membership.chat)
