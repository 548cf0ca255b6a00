"""The live cards: from the runs in the store to the messages in the chats."""

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import Bot

from bot.alarms import Alarms
from bot.attention import IN_TURN, IN_TURN_UNTOLD, Attention, bundles
from bot.desk import Desk
from bot.features.runs.data import CardData
from bot.features.runs.proof import Proof, heard_of, proof_of
from bot.features.runs.steps import Listening, listening_of, titled_listening
from bot.features.runs.views import card, ending, face
from bot.group_desk import GroupDesk
from bot.groups import is_group
from bot.holders import Holders
from bot.i18n import Locales, Texts
from bot.picture import Picture
from bot.pulse import Pulse
from bot.readers import Readers, place_of
from bot.titles import Titles, find_titles, titled_jobs, titled_run
from core.account import Account
from core.clock import Clock
from core.found import Verdict
from core.job import Job, JobState
from core.run import Card, Run, RunState
from core.task import Step, Task
from db.database import Database

LONG_RUN = timedelta(seconds=60)
WORKER_PATIENCE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Steps:
    found: Mapping[str, Mapping[Verdict, int]]
    listening: Mapping[str, Listening]
    proofs: Mapping[str, Proof | None]
    titles: Mapping[str, Titles]
    instead: Mapping[str, tuple[int, ...]]
    heard: Mapping[str, int]


