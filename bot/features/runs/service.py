"""What may be done with a run. No Telegram in here."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from bot.access import cannot_work, require
from bot.errors import BotError, Gone
from bot.features.runs.steps import listening_of
from bot.titles import find_titles, titled_jobs, titled_run
from core.account import Account
from core.chat import Chat
from core.clock import Clock
from core.coverage import Coverage
from core.job import ENDED, Job, JobState
from core.message import Message
from core.operator import Operator, Role
from core.repair import repair_jobs, repairing
from core.run import Intent, Run, listens
from core.task import WEIGHTS, AccountPolicy, Step, Task, TaskState
from db.database import Database

LATEST = 5
COVERED = 8
"""Chats whose coverage is measured at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveragePage:
    """How much is stored of some chats of a run; pages count from 0."""

    run: Run
    found: tuple[tuple[Chat, Coverage], ...]
    page: int
    pages: int


class RunService:
    """Stop, retry, another account; and what a run stored."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def get(self, run: str) -> Run:
        """The run. Raises Gone."""
        found = await self._database.runs.get(run)
        if found is None:
            raise Gone("error-run-gone")
        return found

    async def stop(self, operator: Operator, run: str) -> Run:
        """Let nothing more be read; what is stored stays."""
        require(operator, Role.OPERATOR)
        found = await self.get(run)
        if not found.is_open():
            raise BotError("error-run-ended", number=str(found.number))
        if found.intent is Intent.CANCEL:
            raise BotError("error-stopping-already", number=str(found.number))
        await self.cancel(run)
        return found

    async def cancel(self, run: str) -> None:
        """Let the jobs of an open run end, whoever wishes it."""
        await self._database.runs.set_intent(run, Intent.CANCEL)
        await self._database.jobs.cancel_queued(run, self._clock.now())

    async def retry(self, operator: Operator, run: str, policy: AccountPolicy | None = None) -> Run:
        """Begin the failed jobs of a run again, with other accounts where `policy` says: of one
        that is open in that same run, which goes on meanwhile.
        """
        require(operator, Role.OPERATOR)
        found = await self.get(run)
        unheard = () if policy is None else await self._unheard(found)
        rev = await self._rev_for_retry(found, policy, unheard=unheard)
        if found.is_open():
            await self._database.runs.replan(run, policy)
        else:
            await self._reopen(found, policy, rev)
        await self._database.accounts.recount_full()
        await self._database.jobs.retry_failed(run, policy)
        if policy is not None and unheard:
            await self._database.jobs.listen_again(run, unheard, policy)
        await self._database.runs.replan(run)
        touched = await self._database.runs.touch(run) or found
        return touched if touched.is_open() else await self._reopen(touched, policy, rev)

    async def crew(self, operator: Operator) -> list[Account]:
        """Who might do it instead, the default account first."""
        require(operator, Role.OPERATOR)
        crew = await self._database.accounts.all()
        return sorted(crew, key=lambda one: (not one.is_default, one.id))

    async def policy_of(self, account: str) -> AccountPolicy:
        """The policy of a pressed button: `auto`, or the number of an account that can work."""
        if account == "auto":
            return AccountPolicy()
        found = await self._database.accounts.get(int(account)) if account.isdigit() else None
        if found is None:
            raise BotError("wizard-account-gone")
        if not found.can_work():
            raise cannot_work(found)
        return AccountPolicy.pinned(found.id)

    async def latest(self, run: str) -> list[tuple[Chat, Message]]:
        """The newest messages that are stored of the run's chats, newest first."""
        found: list[tuple[Chat, Message]] = []
        for chat, box in await self.chats(await self.get(run)):
            messages = await self._database.messages.latest(chat.id, box, limit=LATEST)
            found.extend((chat, message) for message in messages)
        return sorted(found, key=lambda pair: pair[1].date, reverse=True)[:LATEST]

    async def jobs(self, run: Run) -> list[Job]:
        """The jobs of a run, in the order of its sources."""
        return await self._database.jobs.of_run(run.id)

    async def chats(self, run: Run) -> list[tuple[Chat, str]]:
        """The chats of a run that were reached, each with the box of its messages."""
        readers = {
            job.chat: job.account or 0
            for job in await self._database.jobs.of_run(run.id)
            if job.chat is not None
        }
        found = [(await self._database.chats.get(chat), reader) for chat, reader in readers.items()]
        return [(chat, chat.box(reader)) for chat, reader in found if chat is not None]

    async def messages(self, run: Run, chat: Chat, box: str) -> AsyncIterator[Message]:
        """What is stored of a chat within what the run was to read, oldest first."""
        history, lo = run.spec.history, await self._lowest(run, chat, box)
        stream = self._database.messages.stream(
            chat.id, box, since=history.since, until=history.until, lo=lo
        )
        async for message in stream:
            yield message

    async def undecoded(self, run: Run) -> int:
        """How many messages `messages` leaves out, since this version does not understand them."""
        history, count = run.spec.history, 0
        for chat, box in await self.chats(run):
            count += await self._database.undecoded.count(
                chat.id,
                box,
                lo=await self._lowest(run, chat, box),
                since=history.since,
                until=history.until,
            )
        return count

    async def _lowest(self, run: Run, chat: Chat, box: str) -> int:
        history = run.spec.history
        lo = history.from_id or 1
        if history.limit is None:
            return lo
        newest = self._database.messages.nth_newest
        return await newest(chat.id, box, lo=lo, hi=2**31, n=history.limit) or lo

    async def coverage(self, run: str, page: int = 0) -> CoveragePage:
        """How much is stored of the chats of a run, a page of them; a number beyond the last gives
        the last. Raises Gone.
        """
        found = await self.get(run)
        chats = await self.chats(found)
        pages = max((len(chats) + COVERED - 1) // COVERED, 1)
        page = min(page, pages - 1)
        shown = chats[page * COVERED : (page + 1) * COVERED]
        measured = tuple(await self._measured(found, shown))
        return CoveragePage(run=found, found=measured, page=page, pages=pages)

    async def _measured(
        self, run: Run, chats: Sequence[tuple[Chat, str]]
    ) -> list[tuple[Chat, Coverage]]:
        tops: dict[int, int] = {}
        for job in await self._database.jobs.of_run(run.id):
            if job.chat is not None:
                tops[job.chat] = max(tops.get(job.chat, 0), job.top_id or 0)
        measured = self._database.coverages.of_chat
        topic = run.spec.history.topic
        return [
            (chat, await measured(chat.id, box, top=tops.get(chat.id), topic=topic))
            for chat, box in chats
        ]

    async def repair(self, operator: Operator, run: str) -> Run:
        """A new run of the task that reads what is unknown of this one's chats, whatever the task's
        limit and dates; more jobs of this very run where it listens. Raises BotError while the task
        reads.
        """
        require(operator, Role.OPERATOR)
        found = await self.get(run)
        task = await self._check_task(found)
        if found.is_open():
            return await self._repair_open(found)
        spec = repairing(found, await self._database.jobs.of_run(run))
        now = self._clock.now()
        opened = await self._database.runs.open(replace(task, spec=spec), due=now, now=now)
        if opened is None:
            raise await self._refusal(found, task.rev)
        return opened

    async def shown(self, run: Run) -> tuple[Run, list[Job]]:
        """The run and its jobs as they are shown: private chats by their titles."""
        jobs = await self.jobs(run)
        titles = (await find_titles(self._database, [run], {run.id: jobs})).get(run.id, {})
        return titled_run(run, titles), titled_jobs(jobs, titles)

    async def total(self, run: Run) -> int:
        """How many messages of the run's chats are stored, whatever their dates."""
        stored = self._database.tallies.stored
        counts = [await stored(chat.id, box) for chat, box in await self.chats(run)]
        limit = run.spec.history.limit
        return sum(count if limit is None else min(count, limit) for count in counts)

    async def _repair_open(self, run: Run) -> Run:
        """Queue what reads the unknown beside what the run does."""
        _check_going(run)
        jobs, now = await self._database.jobs.of_run(run.id), self._clock.now()
        reads = any(job.step is Step.HISTORY and job.state not in ENDED for job in jobs)
        if reads or not (run.continues or listens(jobs)):
            raise BotError("error-running-already", number=str(run.number))
        more, last = repair_jobs(run, jobs, now), max((job.vt for job in jobs), default=0.0)
        await self._database.jobs.add(more, weight=WEIGHTS[run.spec.priority], last=last)
        await self._database.runs.replan(run.id)
        touched = await self._database.runs.touch(run.id)
        if touched is None:
            await self._database.jobs.delete_of_runs([run.id])
            raise Gone("error-run-gone")
        if not touched.is_open():
            await self._database.jobs.cancel_queued(run.id, now)
            raise BotError("error-run-ended", number=str(run.number))
        return touched

    async def _unheard(self, run: Run) -> tuple[str, ...]:
        """The sources that an open run listens to and nobody hears."""
        if not run.is_open() or Step.LISTEN not in run.spec.steps:
            return ()
        told = listening_of(await self._database.subscriptions.of_run(run.id))
        return told.silent()

    async def _rev_for_retry(
        self, run: Run, policy: AccountPolicy | None, *, unheard: Sequence[str] = ()
    ) -> int:
        """The `rev` of the task as it is when the retry begins; its next runs follow `policy`."""
        task = await self._check_task(run)
        _check_going(run)
        jobs = await self._database.jobs.of_run(run.id)
        if not unheard and not any(job.state is JobState.FAILED for job in jobs):
            key = "error-running-already" if run.is_open() else "error-nothing-failed"
            raise BotError(key, number=str(run.number))
        if policy is None:
            return task.rev
        if not await self._database.tasks.set_policy(task.id, policy, rev=task.rev):
            raise BotError("error-edited-meanwhile")
        return task.rev + 1

    async def _check_task(self, run: Run) -> Task:
        task = await self._database.tasks.get(run.task)
        if task is None or task.state is TaskState.DELETING:
            raise Gone("error-task-gone")
        return task

    async def _reopen(self, run: Run, policy: AccountPolicy | None, rev: int) -> Run:
        reopened = await self._database.runs.reopen(run.id, self._clock.now(), policy, rev=rev)
        if reopened is None:
            raise await self._refusal(run, rev)
        return reopened

    async def _refusal(self, run: Run, rev: int) -> BotError:
        """Why no run was opened. Raises Gone."""
        task = await self._check_task(run)
        if task.rev != rev:
            return BotError("error-edited-meanwhile")
        return BotError("error-running-already", number=str(run.number))


def _check_going(run: Run) -> None:
    """What was stopped or paused begins nothing more."""
    if run.is_open() and run.intent is Intent.CANCEL:
        raise BotError("error-stopping-already", number=str(run.number))
    if run.is_open() and run.intent is Intent.PAUSE:
        raise BotError("error-paused", number=str(run.number))
