"""What may be done with a run. No Telegram in here."""

from collections.abc import AsyncIterator
from dataclasses import replace

from bot.access import cannot_work, require
from bot.errors import BotError, Gone
from core.account import Account
from core.chat import Chat
from core.clock import Clock
from core.coverage import Coverage
from core.job import Job, JobState
from core.message import Message
from core.operator import Operator, Role
from core.repair import repairing
from core.run import Intent, Run
from core.task import AccountPolicy, TaskState
from db.database import Database

LATEST = 5


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
        """Begin the failed jobs of an ended run again, with other accounts where `policy` says."""
        require(operator, Role.OPERATOR)
        found = await self.get(run)
        if found.is_open():
            raise BotError("error-running-already", number=str(found.number))
        await self._check_retry(found)
        if policy is not None:
            await self._database.tasks.set_policy(found.task, policy)
        reopened = await self._reopen(found, policy)
        await self._database.jobs.retry_failed(run, policy)
        touched = await self._database.runs.touch(run) or reopened
        return touched if touched.is_open() else await self._reopen(touched, policy)

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

    async def chats(self, run: Run) -> list[tuple[Chat, str]]:
        """The chats of a run that were reached, each with the box of its messages."""
        found: dict[int, tuple[Chat, str]] = {}
        for job in await self._database.jobs.of_run(run.id):
            chat = await self._chat(job)
            if chat is not None:
                found[chat.id] = (chat, chat.box(job.account or 0))
        return list(found.values())

    async def messages(self, run: Run, chat: Chat, box: str) -> AsyncIterator[Message]:
        """What is stored of a chat within what the run was to read, oldest first."""
        history = run.spec.history
        lo = history.from_id or 1
        if history.limit is not None:
            newest = self._database.messages.nth_newest
            lo = await newest(chat.id, box, lo=lo, hi=2**31, n=history.limit) or lo
        stream = self._database.messages.stream(
            chat.id, box, since=history.since, until=history.until, lo=lo
        )
        async for message in stream:
            yield message

    async def coverage(self, run: Run) -> list[tuple[Chat, Coverage]]:
        """How much is stored of each chat of a run."""
        tops: dict[int, int] = {}
        for job in await self._database.jobs.of_run(run.id):
            if job.chat is not None:
                tops[job.chat] = max(tops.get(job.chat, 0), job.top_id or 0)
        measured = self._database.coverages.of_chat
        topic = run.spec.history.topic
        return [
            (chat, await measured(chat.id, box, top=tops.get(chat.id), topic=topic))
            for chat, box in await self.chats(run)
        ]

    async def repair(self, operator: Operator, run: str) -> Run:
        """A new run of the task that reads what is unknown of this one's chats, whatever the task's
        limit and dates. Raises BotError while the task runs.
        """
        require(operator, Role.OPERATOR)
        found = await self.get(run)
        task = await self._database.tasks.get(found.task)
        if task is None or task.state is TaskState.DELETING:
            raise Gone("error-task-gone")
        spec = repairing(found, await self._database.jobs.of_run(run))
        now = self._clock.now()
        opened = await self._database.runs.open(replace(task, spec=spec), due=now, now=now)
        if opened is None:
            raise BotError("error-running-already", number=str(found.number))
        return opened

    async def total(self, run: Run) -> int:
        """How many messages of the run's chats are stored, whatever their dates."""
        counts = [
            await self._database.messages.count(chat.id, box) for chat, box in await self.chats(run)
        ]
        limit = run.spec.history.limit
        return sum(count if limit is None else min(count, limit) for count in counts)

    async def _check_retry(self, run: Run) -> None:
        task = await self._database.tasks.get(run.task)
        if task is None or task.state is TaskState.DELETING:
            raise Gone("error-task-gone")
        jobs = await self._database.jobs.of_run(run.id)
        if not any(job.state is JobState.FAILED for job in jobs):
            raise BotError("error-nothing-failed", number=str(run.number))

    async def _reopen(self, run: Run, policy: AccountPolicy | None) -> Run:
        reopened = await self._database.runs.reopen(run.id, self._clock.now(), policy)
        if reopened is None:
            raise BotError("error-running-already", number=str(run.number))
        return reopened

    async def _chat(self, job: Job) -> Chat | None:
        return None if job.chat is None else await self._database.chats.get(job.chat)
