"""Jobs: units of a run that one account can do."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.options import HistoryOptions
from core.task import Step


class JobState(StrEnum):
    """Where a job is; the last four are endings."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.SKIPPED})

MAX_ATTEMPTS = 5
"""Claims without progress after which a job is failed."""


class Family(StrEnum):
    """Groups of Telegram methods that share a budget."""

    HISTORY = "history"
    RESOLVE = "resolve"
    INFO = "info"
    SEARCH = "search"
    BOT = "bot"
    JOIN = "join"
    MESSAGES = "messages"
    DIALOGS = "dialogs"
    MEDIA = "media"
    CONNECT = "connect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """How many files are not kept, by the reasons of `core.media.Skip`."""

    protected: int = 0
    expiring: int = 0
    too_large: int = 0
    gone: int = 0
    replaced: int = 0
    unavailable: int = 0
    no_room: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Counts of messages. `read` = `new` + `known`; `total`: Telegram's estimate.

    `found`: groups that a search found; `files`: media that is kept; `skipped`: media that is not;
    `undecoded`: messages that are stored and not understood, which `read` leaves out.
    """

    read: int = 0
    new: int = 0
    known: int = 0
    total: int | None = None
    found: int = 0
    files: int = 0
    skipped: Skipped = Skipped()
    undecoded: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Why work does not go on (a key of the locale files), and until when if that is known."""

    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a job failed: a key of the locale files and what its text may name."""

    reason: str
    detail: dict[str, str] = field(default_factory=dict)


class Note(StrEnum):
    """What is worth saying of a job that went well: each has its words in the locale files."""

    ALREADY_MEMBER = "already_member"
    POLLED = "listens_by_polling"
    NO_COMMENTS = "no_comments"
    PAGES_MISSING = "pages_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalCounts:
    """What a job has to tell with its end: its counts, its chat and the newest id, and a note."""

    progress: Progress
    chat: int | None
    top_id: int | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKey:
    """The right to write a running job: stale (account, token) pairs match nothing."""

    job: str
    account: int
    token: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Onward:
    """What a history job found that others are to read after it: another chat that belongs to its
    source, or with `parts` these ranges of ids of its own `chat`, a job each. `keys`: who may.
    """

    source: str
    keys: tuple[str, ...]
    chat: int | None = None
    parts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One step on one source. `keys` say who may take it, `family` what it calls first.

    `source` is what the step works on: a canonical source, or the words of a search, whose `place`
    is a bot or `telegram`. `part`: only these message ids, both included, of a source that several
    accounts share. `onward`: what is to be read after it has ended well. `note`: a `Note`, of a job
    that went well. `expects`: the chat that the operator saw behind the source. `hold`: its run is
    paused, so nobody may claim it. `next_call`: the family that it calls next, where it was stopped
    by the wait for that.
    """

    id: str
    run: str
    task: str
    step: Step
    source: str
    options: HistoryOptions
    keys: tuple[str, ...]
    family: Family
    state: JobState
    created_at: datetime
    place: str | None = None
    part: tuple[int, int] | None = None
    vt: float = 0.0
    hold: bool = False
    account: int | None = None
    token: int | None = None
    attempts: int = 0
    progress: Progress = field(default_factory=Progress)
    wait: Wait | None = None
    failure: Failure | None = None
    note: str | None = None
    onward: tuple[Onward, ...] = ()
    next_call: Family | None = None
    chat: int | None = None
    expects: int | None = None
    top_id: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None

    def key(self) -> JobKey:
        """The key of its present holder; raises ValueError when nobody holds it."""
        if self.account is None or self.token is None:
            raise ValueError(f"job {self.id} is not held")
        return JobKey(job=self.id, account=self.account, token=self.token)

    def is_pinned(self) -> bool:
        """Whether exactly one account may take it."""
        return len(self.keys) == 1 and self.keys[0].startswith("a")

    def may_be_taken_by(self, account: int) -> bool:
        """Whether `keys` name the account, or any."""
        return "*" in self.keys or f"a{account}" in self.keys