class Cards:
    """Draws runs and hands them to the desk of their chat."""

    def __init__(
        self,
        *,
        bot: Bot,
        database: Database,
        locales: Locales,
        zone: ZoneInfo,
        clock: Clock,
        holders: Holders,
    ) -> None:
        self._bot = bot
        self._holders = holders
        self._database = database
        self._zone = zone
        self._clock = clock
        self._pulse = Pulse()
        self._attention = Attention()
        self._all_seen = False
        self._begun = 0
        self._shown_to = ""
        self._seen: set[str] = set()
        self._orders = itertools.count(1)
        self._desks: dict[int, Desk] = {}
        self._readers = Readers(database, locales, self._drop)
        self._group: asyncio.TaskGroup | None = None
        self._no_lease_since: datetime | None = None
        self._alarms = Alarms(database, clock)
        database.changes.keep_runs()

    def open(self, group: asyncio.TaskGroup) -> None:
        """The desks run in `group` from now on."""
        self._group = group

    async def adopt(self, run: Run, chat: int, message: int) -> None:
        """Turn a message into the run's card, at once."""
        await self._desk(chat).adopt(run.id, Card(chat=chat, message=message))
        await self.show_now(run.id)

    async def redraw(self, run: str) -> None:
        """Draw a card again whose message shows something else now."""
        found = await self._database.runs.get(run)
        if found is not None and found.card is not None:
            await self._desk(found.card.chat).adopt(found.id, found.card)
            await self.show_now(found.id)

    async def show_now(self, run: str) -> None:
        """Draw one run at once; its button was pressed."""
        order = next(self._orders)
        found = await self._database.runs.get(run)
        if found is None:
            return
        for chat, picture in await self._pictures([found], order):
            await self._desk(chat).show_now(picture)

    async def refresh(self) -> None:
        """Draw runs that still have something to show: those of which a change was told, and some
        others in turn.
        """
        order = next(self._orders)
        self._listen()
        told = self._attention.take(self._clock.elapsed())
        try:
            await self._look(told, order)
        except BaseException:
            self._attention.told(told, ())
            raise

    def _listen(self) -> None:
        """What was told since the last look; where the stream began anew all are seen first."""
        changes = self._database.changes
        if changes.begun != self._begun:
            self._begun, self._all_seen, self._shown_to = changes.begun, False, ""
        self._attention.told(*changes.take_runs())

    async def _look(self, told: Sequence[str], order: int) -> None:
        runs = await self._in_turn()
        known = {run.id for run in runs}
        more = [run for run in told if run not in known]
        if more:
            runs += await self._database.runs.to_show(among=more)
        for some in bundles(runs):
            began = self._clock.elapsed()
            for chat, picture in await self._pictures(some, order):
                self._desk(chat).put(picture)
            now = self._clock.elapsed()
            self._attention.looked(some, now, took=now - began)

    def is_behind(self) -> bool:
        """Whether there is more to draw just now, of what was told or of the first turn."""
        return not self._all_seen or self._attention.is_behind(self._clock.elapsed())

    async def _in_turn(self) -> list[Run]:
        """The runs whose turn it is, without those that were looked at just now."""
        most = IN_TURN if self._database.changes.lively() else IN_TURN_UNTOLD
        runs = await self._database.runs.to_show(after=self._shown_to, limit=most)
        self._seen.update(run.id for run in runs)
        self._shown_to = runs[-1].id if len(runs) == most else ""
        if not self._shown_to:
            self._pulse.keep(self._seen)
            self._attention.keep(self._seen)
            self._seen = set()
            self._all_seen = True
        now = self._clock.elapsed()
        return [run for run in runs if self._attention.may_take_its_turn(run.id, now)]

    def _drop(self, run: str) -> None:
        for desk in self._desks.values():
            desk.drop(run)

    def _desk(self, chat: int) -> Desk:
        if chat not in self._desks:
            desk = self._new_desk(chat)
            self._desks[chat] = desk
            if self._group is not None:
                self._group.create_task(desk.run(), name=f"desk-{chat}")
        return self._desks[chat]

    def _new_desk(self, chat: int) -> Desk:
        shared: dict[str, Any] = {
            "bot": self._bot,
            "runs": self._database.runs,
            "clock": self._clock,
        }
        if not is_group(chat):
            return Desk(chat, **shared)
        return GroupDesk(
            chat,
            tasks=self._database.tasks,
            private=self._desk,
            followed=self._desks.setdefault,
            **shared,
        )

    async def _pictures(self, runs: Sequence[Run], order: int) -> list[tuple[int, Picture]]:
        shown = await self._readers.of(runs)
        runs = shown.runs
        if not runs:
            return []
        jobs = await self._database.jobs.of_runs(run.id for run in runs)
        tasks = await self._database.tasks.of_ids([run.task for run in runs])
        accounts = {account.id: account for account in await self._database.accounts.all()}
        nobody = await self._nobody_works(runs)
        more = await self._steps(runs, jobs)
        return [
            self._picture(
                run, jobs[run.id], tasks.get(run.task), accounts, shown.texts, nobody, order, more
            )
            for run in runs
            if run.card is not None or run.task in tasks
        ]

    def _picture(
        self,
        run: Run,
        jobs: list[Job],
        task: Task | None,
        accounts: Mapping[int, Account],
        texts: Mapping[int, Texts],
        nobody: bool,  # noqa: FBT001
        order: int,
        more: _Steps,
    ) -> tuple[int, Picture]:
        now = self._clock.now()
        titles, listening = more.titles.get(run.id, {}), more.listening.get(run.id)
        data = CardData(
            run=titled_run(run, titles),
            jobs=titled_jobs(jobs, titles),
            beat=self._pulse.beat(run, jobs, now=now, elapsed=self._clock.elapsed()),
            accounts=dict(accounts),
            zone=self._zone,
            now=now,
            no_worker=nobody and _is_stuck(run, jobs, now),
            next_due=None if task is None else task.next_due,
            found=more.found.get(run.id, {}),
            listening=None if listening is None else titled_listening(listening, titles),
            proof=more.proofs.get(run.id),
            instead=more.instead.get(run.id, ()),
            heard=more.heard.get(run.id, 0),
        )
        words = texts[run.owner]
        picture = Picture(
            run=run,
            screen=card(words, data),
            face=face(data),
            order=order,
            ending=ending(words, data) if _is_told(run, now) else None,
            alarm=self._alarms.of(words, data),
            unheard=() if listening is None else listening.silent(),
        )
        return place_of(run, task), picture

    async def _steps(self, runs: Sequence[Run], jobs: Mapping[str, Sequence[Job]]) -> _Steps:
        """What runs that search, listen or have ended have to show besides their jobs."""
        searching = [run.id for run in runs if Step.SEARCH in run.spec.steps]
        listening = {
            run.id: listening_of(await self._database.subscriptions.of_run(run.id))
            for run in runs
            if Step.LISTEN in run.spec.steps and run.is_open()
        }
        found = await self._database.found.tally(searching) if searching else {}
        ended = [run for run in runs if not run.is_open()]
        proofs = {run.id: await proof_of(self._database, run, jobs[run.id]) for run in ended}
        titles = await find_titles(self._database, runs, jobs)
        return _Steps(
            found=found,
            listening=listening,
            proofs=proofs,
            titles=titles,
            instead=await self._alarms.instead(runs, listening),
            heard={
                run.id: await heard_of(self._database, jobs[run.id])
                for run in ended
                if Step.LISTEN in run.spec.steps
            },
        )

    async def _nobody_works(self, runs: Sequence[Run]) -> bool:
        """Whether no worker has held any account for a while."""
        if not any(run.is_open() for run in runs):
            return False
        now = self._clock.now()
        if await self._holders.any_alive():
            self._no_lease_since = None
            return False
        self._no_lease_since = self._no_lease_since or now
        return now - self._no_lease_since >= WORKER_PATIENCE


def _is_stuck(run: Run, jobs: Sequence[Job], now: datetime) -> bool:
    if not run.is_open() or now - run.created_at < WORKER_PATIENCE:
        return False
    explained = any(job.wait is not None for job in jobs if job.state is JobState.QUEUED)
    return run.status.state in {RunState.QUEUED, RunState.RUNNING} and not explained


def _is_told(run: Run, now: datetime) -> bool:
    if run.is_open() or run.continued_at is not None:
        return False
    begun = run.started_at or run.created_at
    failed = run.status.state in {RunState.FAILED, RunState.PARTIAL}
    return failed or (run.ended_at or now) - begun > LONG_RUN
