"""What the wizard may do with a draft. No Telegram in here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from bot.access import cannot_work, require
from bot.errors import BotError, Gone
from bot.features.newtask import adding, pool, search
from bot.features.newtask.answers import lines_of
from bot.features.newtask.crew import asker, check, preselect
from bot.features.newtask.draft import Draft, copy_of, draft_of
from bot.features.newtask.lines import SourceLine, SourceState, as_seen, named
from bot.features.newtask.presets import STEPS, Preset, joining_first
from core.account import Account
from core.chat import Chat
from core.clock import Clock
from core.links import BadSource, is_invite
from core.operator import Operator, Role
from core.options import HistoryOptions, SearchOptions
from core.run import Card, Run
from core.schedule import next_due
from core.task import AccountPolicy, Schedule, ScheduleKind, Step, Task
from db.database import Database

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Everything that the first page of the wizard shows. `crew`: all accounts by number."""

    draft: Draft
    lines: tuple[SourceLine, ...]
    account: Account | None
    ready: int
    next_due: datetime | None
    now: datetime
    crew: Mapping[int, Account] = field(default_factory=dict)

    def unknown(self) -> list[SourceLine]:
        """The sources that have to be removed or replaced."""
        return [line for line in self.lines if line.state is SourceState.UNKNOWN]

    def closed(self) -> list[SourceLine]:
        """The sources that nobody can read, since nobody joins them either."""
        if self.draft.does(Step.JOIN):
            return []
        return [line for line in self.lines if line.state is SourceState.CLOSED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What Start made: always a task, and a run where one begins at once."""

    task: Task
    run: Run | None


class WizardService:
    """Drafts become tasks here, and nowhere else."""

    def __init__(
        self, database: Database, clock: Clock, zone: ZoneInfo, bots: Sequence[str] = ()
    ) -> None:
        self._database = database
        self._clock = clock
        self.zone = zone
        self.bots = tuple(f"@{bot.lstrip('@')}" for bot in bots)

    async def open(
        self, operator: Operator, text: str, origin: str | None = None
    ) -> tuple[Draft, tuple[BadSource, ...]]:
        """A draft with sensible defaults and the sources named in `text`."""
        require(operator, Role.OPERATOR)
        account, instead = preselect(await self._database.accounts.all())
        places = SearchOptions(places=search.default_places(self.bots))
        draft = Draft(account=account, instead_of_default=instead, search=places)
        return await self.add_sources(draft, text, origin)

    async def open_with(self, operator: Operator, sources: Sequence[str]) -> Draft:
        """A draft that reads these sources, and joins first where a link is an invite."""
        draft, _ = await self.open(operator, "\n".join(sources))
        invited = any(is_invite(source) for source in sources)
        return self.join_first(draft) if invited else draft

    def choose(self, draft: Draft, preset: Preset) -> Draft:
        """The draft that takes these steps; what they do not need is kept for another choice."""
        return replace(draft, steps=STEPS[preset])

    def join_first(self, draft: Draft) -> Draft:
        """The draft that joins its sources before it reads them."""
        return replace(draft, steps=joining_first(draft.steps))

    async def edit(self, operator: Operator, task: str) -> Draft:
        """The draft that edits a task. Raises Gone."""
        require(operator, Role.OPERATOR)
        found = await self._database.tasks.get(task)
        if found is None:
            raise Gone("error-task-gone")
        return await self._ask(draft_of(found), found.spec.sources)

    async def copy(self, operator: Operator, task: str) -> Draft:
        """The draft of a new task like this one; a time that has passed is not copied. Raises
        Gone.
        """
        require(operator, Role.OPERATOR)
        found = await self._database.tasks.get(task)
        if found is None:
            raise Gone("error-task-gone")
        draft = copy_of(found)
        passed = found.schedule.at is not None and found.schedule.at <= self._clock.now()
        draft = replace(draft, schedule=Schedule()) if passed else draft
        return await self._ask(draft, found.spec.sources)

    async def add_sources(
        self, draft: Draft, text: str, origin: str | None = None
    ) -> tuple[Draft, tuple[BadSource, ...]]:
        """The draft with the sources of `text` added and being looked up, and what is none, as
        `adding.added` tells them apart. Raises BotError beyond what may wait.
        """
        changed, bad = adding.added(draft, text, origin)
        return await self.fill(changed), bad

    async def fill(self, draft: Draft) -> Draft:
        """The draft with as many of its waiting sources as there is room for."""
        filled, new = adding.filled(draft)
        return await self._ask(filled, new) if new else draft

    async def take_asked(self, draft: Draft, pressed: str) -> Draft:
        """The draft with the source that was asked about (its `tag`)."""
        return await self.fill(adding.taken(draft, pressed))

    async def use_instead(self, draft: Draft, suggestion: str) -> Draft:
        """The draft with a suggested chat in the place of the unknown source."""
        for line in (await self.review(draft)).unknown():
            if any(_name(chat) == suggestion for chat in line.suggestions):
                return await self._ask(draft.replaced(line.source, suggestion), [suggestion])
        raise BotError("error-stale")

    async def choose_account(self, draft: Draft, account: int | None) -> Draft:
        """The draft done by `account`, or balanced (None). Raises where it cannot work now."""
        if account is not None and not (found := await self._account(account)).can_work():
            raise cannot_work(found)
        return replace(draft, account=account, pool=(), instead_of_default=False)

    async def tick(self, draft: Draft, account: int, *, on: bool) -> Draft:
        """The draft with an account ticked for its pool, or not. Raises where it is dead."""
        if on:
            check(AccountPolicy.pinned(account), {account: await self._account(account)})
        return pool.ticked(draft, account, on=on)

    def with_history(self, draft: Draft, history: HistoryOptions) -> Draft:
        """The draft that reads this much; what else is asked of a history stays."""
        amount = replace(
            draft.history,
            limit=history.limit,
            since=history.since,
            last=history.last,
            until=history.until,
            from_id=history.from_id,
        )
        return replace(draft, history=amount)

    def with_schedule(self, draft: Draft, schedule: Schedule) -> Draft:
        """The draft that fires so."""
        return replace(draft, schedule=schedule)

    async def accounts(self) -> list[Account]:
        """The crew: who can work first, the default one before all."""
        crew = await self._database.accounts.all()
        return sorted(crew, key=lambda one: (not one.can_work(), not one.is_default, one.id))

    def now(self) -> datetime:
        """The time."""
        return self._clock.now()

    async def review(self, draft: Draft) -> Review:
        """Where the draft stands."""
        crew = {account.id: account for account in await self._database.accounts.all()}
        now = self._clock.now()
        return Review(
            draft=draft,
            lines=await self._lines(draft),
            account=None if draft.account is None else crew.get(draft.account),
            ready=sum(account.can_work() for account in crew.values()),
            next_due=next_due(draft.schedule, now),
            now=now,
            crew=crew,
        )

    async def on_its_chats(self, draft: Draft) -> list[Task]:
        """The other tasks on chats of the draft, as far as these are known; the newest first."""
        lines = await self._lines(draft)
        chats = {line.chat.id for line in lines if line.chat is not None}
        reached = [one for chat in chats for one in await self._database.claims.tasks_of(chat)]
        naming = await self._database.tasks.naming(draft.sources)
        found = {task.id: task for task in naming} | await self._database.tasks.of_ids(reached)
        found.pop(draft.key, None)
        return sorted(found.values(), key=lambda task: -task.number)

    async def pending(self, draft: Draft) -> bool:
        """Whether an answer about a source may still come."""
        return any(line.state is SourceState.ASKED for line in await self._lines(draft))

    async def start(self, operator: Operator, draft: Draft, card: Card) -> Started:
        """Make the task and, if it begins now, its run, which `card` shows. Twice is once."""
        require(operator, Role.OPERATOR)
        draft = as_seen(draft, await self._check(draft))
        now = self._clock.now()
        schedule = _anchored(draft.schedule, now)
        task = await self._database.tasks.add(
            owner=operator.id,
            chat=card.chat,
            spec=draft.spec(),
            schedule=schedule,
            next_due=next_due(schedule, now),
            now=now,
            key=draft.key,
        )
        log.debug("task.added", task=task.id)
        started = Started(task=task, run=await self._first_run(task, card))
        log.debug("run.opened", task=task.id)
        return started

    async def save(self, operator: Operator, draft: Draft) -> Task:
        """Store an edited task. Raises when it is gone, or somebody else edited it meanwhile."""
        require(operator, Role.OPERATOR)
        draft = as_seen(draft, await self._check(draft))
        now = self._clock.now()
        schedule = _anchored(draft.schedule, now)
        saved = await self._database.tasks.edit(
            draft.key,
            rev=draft.rev,
            spec=draft.spec(),
            schedule=schedule,
            next_due=next_due(schedule, now),
        )
        if (task := await self._database.tasks.get(draft.key)) is None:
            raise Gone("error-task-gone")
        if not saved:
            raise BotError("error-edited-meanwhile")
        return task

    async def _check(self, draft: Draft) -> Sequence[SourceLine]:
        if draft.does(Step.SEARCH) and not draft.search.words:
            raise BotError("wizard-no-words")
        if not draft.is_begun():
            raise BotError("wizard-no-sources")
        history = draft.history
        if (history.topic or history.from_id) and len(draft.sources) != 1:
            raise BotError("wizard-link-one-source")
        review = await self.review(draft)
        if unknown := review.unknown():
            raise BotError(adding.why_unknown(unknown[0]), source=named(unknown[0]))
        if closed := review.closed():
            raise BotError("wizard-closed-source", source=named(closed[0]))
        check(draft.policy(), review.crew)
        if not review.ready:
            raise BotError("wizard-nobody-ready")
        if draft.schedule.kind is ScheduleKind.AT and review.next_due is None:
            raise BotError("wizard-when-past")
        return review.lines

    async def _account(self, account: int) -> Account:
        found = await self._database.accounts.get(account)
        if found is None:
            raise BotError("reason-account_removed", account=str(account), number=str(account))
        return found

    async def _first_run(self, task: Task, card: Card) -> Run | None:
        if task.schedule.kind not in {ScheduleKind.NOW, ScheduleKind.EVERY}:
            return None
        due, runs, now = task.created_at, self._database.runs, self._clock.now()
        return await runs.open(task, due=due, now=now, card=card) or await runs.latest_of(task.id)

    async def _ask(self, draft: Draft, sources: Sequence[str]) -> Draft:
        lookup = await self._database.lookups.ask(sources, asker(draft))
        return replace(draft, lookups=(*draft.lookups, lookup))

    async def _lines(self, draft: Draft) -> tuple[SourceLine, ...]:
        return await lines_of(self._database, draft)


def _anchored(schedule: Schedule, now: datetime) -> Schedule:
    if schedule.kind is ScheduleKind.EVERY and schedule.anchor is None:
        return replace(schedule, anchor=now)
    return schedule


def _name(chat: Chat) -> str | None:
    return None if chat.username is None else f"@{chat.username.removeprefix('@').lower()}"
