"""Hands the chats that are listened to out to accounts, and to the ears of this worker."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace

import structlog

from collector.crew import Crew
from collector.lease import Leases
from collector.listening.succession import Succession
from collector.runner import Runner
from core.account import READING_STATES
from core.job import Wait
from core.run import Intent
from core.subscription import Crowd, Post, Subscription, post
from core.succession import Heir, settled
from db.database import Database

log = structlog.get_logger(__name__)

THOROUGH = 30.0
"""Seconds after which it is looked again whether a job began something that nobody took up."""


class ListeningRoom:
    """Any number of workers may do this at once: each change is guarded."""

    def __init__(self, crew: Crew, runners: Mapping[int, Runner], leases: Leases) -> None:
        self._crew = crew
        self._leases = leases
        self._database: Database = crew.database
        self._succession = Succession(crew.database, crew.keeper, crew.clock)
        self._runners = runners
        self._known: frozenset[str] = frozenset()
        self._derived_at = float("-inf")
        self.listens = False
        """Whether any run listens at present."""

    async def look(self) -> None:
        """Bring subscriptions in line with runs, readers with accounts, and ears with both."""
        runs = await self._database.subscriptions.listening_runs()
        await self._derive(runs)
        every = await self._database.subscriptions.all()
        self.listens = bool(runs or every)
        gone = {run for one in every for run in one.runs()} - runs.keys()
        heirs = await self._succession.heirs(gone)
        if await self._settle(every, runs.keys(), heirs):
            every = await self._database.subscriptions.all()
        active = {run for run, intent in runs.items() if intent is Intent.GO}
        active |= {heir.run or run for run, heir in heirs.items()}
        if every:
            every = await self._hand_out(every, active)
        for account, runner in list(self._runners.items()):
            runner.listen([one for one in every if one.live and one.reader == account])

    async def _derive(self, runs: Mapping[str, Intent]) -> None:
        """Jobs say themselves what they began; this is for what a crash or a retry left out."""
        now = self._crew.clock.elapsed()
        if runs.keys() == self._known and now - self._derived_at < THOROUGH:
            return
        if runs:
            for begun in await self._database.subscriptions.begun(runs):
                await self._database.subscriptions.want(begun)
        self._known, self._derived_at = frozenset(runs), now

    async def _settle(
        self, every: list[Subscription], runs: Collection[str], heirs: Mapping[str, Heir]
    ) -> bool:
        """Runs that ended want nothing any more, or what they wanted is their heirs'."""
        moved = [(one, settled(one, runs, heirs)) for one in every]
        changes = [(one, wants) for one, wants in moved if wants != one.wants]
        for one, wants in changes:
            await self._database.subscriptions.keep(one, wants)
        return bool(changes)

    async def _hand_out(
        self, every: list[Subscription], active: Collection[str]
    ) -> list[Subscription]:
        crowd = await self._crowd(every)
        staying = replace(crowd, able=self._staying(crowd.able))
        given = []
        for one in every:
            to, live = post(one, active, staying), any(run in active for run in one.runs())
            if to.reader is None and live:
                to = post(one, active, crowd)
            wait = _wait(one, to, live=live)
            is_same = (one.reader, one.standby, one.pushed, one.live, one.wait) == (
                to.reader,
                to.standby,
                to.pushed,
                live,
                wait,
            )
            if is_same:
                given.append(one)
                continue
            changed = await self._database.subscriptions.give(one, to, live=live, wait=wait)
            if changed is not None:
                log.info("chat.given", chat=one.chat, reader=to.reader, standby=to.standby)
            given.append(changed or one)
        return given

    def _staying(self, able: Collection[int]) -> list[int]:
        """Those that no other worker is to have soon: who leaves listens only where nobody else
        can."""
        runners = self._runners
        return [one for one in able if one not in runners or runners[one].leaving_since is None]

    async def _crowd(self, every: list[Subscription]) -> Crowd:
        live = await self._leases.live_tokens()
        accounts = await self._database.accounts.all()
        able = [one.id for one in accounts if one.id in live and one.state in READING_STATES]
        chats = {one.chat for one in every}
        members = await self._database.memberships.members_of(chats)
        return Crowd(
            able=able,
            members=members,
            knowing={
                one.chat: await self._knowing(one, able)
                for one in every
                if not members.get(one.chat)
            },
            load=dict(Counter(one.reader for one in every if one.reader is not None)),
        )

    async def _knowing(self, one: Subscription, able: Collection[int]) -> Collection[int]:
        """Who need not resolve the chat's name; asked only when somebody is to be found."""
        if one.reader is not None and one.reader in able:
            return [one.reader]
        return await self._database.memberships.accounts_knowing(one.source)


def _wait(one: Subscription, to: Post, *, live: bool) -> Wait | None:
    if not live or to.reader is not None:
        return None
    return Wait(why="no_reader") if one.wait is None else one.wait
