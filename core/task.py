"""Tasks: what an operator asked for."""

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from core.message import DeletionPolicy
from core.options import HistoryOptions, JoinOptions, SearchOptions


class Step(StrEnum):
    """The steps of a task, in the order of the pipeline.

    No task names `media`: it follows each history whose options want files.
    """

    SEARCH = "search"
    JOIN = "join"
    HISTORY = "history"
    LISTEN = "listen"
    MEDIA = "media"


class TaskState(StrEnum):
    """`active`: its schedule may fire. `finished`: it was to run once, and did.

    `deleting`: it is as good as gone, and goes once its run has ended.
    """

    ACTIVE = "active"
    PAUSED = "paused"
    FINISHED = "finished"
    DELETING = "deleting"


class PolicyKind(StrEnum):
    """Which accounts may take a task's jobs."""

    PINNED = "pinned"
    POOL = "pool"
    AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPolicy:
    """Which accounts may work: one (`pinned`), some (`pool`) or every ready one (`auto`)."""

    kind: PolicyKind = PolicyKind.AUTO
    accounts: tuple[int, ...] = ()

    @classmethod
    def pinned(cls, account: int) -> "AccountPolicy":
        """The policy that names one account."""
        return cls(kind=PolicyKind.PINNED, accounts=(account,))

    @classmethod
    def pool(cls, *accounts: int) -> "AccountPolicy":
        """The policy that names several accounts, each of which may work."""
        return cls(kind=PolicyKind.POOL, accounts=accounts)

    def allows(self, account: int) -> bool:
        """Whether `account` may take the jobs."""
        return self.kind is PolicyKind.AUTO or account in self.accounts

    def keys(self) -> tuple[str, ...]:
        """What a job of this policy is queued under: `a7` for an account, `*` for any."""
        if self.kind is PolicyKind.AUTO:
            return ("*",)
        return tuple(f"a{account}" for account in self.accounts)


class ScheduleKind(StrEnum):
    """When a task fires."""

    NOW = "now"
    AT = "at"
    EVERY = "every"
    DAILY = "daily"
    CRON = "cron"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours of every day in which nothing fires, as wall times; `end` before `start`: overnight."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a task fires. `at` is UTC; `daily_at`, `cron` (five fields, as `core.cron` reads them)
    and `quiet` are wall time in `time_zone` (an IANA name). After `ends_at` (UTC) nothing fires.
    """

    kind: ScheduleKind = ScheduleKind.NOW
    at: datetime | None = None
    every: timedelta | None = None
    daily_at: time | None = None
    time_zone: str = "UTC"
    anchor: datetime | None = None
    cron: str | None = None
    quiet: Quiet | None = None
    ends_at: datetime | None = None

    def repeats(self) -> bool:
        """Whether it fires more than once."""
        return self.kind in {ScheduleKind.EVERY, ScheduleKind.DAILY, ScheduleKind.CRON}


class Priority(StrEnum):
    """How large a share of the crew a task's jobs get while they wait for one another."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


WEIGHTS = {Priority.LOW: 0.25, Priority.NORMAL: 1.0, Priority.HIGH: 4.0}
"""Shares by priority: virtual time passes `1 / weight` as fast for a task's jobs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenChat:
    """The chat that the operator saw behind a source: a name may move to another one."""

    source: str
    chat: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTitle:
    """What is behind a source that tells nothing by itself: an invite link or an id."""

    source: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """The part of a task that a run freezes. `sources` are canonical, as `core.links` makes them.

    With the step `search` the chosen ones of what is found are sources, too. `keep_days`: messages
    of its chats that are older are deleted; `deletions`: what becomes of those that Telegram
    deletes. Both are wishes for its chats: of several tasks the strictest counts. `seen`: what the
    sources were when the operator looked; nothing of those that could not be looked up. `titles`:
    what private sources are called, those that nobody had entered then included.
    """

    sources: tuple[str, ...]
    steps: tuple[Step, ...] = (Step.HISTORY,)
    policy: AccountPolicy = field(default_factory=AccountPolicy)
    search: SearchOptions = field(default_factory=SearchOptions)
    join: JoinOptions = field(default_factory=JoinOptions)
    history: HistoryOptions = field(default_factory=HistoryOptions)
    priority: Priority = Priority.NORMAL
    keep_days: int | None = None
    deletions: DeletionPolicy = DeletionPolicy.MIRROR
    seen: tuple[SeenChat, ...] = ()
    titles: tuple[SourceTitle, ...] = ()

    def seen_behind(self, source: str) -> SeenChat | None:
        """The chat that the operator saw behind a source."""
        return next((one for one in self.seen if one.source == source), None)

    def at(self, now: datetime) -> "TaskSpec":
        """The spec as a run that begins `now` freezes it: what is to be read of the last days
        reaches back from now, and what would be deleted is not read.
        """
        history = self.history
        since = history.since if history.last is None else now - history.last
        if self.keep_days is not None:
            oldest = now - timedelta(days=self.keep_days)
            since = oldest if since is None else max(since, oldest)
        return replace(self, history=replace(history, since=since))


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What an operator asked for. `number` is what people see (`#12`); `rev` grows with each edit.

    `chat` is the Telegram chat where its cards appear; `next_due` the next time its schedule fires.
    `purge`: while it is being deleted, the messages of chats that it alone named go, too.
    """

    id: str
    number: int
    owner: int
    chat: int
    spec: TaskSpec
    schedule: Schedule
    state: TaskState
    created_at: datetime
    rev: int = 1
    next_due: datetime | None = None
    purge: bool = False
